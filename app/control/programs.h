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
#include "takt/core/program/codec.h"

namespace takt {

/// Reads programs into blocks of a region, and gives the blocks back once nothing plays from them.
///
/// A program is loaded in any task, one at a time, while another plays. Then it is handed over to
/// the control half, which owns it from there on. The control half keeps the newest one, and those
/// that an engine uses.
class Programs final : public ProgramShelf {
 public:
  /// One plays, one waits for its start, one is being read, and one comes over a link.
  static constexpr std::size_t kPlaces = 4;
  /// The largest program that is taken over a link, in compiled form: minutes over slow ones.
  static constexpr std::uint32_t kMostCompiledBytes = 64U << 10U;

  struct Config {
    Tag tag{};
    Tag compiled_tag{};  ///< Of the compiled forms that are shared with others.
    Placement placement = Placement::kPreferExternal;
    std::size_t most_bytes = 0;       ///< What a program and its playback may take; 0: no limit.
    const TextForms* text = nullptr;  ///< See LoadOptions.
    bool shares = false;              ///< Keeps compiled forms, for devices that play together.
  };

  Programs(Allocator& memory, const Config& config) : memory_(memory), config_(config) {}
  ~Programs();
  Programs(const Programs&) = delete;
  Programs& operator=(const Programs&) = delete;

  /// Scans, measures, builds and checks; returns the index of the place where the program lies.
  /// `source` may be any form, and is no longer needed afterwards. Faults of the program go to
  /// `sink` with their place. Context: one task at a time, any.
  /// - kBusy: all places hold programs that are in use. - kTooLarge: more than a program may take.
  /// - kNoMemory: the region is full. - Else as Loader and check().
  Result<std::size_t> load(std::string_view source, DiagnosticSink& sink);
  /// Gives back a place that control has not adopted. Context: as load().
  void drop(std::size_t place) { release(places_[place]); }
  /// How many bytes the latest program that was too large needs. Context: as load().
  std::size_t wanted_bytes() const { return wanted_bytes_; }

  struct Volume {
    Timeline timeline;
    sync::ProgramHash hash = 0;  ///< Of the compiled form; 0 where none is kept.
    std::span<const std::byte> compiled;
  };

  // All else belongs to the control half.

  /// Takes over what was loaded.
  const Volume& adopt(std::size_t place);
  /// Keeps the program with which the next play begins, whether in use or not.
  void keep(std::size_t place) { kept_ = place; }
  /// Gives back an adopted place that nothing uses.
  void give_up(std::size_t place) { release(places_[place]); }
  /// Gives back what is neither kept nor in use. Cost: constant. If compiled forms are shared,
  /// others may ask for any of them; then it gives back only what a new program needs room for.
  void tidy(const Engine& engine);

  /// From now on programs with other sides or outputs are refused: these are wired. The tables of
  /// `program` are kept.
  void wire(std::size_t place) { wired_ = place; }

  Result<Timeline> find(sync::ProgramHash program) override;
  std::size_t read(sync::ProgramHash program, std::uint32_t offset,
                   std::span<std::byte> to) override;
  Status write(sync::ProgramHash program, std::uint32_t size, std::uint32_t offset,
               std::span<const std::byte> bytes) override;

 private:
  enum class State : std::uint8_t { kFree, kLoading, kAdopted };
  struct Place {
    std::atomic<State> state{State::kFree};
    std::byte* block = nullptr;     ///< Of the program's tables.
    std::byte* compiled = nullptr;  ///< Of its compiled form.
    std::optional<Volume> volume;
  };
  /// A program that comes over the link.
  struct Arrival {
    sync::ProgramHash program = 0;  ///< 0: none.
    std::uint32_t size = 0;
    std::uint32_t have = 0;
    std::size_t place = kPlaces;
  };

  std::size_t claim();
  std::size_t place_of(sync::ProgramHash program) const;
  std::byte* take(std::size_t bytes, Tag tag);
  void release(Place& place);
  Status build(std::string_view source, DiagnosticSink& sink, Place& place, std::size_t& wanted);
  Status compile(Place& place);
  Status begin_arrival(sync::ProgramHash program, std::uint32_t size);
  Status end_arrival();
  void drop_arrival();

  Allocator& memory_;
  const Config config_;
  std::array<Place, kPlaces> places_;
  std::size_t wanted_bytes_ = 0;
  std::size_t kept_ = kPlaces;   ///< kPlaces: none.
  std::size_t wired_ = kPlaces;  ///< kPlaces: none.
  Arrival arrival_;
  sync::ProgramHash refused_ = 0;  ///< The program that came last and cannot be taken.
  Status refusal_ = Status::kOk;   ///< Why it cannot be taken.
};

}  // namespace takt
