// SPDX-License-Identifier: Apache-2.0
// Whether a program keeps its own rules, found out before it is played.
#pragma once

#include <cstdint>
#include <optional>

#include "core/playback/fault.h"
#include "core/program/timeline.h"

namespace takt {

/// A motor turns the other way without a rest.
struct Reversal {
  std::uint8_t motor = kNoOutput;
  std::uint32_t entry = 0;
  Micros at;  ///< From the start of the run.
};

struct Rehearsal {
  std::optional<Fault> fault;  ///< The first; playback ends there. Times from the start of the run.
  std::optional<Reversal> reversal;  ///< The first of a motor that no interlock guards.
  std::uint64_t frames = 0;          ///< Held against the rules.
  bool complete = true;              ///< Else `most_frames` were reached.
};

/// Holds the planned frames against the interlocks and limits of the program, as the player will,
/// without sensors, and looks for what no rule forbids but a person should know. Programs that have
/// neither rules nor unguarded motors cost nothing.
Rehearsal rehearse(const Timeline& timeline, std::uint64_t most_frames);

}  // namespace takt
