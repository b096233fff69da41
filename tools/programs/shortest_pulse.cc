// SPDX-License-Identifier: Apache-2.0
#include "tools/programs/shortest_pulse.h"

#include <algorithm>

#include "tools/programs/sides_report.h"

namespace takt {
namespace {

void shorten(std::optional<Micros>& shortest, Micros length) {
  shortest = std::min(shortest.value_or(length), length);
}

std::optional<Micros> shortest_of_pulses(const Program& program, const Component& component) {
  std::optional<Micros> shortest;
  std::optional<Micros> begin;  // Of the stretch without a pause that `end` is the end of.
  Micros end;
  for (const Point& point : program.points_of(component)) {
    const Micros at = component.tick * point.at;
    if (begin && at > end) shorten(shortest, end - *begin);
    if (!begin || at > end) begin = at;
    end = at + component.tick * point.length();
  }
  if (!begin) return shortest;
  // A row without any pause goes on into its next repeat.
  const bool is_whole = *begin == Micros{0} && end == component.period;
  shorten(shortest, is_whole ? end * component.repeats : end - *begin);
  return shortest;
}

std::optional<Micros> shortest_of_edges(const Program& program, const Component& component) {
  std::optional<Micros> shortest;
  std::optional<Micros> begin;
  for (const Point& point : program.points_of(component)) {
    const Micros at = component.tick * point.at;
    if (point.value != 0 && !begin) begin = at;
    if (point.value != 0 || !begin) continue;
    shorten(shortest, at - *begin);
    begin.reset();
  }
  return shortest;
}

}  // namespace

std::optional<Micros> shortest_pulse(const Program& program, const Component& component) {
  if (!component.plays()) return std::nullopt;
  switch (component.kind) {
    case ComponentKind::kPulses: return shortest_of_pulses(program, component);
    case ComponentKind::kEdges: return shortest_of_edges(program, component);
    case ComponentKind::kRamp: return component.period;
  }
  return std::nullopt;
}

std::optional<Micros> shortest_pulse(const Pattern& pattern) {
  std::optional<Micros> shortest;
  const std::size_t rhythms = std::max<std::size_t>(pattern.score.segments.size(), 1);
  for (std::size_t i = 0; i < rhythms; ++i) {
    const Rhythm rhythm = rhythm_of(pattern, i);
    if (rhythm.look.intensity == 0 && rhythm.look.brightness == 0) continue;
    shorten(shortest, rhythm.pulse);
  }
  return shortest;
}

}  // namespace takt
