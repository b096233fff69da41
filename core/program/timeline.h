// SPDX-License-Identifier: Apache-2.0
// A checked program as an ordered sequence of phase runs.
#pragma once

#include <cstdint>
#include <limits>

#include "takt/core/base/status.h"
#include "takt/core/json/diagnostic.h"
#include "takt/core/program/model.h"

namespace takt {

/// One run of one phase: which, and how often its loop and the whole program ran before.
struct Entry {
  std::uint16_t phase = 0;
  std::uint32_t loop = 0;  ///< From 0; counts runs within the phase's loop.
  std::uint32_t pass = 0;  ///< From 0; counts passes over the whole program.
};

/// A place in the run of a program: `offset` into run number `entry`.
struct Position {
  std::uint32_t entry = 0;
  Micros offset;
};

/// A program that passed check(), and nothing else: every index in it is in range, every time in
/// order, every sum within 64 bits. A view like Program: cheap to copy, the memory belongs to the
/// builder of the program.
///
/// Runs of phases ("entries") are numbered from 0 through all loops and passes, so that a place in
/// the program is one number and loops cost no memory.
class Timeline {
 public:
  const Program& program() const { return program_; }

  /// Number of the first entry that does not exist, 1 to 2^32 - 1.
  std::uint32_t entry_count() const { return entries_per_pass_ * program_.repeats; }

  /// `number` < entry_count(). Cost: O(phases).
  Entry entry(std::uint32_t number) const;

  /// The first entry of `phase` within the same pass as entry `near`. Cost: O(phases).
  std::uint32_t entry_of(std::uint16_t phase, std::uint32_t near) const;

  /// Delay, then until the longest component ends, trailing pause included, even one of nothing but
  /// pauses; an upper bound where the phase has an end condition.
  /// Cost: O(components of the phase).
  Micros length_of(std::uint16_t phase) const;

  /// The length of the whole run. Closed form.
  Micros duration() const { return pass_length_ * program_.repeats; }

  /// The time from the start of the run to the start of `entry`; entry_count() gives duration().
  /// Closed form: O(components), whatever the loops.
  Micros start_of(std::uint32_t entry) const;

  /// Where the run is `elapsed` after its start: 0 <= elapsed. At or past duration():
  /// {entry_count(), 0}. At a moment where one phase ends and another begins: the later one.
  Position position_at(Micros elapsed) const;

  /// The same program with its passes multiplied.
  /// - kOutOfRange: `times` is 0, or the run would exceed kMaxRun or 2^32 - 1 entries.
  Result<Timeline> repeated(std::uint32_t times) const;

 private:
  friend Result<Timeline> check(const Program& program, DiagnosticSink& sink);
  explicit Timeline(const Program& program);

  Program program_;
  std::uint32_t entries_per_pass_ = 0;
  Micros pass_length_;
};

/// The same for a phase of a program that has not passed check() yet but whose components have.
Micros length_of(const Program& program, const Phase& phase);

/// Checks everything that playback relies on, and warns of what a person should look at. The only
/// maker of a Timeline. Diagnostics point into takt's own form: "/phases/2/components/0".
/// Cost: O(size of the program), and O(components²) within a phase for overlaps.
/// - kOutOfRange: at least one error was reported.
Result<Timeline> check(const Program& program, DiagnosticSink& sink);

}  // namespace takt
