// SPDX-License-Identifier: Apache-2.0
#include "tools/lost_pulses.h"

#include <fmt/format.h>

#include <bit>
#include <string>

#include "tools/text.h"

namespace takt {
namespace {

std::string id_of(const LostPulses& lost, const Program& program) {
  return lost.output < program.outputs.size() ? printable(program.outputs[lost.output].id) : "?";
}

}  // namespace

std::vector<LostPulses> lost_pulses_of(const Player& player, LocalTime origin) {
  std::vector<LostPulses> all;
  for (std::uint32_t rest = player.outputs_with_lost_pulses(); rest != 0; rest &= rest - 1) {
    const auto output = static_cast<unsigned>(std::countr_zero(rest));
    const ShortfallFigures lost = player.lost_pulses(output);
    all.push_back({output, lost.count, lost.first - origin});
  }
  return all;
}

void print_lost_pulses(const std::vector<LostPulses>& lost, const Program& program) {
  for (const LostPulses& one : lost) {
    fmt::print("Lost       {} of {}, the first at {}\n", counted(one.count, "pulse"),
               id_of(one, program), readable(one.first));
  }
}

void json_lost_pulses(JsonOut& out, const std::vector<LostPulses>& lost, const Program& program) {
  out.begin_array("lost_pulses");
  for (const LostPulses& one : lost) {
    out.begin_object();
    out.field("output", id_of(one, program));
    out.field("count", one.count);
    out.field("first_us", one.first);
    out.end_object();
  }
  out.end_array();
}

void json_beyond_tolerance(JsonOut& out, const ShortfallFigures& beyond) {
  out.begin_object("beyond_tolerance");
  out.field("count", beyond.count);
  out.key("first_us");
  beyond.count == 0 ? out.null() : out.value(beyond.first.since_zero());
  out.end_object();
}

}  // namespace takt
