// SPDX-License-Identifier: Apache-2.0
// Whether a program keeps its own rules, found out before it is played.
#pragma once

#include <cstdint>
#include <optional>

#include "takt/core/playback/fault.h"
#include "takt/core/program/timeline.h"

namespace takt {

/// A motor turns the other way without a rest.
struct Reversal {
  std::uint8_t motor = kNoOutput;
  std::uint32_t entry = 0;
  Micros at;  ///< From the start of the run.
};

struct Rehearsal {
  /// The first; playback ends there. Times from the start of the run.
  std::optional<Fault> fault;
  /// Whatever sensors show: no end condition can come before the fault. Else it is what happens if
  /// each comes as late as it can.
  bool is_certain = false;
  std::optional<Reversal> reversal;  ///< The first of a motor that no interlock guards.
  std::uint64_t frames = 0;          ///< Held against the rules.
  bool complete = true;              ///< Else `most_frames` were reached.
};

/// Holds the planned frames against the interlocks and limits of the program, as the player will,
/// with sensors that show nothing: a phase with a timeout ends at that, and the next one is played
/// too. Where that run has no certain fault, looks in each phase for outputs that it wants on
/// together, or levels that are too high, before its own condition can come; those are certain
/// whatever was before. Looks besides for what no rule forbids but a person should know. Programs
/// with neither rules nor unguarded motors cost nothing.
Rehearsal rehearse(const Timeline& timeline, std::uint64_t most_frames);

}  // namespace takt
