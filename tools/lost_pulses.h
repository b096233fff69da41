// SPDX-License-Identifier: Apache-2.0
// Pulses that no output ever showed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/engine/engine.h"
#include "tools/json_out.h"

namespace takt {

/// Of one output.
struct LostPulses {
  std::size_t output = 0;
  std::uint32_t count = 0;
  Micros first;  ///< When the plan had the first, from the start.
};

/// Of the present or latest run; times from `origin`. Control half.
std::vector<LostPulses> lost_pulses_of(const Player& player, LocalTime origin);

/// Lines for people, if there are any: "Lost       3 pulses of drain_pump, the first at 2.500 s".
void print_lost_pulses(const std::vector<LostPulses>& lost, const Program& program);

/// "lost_pulses": [{"output", "count", "first_us"}].
void json_lost_pulses(JsonOut& out, const std::vector<LostPulses>& lost, const Program& program);

/// "beyond_tolerance": {"count", "first_us"}; times from zero.
void json_beyond_tolerance(JsonOut& out, const ShortfallFigures& beyond);

}  // namespace takt
