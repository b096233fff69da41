// SPDX-License-Identifier: Apache-2.0
// Preallocated, reference-counted message slots in several sizes.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "takt/core/base/status.h"
#include "takt/core/base/time.h"
#include "takt/core/base/waiter.h"
#include "takt/core/bus/event.h"
#include "takt/core/bus/ledger.h"
#include "takt/core/bus/slot.h"

namespace takt::bus {

class Pool;
struct SizeClass;

/// A free list's head in one word: number of the top slot plus 1 (0: none) in the low bits, and a
/// tag that every change increments, so that a list that only looks unchanged is recognised.
class FreeHead {
 public:
  constexpr explicit FreeHead(std::uint32_t word) : word_(word) {}
  constexpr std::uint32_t top() const { return word_ & kIndexMask; }
  constexpr std::uint32_t with_top(std::uint32_t top) const {
    return ((word_ >> kIndexBits) + 1) << kIndexBits | top;
  }

 private:
  static constexpr unsigned kIndexBits = Handle::kSlotBits + 1;
  static constexpr std::uint32_t kIndexMask = (1U << kIndexBits) - 1;
  std::uint32_t word_;
};

/// Slots of one size that were added together: the unit in which a pool grows and shrinks.
struct Extent {
  alignas(kCacheLine) std::atomic<std::uint32_t> free_head{0};  ///< A FreeHead.
  alignas(kCacheLine) Pool* pool = nullptr;
  SizeClass* size_class = nullptr;
  Slot* slots = nullptr;
  std::span<std::byte> memory;
  std::uint32_t capacity = 0;             ///< Slots that the control memory has.
  std::atomic<std::uint32_t> entries{0};  ///< Slots in use by this extent; 0 when shrunk away.
};

struct SizeClass {
  static constexpr std::size_t kMaxExtents = 4;

  std::uint32_t payload_bytes = 0;
  std::atomic<std::uint32_t> extent_count{0};
  std::array<std::atomic<Extent*>, kMaxExtents> extents{};
  Event freed;
  std::atomic<std::uint32_t> failures{0};
};

/// Reference-counted slots, preallocated from memory that the caller gives.
///
/// Memory.   Control words lie in `control`, payloads in the spans given to add(): the first
///           belongs into internal memory, the second wherever there is room. No heap, ever.
/// Sizes.    A request is served by the smallest size that holds it, and by no other: if that is
///           exhausted the request fails, so that one kind of traffic never eats another's slots.
/// Context.  try_alloc(), release() and share() are lock-free and may be called from interrupts;
///           a retry means that somebody else got through. add() and shrink() belong to one task.
/// Faults.   Releasing or reading through a handle whose message is gone changes nothing and is
///           counted, in every build.
class Pool {
 public:
  static constexpr std::size_t kMaxClasses = 8;
  static constexpr std::size_t kMaxExtents = 16;
  /// Payloads start at multiples of this.
  static constexpr std::size_t kAlignment = 8;

  /// Faults of the programmer that were caught and made harmless, and clones refused.
  struct Faults {
    std::uint32_t double_releases = 0;  ///< Released, and not reused since.
    std::uint32_t stale_releases = 0;   ///< Released, and the slot serves another message.
    std::uint32_t stale_reads = 0;      ///< Payload asked for after the release.
    std::uint32_t late_releases = 0;    ///< By a module, of what its recovery had returned.
    std::uint32_t refused_clones = 0;   ///< Count saturated, module's share used up, or stale.
  };

  struct ClassUsage {
    std::uint32_t payload_bytes = 0;
    std::uint32_t total = 0;
    std::uint32_t in_use = 0;
    std::uint32_t peak = 0;
    std::uint32_t failures = 0;
  };

  /// `waiter` serves alloc_for(); without one, only try_alloc() may be used.
  explicit Pool(std::span<std::byte> control, Waiter* waiter = nullptr);
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  /// Requires that every loan and reference has been released.
  ~Pool();

