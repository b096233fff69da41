// SPDX-License-Identifier: Apache-2.0
// All memory of a device: regions, who owns what, how low it has been. Background: docs/memory.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "takt/core/base/exclusion.h"
#include "takt/core/memory/allocator.h"
#include "takt/core/memory/snapshot.h"
#include "takt/core/memory/tags.h"
#include "takt/core/memory/tlsf.h"

namespace takt {

enum class RegionKind : std::uint8_t { kInternal, kDma, kExternal };

struct RegionSpec {
  std::string_view name;  ///< A word in static storage.
  RegionKind kind;
  bool dma_capable;  ///< Placement::kDma may lie here. True for every region of kind kDma.
  std::size_t bytes;
};

enum class Refusal : std::uint8_t {
  kRoom,   ///< No free block is large enough.
  kLimit,  ///< The tag would have exceeded its limit.
  kFault,  ///< On purpose, by set_faults().
};

struct RefusedRequest {
  MemoryRequest request;
  Refusal reason;
  std::uint32_t tag_failures;  ///< Of the tag since boot, this one included.
};

/// Internal memory fell below the threshold.
struct Trip {
  Tag tag;          ///< The owner of the allocation.
  std::size_t low;  ///< The lowest internal free since the tripwire was armed.
  std::size_t threshold;
};

/// Called in the context of the allocation, after it, while nothing is held. Must not allocate from
/// the Memory that tells, and must not wait for what an allocating context may hold.
class MemoryObserver {
 public:
  virtual void on_refusal(const RefusedRequest& refused) = 0;
  virtual void on_trip(const Trip& trip) = 0;

 protected:
  ~MemoryObserver() = default;
};

/// Allocator over the regions of a board.
///
/// Each block's header names its tag, so a tag's figures are exact and cost no memory per block.
/// Peaks, minima and windows are kept at every operation, in constant time; nothing walks a heap.
///
/// Context.  Any task, not an interrupt. Set-up (add_..., set_observer) comes before the others.
/// Cost.     Bounded, independent of the number of blocks; reallocate() may copy once.
/// Errors.   A request that finds no room, or lifts its tag over the limit, gets null, is counted
///           and reported; the device goes on.
class Memory final : public Allocator {
 public:
  static constexpr std::size_t kMaxRegions = 4;  ///< One of each kind and one to spare.
  static constexpr std::size_t kRecent = 16;     ///< Allocations that a region remembers.
  static constexpr std::size_t kMaxWindows = 4;  ///< Readers: portal, MQTT, console, harness.

  struct Recent {
    Tag tag;
    std::size_t bytes;  ///< As asked for.
  };

  struct Window {
    Extremes chip;  ///< Internal and DMA regions together, as hf and hl of a MemorySnapshot.
    Extremes internal;
    Extremes external;
  };

  explicit Memory(Exclusion& exclusion) : exclusion_(exclusion) { add_tag({"other"}); }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  /// `storage`, of spec.bytes bytes, belongs to this from now on. `granularity`: see Tlsf.
  void add_region(const RegionSpec& spec, std::span<std::byte> storage, std::size_t granularity);
  Tag add_tag(const TagSpec& spec);
  void set_observer(MemoryObserver* observer) { observer_ = observer; }

  /// Refuses requests on purpose, counted from now; growing in place counts as a request.
  void set_faults(FaultPlan plan);

  /// From now on core allocates nothing: a request with a start_only tag fails TAKT_ASSERT.
  void lock() { locked_ = true; }

  void* allocate(const MemoryRequest& request) override;
  void free(void* block) override;
  void* reallocate(void* block, std::size_t bytes, Placement placement, std::size_t align) override;
  std::size_t usable_size(const void* block) const override;

  Tag tag_of(const void* block) const;
  std::string_view region_name_of(const void* block) const { return region_of(block).spec.name; }

  /// The observer hears, once, when internal memory falls below `threshold` (bytes; 0: never).
  /// Earlier minima do not count, so arming again waits for the next fall.
  void arm(std::size_t threshold);

  /// Gives the event of an armed tripwire without an allocation, if memory has been low since it
  /// was armed and there is an observer. The caller makes the report.
  std::optional<Trip> take_trip();

  MemorySnapshot snapshot() const;
  TagFigures figures(Tag tag) const;
  std::size_t tag_count() const { return tag_count_; }
  std::size_t region_count() const { return region_count_; }
  const RegionSpec& region(std::size_t index) const { return regions_[index].spec; }
  std::size_t capacity(std::size_t region) const { return regions_[region].heap->capacity(); }
  std::uint32_t live_blocks() const;

  /// The last allocations of a region, newest first.
  std::size_t recent(std::size_t region, std::span<Recent> out) const;

  /// Each reader has its own window: reading one does not restart another's.
  /// At most kMaxWindows; the identifier is valid for good.
  std::size_t open_window();
  Window read_window(std::size_t window);

  /// Walks every heap, for tests: true if all structures agree.
  bool check() const;

 private:
  struct Region {
    RegionSpec spec{};
    std::optional<Tlsf> heap;
    std::array<Recent, kRecent> recent{};
    std::uint32_t allocations = 0;
  };

  // Of all regions of one kind.
  struct Level {
    std::size_t free = 0;
    std::size_t min = 0;
    std::size_t largest = 0;
  };

  const Region& region_of(const void* block) const;
  Region& region_of(const void* block);
  Level& level(RegionKind kind) { return levels_[static_cast<std::size_t>(kind)]; }
  const Level& level(RegionKind kind) const { return levels_[static_cast<std::size_t>(kind)]; }
  std::size_t chip_free() const;
  std::size_t chip_largest() const;
  std::size_t find_largest(RegionKind kind) const;
  Window now() const;
  static void note(Window& window, const Window& other);
  void settle_windows();

  void* allocate_held(const MemoryRequest& request, Refusal& reason);
  void* allocate_in(RegionKind kind, const MemoryRequest& request, Refusal& reason);
  void* take_from(Region& region, const MemoryRequest& request, Refusal& reason);
  bool resize_held(void* block, std::size_t bytes);
  void account(Region& region, std::size_t free_before, Tag tag);
  void charge(const Region& region, Tag tag, std::size_t span);
  void discharge(const Region& region, Tag tag, std::size_t span);
  std::optional<Trip> trip_held();

  Exclusion& exclusion_;
  MemoryObserver* observer_ = nullptr;
  std::array<Region, kMaxRegions> regions_;
  std::size_t region_count_ = 0;
  std::array<TagFigures, kMaxTags> tags_;
  std::uint32_t start_only_ = 0;  // Bit i: tag i.
  std::size_t tag_count_ = 0;
  std::array<Level, 3> levels_;  // By RegionKind.
  std::size_t heap_min_ = 0;     // Of internal and DMA regions together.
  Window window_{};              // Since any reader last read.
  std::array<Window, kMaxWindows> readers_{};
  std::size_t reader_count_ = 0;
  std::size_t threshold_ = 0;
  std::size_t low_ = 0;  // Lowest internal free since arm().
  Tag low_tag_{};
  FaultPlan faults_{};
  std::uint32_t requests_ = 0;  // Since set_faults().
  bool armed_ = false;
  bool locked_ = false;
};
static_assert(sizeof(void*) > 4 || sizeof(Memory) <= 2'200, "RAM budget: docs/memory.md");

}  // namespace takt
