// SPDX-License-Identifier: Apache-2.0
// What a program must do, found the naive way: expand everything, sort, replay.
#pragma once

#include <iosfwd>
#include <vector>

#include "takt/core/base/levels.h"
#include "takt/core/base/time.h"
#include "takt/core/program/model.h"

namespace takt::testing {

/// From `at` on, outputs have these levels.
struct Change {
  Micros at;
  Levels levels;

  bool operator==(const Change&) const = default;
};

/// For failure messages: "4000 us: 6 0 0".
void PrintTo(const Change& change, std::ostream* out);

/// All changes of levels of a whole run; `at` counts from its start. Shares no code with cursors,
/// timeline or feeder, and takes memory for every edge.
std::vector<Change> expand(const Program& program);

/// The phase runs of a program in order, loops written out.
std::vector<std::uint16_t> expand_entries(const Program& program);

/// How long a phase lasts, as an author would add it up.
Micros phase_length(const Program& program, const Phase& phase);

}  // namespace takt::testing