  /// Bytes of control memory that `entries` slots of one add() take, alignment included.
  static constexpr std::size_t control_bytes(std::size_t entries) {
    return entries * sizeof(Slot) + alignof(Slot);
  }
  /// Bytes of payload memory that `entries` slots take, alignment included.
  static constexpr std::size_t memory_bytes(std::size_t payload_bytes, std::size_t entries) {
    return entries * stride(payload_bytes) + kAlignment - 1;
  }

  /// Makes as many slots of `payload_bytes` as `memory` holds. A size that exists already grows,
  /// at any time; a new size may be added only before the first allocation.
  /// - kOutOfRange: not even one slot fits, or payload_bytes is 0.
  /// - kNoMemory: control memory, slot numbers, sizes or extents are used up.
  Status add(std::uint32_t payload_bytes, std::span<std::byte> memory);

  /// Takes away what was added last to this size, if none of it is in use and `least` entries
  /// remain, and returns its memory; empty if there is nothing to take. Never takes what was added
  /// first. While it looks, an allocation may fail that would have succeeded.
  std::span<std::byte> shrink(std::uint32_t payload_bytes, std::uint32_t least = 0);

  /// A slot with one holder, the caller. Never waits. Null, with the reason in `why`:
  /// - kTooLarge: no size holds `bytes`; it is neither cut nor split.
  /// - kNoMemory: the size that holds it has no free slot, or `tally` is at its limit.
  Slot* try_alloc(std::uint32_t bytes, ModuleId source, Tally* tally, Status& why);

  /// As try_alloc(), but waits for a slot until now + timeout, one deadline for everything.
  /// - kTimeout: none came free.
  Slot* alloc_for(std::uint32_t bytes, ModuleId source, Tally* tally, LocalTime now, Micros timeout,
                  Status& why);

  /// Gives a loan back.
  static void drop(Slot& slot, Handle handle) {
    slot.borrower.store(kNobody, std::memory_order_relaxed);
    release(slot, handle);
  }

  /// Turns a loan into `count` references, one for each target. Requires one at least.
  static void raise(Slot& slot, Handle handle, std::uint32_t count) {
    // A plain store will do: nobody else holds a handle of this generation yet.
    slot.borrower.store(kNobody, std::memory_order_relaxed);
    slot.holders.store(Holders{handle.generation(), count}.word(), std::memory_order_relaxed);
  }

  /// Counts `n` more holders of a shared message. False, and counted, if the handle is stale or
  /// the count would leave its range: then the caller holds nothing new.
  static bool share(Handle handle, std::uint32_t n);

  /// Gives `n` references back; the last one frees the slot.
  static void release(Handle handle, std::uint32_t n = 1) {
    if (Slot* slot = SlotDirectory::find(handle); slot != nullptr) release(*slot, handle, n);
  }
  /// The same, for a caller that has found the slot already.
  static void release(Slot& slot, Handle handle, std::uint32_t n = 1);

  /// Gives back a reference that its owner had entered in the ledger.
  static void release_owned(Handle handle);

  /// Shares a message with `owner` and enters that in its ledger. The zero handle, and counted, if
  /// the module's share is used up or share() refuses.
  static Handle keep(Handle handle, ModuleId owner);

  /// The slot of a live message; null, and counted, if the handle is stale.
  static Slot* read(Handle handle) { return live(SlotDirectory::find(handle), handle); }
  /// The same for a message of this pool, without the detour through the directory.
  Slot* read_own(Handle handle) const {
    const std::uint32_t index = handle.slot() - first_number_;
    return live(index < slots_.size() ? &slots_[index] : nullptr, handle);
  }

  Ledger& ledger(ModuleId owner) { return ledgers_[owner]; }

  /// Returns what a module has borrowed and kept. Requires that its code no longer runs, or at
  /// least no longer reads messages. Returns how many slots and references that were.
  unsigned reclaim(ModuleId owner);

  std::size_t class_count() const { return class_count_; }
  /// Which size serves `bytes`; class_count() if none does.
  std::size_t class_index(std::uint32_t bytes) const;
  /// Slots that a size has now.
  std::uint32_t entries(std::size_t index) const;
  /// Counts by looking at every slot; for an ordinary task, not for an interrupt.
  ClassUsage usage(std::size_t index) const;
  Faults faults() const;
  Waiter* waiter() const { return waiter_; }

