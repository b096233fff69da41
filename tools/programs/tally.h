// SPDX-License-Identifier: Apache-2.0
// What a program does in total, without playing it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "takt/core/program/timeline.h"
#include "tools/trace/frames.h"

namespace takt {

/// The totals of one output over all runs of a phase or of the program.
struct OutputTally {
  std::uint64_t edges = 0;     ///< Changes of its logical value.
  std::uint64_t switches = 0;  ///< Times it came on.
  Micros on_time;              ///< Of an analog output: time above 0.
  std::uint16_t highest = 0;   ///< Of an analog output; else 1, or 0 if it never came on.
};

struct PhaseTally {
  std::uint64_t runs = 0;
  Micros length;            ///< Of one run.
  std::uint64_t edges = 0;  ///< Of all runs. An off at the end of a run is that run's.
  std::vector<OutputTally> outputs;
};

/// Counts as playback does: what one phase leaves on and the next begins with at the same instant
/// is no edge. End conditions do not count.
struct ProgramTally {
  std::vector<PhaseTally> phases;
  std::vector<OutputTally> outputs;
  std::uint64_t edges = 0;
  bool complete = true;  ///< Else counting was given up, and every figure is a lower bound.
};

/// Counts repeated patterns in closed form where they alone drive an output, and walks the rest, at
/// most `most_steps` edges. Cost: O(points · outputs + steps), whatever the repeats and loops. For
/// a program with two sides it walks all frames, up to that number.
ProgramTally tally_of(const Timeline& timeline, std::uint64_t most_steps);

/// The same for a part of a run, without phases. What is on as it begins counts as coming on there;
/// an edge at its end belongs to the next part, if there is one. Walks all its frames up to so
/// many.
ProgramTally tally_of(Frames& frames, std::span<const Output> outputs, const Stretch& stretch,
                      std::uint64_t most_steps);

}  // namespace takt
