// SPDX-License-Identifier: Apache-2.0
// The programs that a device has in its memory: the one that plays, and those to come.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "takt/core/engine/lockstep.h"
#include "takt/core/json/diagnostic.h"
#include "takt/core/memory/allocator.h"

namespace takt {

/// Reads programs into blocks of a region, and gives these back once nothing plays from them.
///
/// A program is loaded in any task, one at a time, while another plays. It is then handed over to
/// the control half, to which it belongs from there on: that keeps the newest one, and those that
/// an engine uses.
class Programs final : public ProgramShelf {
 public:
  /// One plays, one waits for its start, one is being read, and one comes over a link.
  static constexpr std::size_t kPlaces = 4;
  /// The largest program that is taken over a link, in compiled form: minutes over slow ones.
  static constexpr std::uint32_t kMostCompiledBytes = 64U << 10U;

  struct Config {
    Tag tag{};
    Placement placement = Placement::kPreferExternal;
    std::size_t most_bytes = 0;  ///< A program, its playback not counted, may take; 0: no limit.
    bool shares = false;         ///< Keeps compiled forms, for devices that play together.
  };

  Programs(Allocator& memory, const Config& config) : memory_(memory), config_(config) {}
  ~Programs();
  Programs(const Programs&) = delete;
  Programs& operator=(const Programs&) = delete;

  /// Scans, measures, builds and checks; the index of the place where it lies. `source` may be any
  /// form, and is no longer needed afterwards. Faults of the program go to `sink` with their place.
  /// Context: one task at a time, any.
  /// - kBusy: all places hold programs that are in use. - kTooLarge: more than a program may take.
  /// - kNoMemory: the region is full. - Else as Loader and check().
  Result<std::size_t> load(std::string_view source, DiagnosticSink& sink);
  /// Gives the place back, unless control has taken it over. Context: as load().
  void drop(std::size_t place);

  struct Volume {
    Timeline timeline;
    sync::ProgramHash hash = 0;  ///< Of the compiled form; 0 where none is kept.
    std::span<const std::byte> compiled;
  };
  /// Of a place that is loaded, for who it belongs to.
  const Volume& at(std::size_t place) const { return *places_[place].volume; }
  /// Of the newest program that was handed over. Context: the control half.
  bool is_newest(std::size_t place) const { return newest_ == place; }

  // All else belongs to the control half.

  /// From now on it is the newest, and control's.
  void take_over(std::size_t place) { newest_ = place; }
  /// Gives back what neither is the newest nor in use. Cost: constant.
  void tidy(const Engine& engine);

  /// From now on programs whose sides and outputs are not the same are refused: these are wired.
  void wire(const Program& program) { wired_ = program; }

  Result<Timeline> find(sync::ProgramHash program) override;
  std::size_t read(sync::ProgramHash program, std::uint32_t offset,
                   std::span<std::byte> to) override;
  Status write(sync::ProgramHash program, std::uint32_t size, std::uint32_t offset,
               std::span<const std::byte> bytes) override;

 private:
  enum class State : std::uint8_t { kFree, kFilling, kLoaded };
  struct Place {
    std::atomic<State> state{State::kFree};
    std::byte* block = nullptr;     ///< Of the program's tables,
    std::byte* compiled = nullptr;  ///< and of its compiled form.
    std::optional<Volume> volume;
  };

  Allocator& memory_;
  const Config config_;
  std::array<Place, kPlaces> places_;
  std::size_t newest_ = kPlaces;
  std::optional<Program> wired_;
};

}  // namespace takt