 private:
  static constexpr std::size_t stride(std::size_t payload_bytes) {
    return (payload_bytes + kAlignment - 1) / kAlignment * kAlignment;
  }

  static Slot* live(Slot* slot, Handle handle) {
    if (slot == nullptr) [[unlikely]]
      return nullptr;
    const Holders holders{slot->holders.load(std::memory_order_relaxed)};
    if (holders.has(handle.generation(), 1)) [[likely]]
      return slot;
    count_stale_read(*slot);
    return nullptr;
  }
  SizeClass* class_of_exactly(std::uint32_t payload_bytes);
  SizeClass& insert_class(std::uint32_t payload_bytes);
  Extent* new_extent(std::uint32_t entries);
  static Extent* idle_extent(SizeClass& size_class, std::uint32_t entries);
  static void attach(Extent& extent, SizeClass& size_class);
  static void fill(Extent& extent, std::byte* payload, std::uint32_t entries);
  static Slot* pop(Extent& extent);
  static void push(Extent& extent, Slot& slot);
  static void put_back(Extent& extent, std::uint32_t first, std::uint32_t last);
  static void free_slot(Slot& slot);
  static Slot* take(SizeClass& size_class, ModuleId source, Tally* tally);
  static bool looks_free(const SizeClass& size_class);
  Slot* take_within(SizeClass& size_class, ModuleId source, Tally& tally);
  void give_back(Tally& tally);
  static void count_bad_release(const Slot& slot, Handle handle, std::uint32_t holders);
  static void count_stale_read(const Slot& slot);

  std::span<Slot> slots_;  // All of the control memory, numbered on from:
  std::uint32_t first_number_ = 0;
  std::uint32_t slots_used_ = 0;  // By extents.
  Waiter* waiter_;
  std::size_t class_count_ = 0;
  std::size_t extent_count_ = 0;
  std::array<SizeClass*, kMaxClasses> by_size_{};
  std::array<SizeClass, kMaxClasses> classes_{};
  std::array<Extent, kMaxExtents> extents_{};
  std::array<Ledger, kMaxModules + 1> ledgers_{};
  std::atomic<std::uint32_t> double_releases_{0};
  std::atomic<std::uint32_t> stale_releases_{0};
  std::atomic<std::uint32_t> stale_reads_{0};
  std::atomic<std::uint32_t> late_releases_{0};
  std::atomic<std::uint32_t> refused_clones_{0};
};

inline Slot* Pool::pop(Extent& extent) {
  // Sequentially consistent for alloc_for(): see Event.
  std::uint32_t head = extent.free_head.load(std::memory_order_seq_cst);
  // Bounded: another round means that another caller was faster; there are as few as tasks.
  while (FreeHead{head}.top() != 0) {
    Slot& slot = extent.slots[FreeHead{head}.top() - 1];
    // Somebody may take the slot between these lines; then the tag has changed and the read was
    // for nothing.
    const std::uint32_t next = slot.next.load(std::memory_order_relaxed);
    if (extent.free_head.compare_exchange_weak(head, FreeHead{head}.with_top(next),
                                               std::memory_order_acq_rel,
                                               std::memory_order_acquire)) {
      return &slot;
    }
  }
  return nullptr;
}

inline void Pool::release(Slot& slot, Handle handle, std::uint32_t n) {
  std::uint32_t word = slot.holders.load(std::memory_order_relaxed);
  // Bounded: another round means that another caller was faster; there are as few as tasks.
  for (;;) {
    const Holders holders{word};
    if (!holders.has(handle.generation(), n)) [[unlikely]] {
      count_bad_release(slot, handle, word);
      return;
    }
    // Acquire-release: each reader's last reads come before the release, and all of them before
    // the slot is written again by its next owner.
    if (slot.holders.compare_exchange_weak(word, holders.minus(n).word(), std::memory_order_acq_rel,
                                           std::memory_order_relaxed)) {
      if (holders.count() == n) free_slot(slot);
      return;
    }
  }
}

}  // namespace takt::bus
