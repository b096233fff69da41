// SPDX-License-Identifier: Apache-2.0
// How densely a program can place its frames.
#pragma once

#include <cstdint>

#include "takt/core/base/time.h"
#include "takt/core/program/timeline.h"

namespace takt {

struct Pace {
  std::uint64_t frames = 0;  ///< Upper bound on the frames in any interval of `length`.
  std::uint16_t phase = 0;   ///< The phase that has most of them.
};

/// An upper bound that no stretch of the timeline exceeds, in closed form: it adds up what each
/// component can do at its densest, and the phases that a stretch can touch. Exact for a phase with
/// one component; never too low.
/// `length` > 0. Cost: O(points + phases · (components + phases that fit into `length`)).
Pace densest(const Timeline& timeline, Micros length);

}  // namespace takt
