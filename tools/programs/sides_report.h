// SPDX-License-Identifier: Apache-2.0
// What `takt check` reports of a program for two sides.
#pragma once

#include <cstdint>

#include "takt/core/program/model.h"
#include "tools/cli/json_out.h"

namespace takt {

/// The rhythm of a segment, or of a bilateral cycle.
struct Rhythm {
  Micros at;
  std::uint32_t rate_mhz = 0;  ///< Of cycles; that of a bilateral one is rounded.
  Micros half;                 ///< The first, where halves are uneven.
  Micros pulse;
  Micros fade;
  std::uint32_t flashes_mhz = 0;  ///< Of both sides' lights together; 0: none that go on and off.
  Look look;
  std::string_view sides;
};

/// The rhythm of segment `index`; a bilateral session has number 0 only.
Rhythm rhythm_of(const Pattern& pattern, std::size_t index);

/// `program` has a pattern.
void print_sides(const Program& program);
void json_sides(JsonOut& out, const Program& program);

}  // namespace takt
