// SPDX-License-Identifier: Apache-2.0
#include "tools/play/lost_pulses.h"

#include <fmt/format.h>

#include <string>

#include "takt/core/base/bits.h"
#include "tools/cli/text.h"

namespace takt {
namespace {

const Output* output_of(const LostPulses& lost, const Program& program) {
  return lost.output < program.outputs.size() ? &program.outputs[lost.output] : nullptr;
}

}  // namespace

std::vector<LostPulses> lost_pulses_of(const Player& player, LocalTime origin) {
  std::vector<LostPulses> all;
  for (const std::uint8_t output : Members{player.outputs_with_lost_pulses()}) {
    const ShortfallFigures lost = player.lost_pulses(output);
    all.push_back({output, lost.count, lost.first - origin});
  }
  return all;
}

std::string sentence_of(const LostPulses& lost, const Program& program) {
  const Output* const output = output_of(lost, program);
  return fmt::format("{} of {} lost, the first at {}", counted(lost.count, "pulse"),
                     output == nullptr ? "?" : printable(output->title()), readable(lost.first));
}

void ShortfallSum::Counter::note(const ShortfallFigures& figures) {
  if (figures.count < present.count) past = sum();
  present = figures;
}

ShortfallFigures ShortfallSum::Counter::sum() const {
  return {past.count + present.count, past.count != 0 ? past.first : present.first};
}

void ShortfallSum::note(const Player& player) {
  for (unsigned i = 0; i < lost_.size(); ++i) lost_[i].note(player.lost_pulses(i));
  beyond_.note(player.beyond_tolerance());
  withheld_.note({player.withheld(), {}});
}

std::vector<LostPulses> ShortfallSum::lost_pulses() const {
  std::vector<LostPulses> all;
  for (std::size_t i = 0; i < lost_.size(); ++i) {
    const ShortfallFigures sum = lost_[i].sum();
    if (sum.count > 0) all.push_back({i, sum.count, sum.first.since_zero()});
  }
  return all;
}

std::uint32_t ShortfallSum::lost() const {
  std::uint32_t lost = 0;
  for (const Counter& counter : lost_) lost += counter.sum().count;
  return lost;
}

void print_lost_pulses(const std::vector<LostPulses>& lost, const Program& program) {
  for (const LostPulses& one : lost) {
    fmt::print("Lost       {}\n", sentence_of(one, program));
  }
}

void json_lost_pulses(JsonOut& out, const std::vector<LostPulses>& lost, const Program& program) {
  out.begin_array("lost_pulses");
  for (const LostPulses& one : lost) {
    out.begin_object();
    const Output* const output = output_of(one, program);
    out.field("output", output == nullptr ? "?" : output->id);
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
