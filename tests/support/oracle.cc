// SPDX-License-Identifier: Apache-2.0
#include "tests/support/oracle.h"

#include <algorithm>
#include <map>
#include <ostream>
#include <set>

namespace takt::testing {
namespace {

struct On {
  Micros begin, end;
  std::uint8_t output;
};
struct Turn {
  Micros at;
  std::uint8_t direction;
  bool clockwise;
};
struct Level {
  Micros begin, end;
  std::uint8_t channel;
  std::uint16_t value;
};

/// Everything that one phase wants, times from its start.
struct Wanted {
  std::vector<On> ons;
  std::vector<Turn> turns;
  std::vector<Level> levels;
};

void expand_ramp(const Component& c, std::uint8_t channel, Micros start, Wanted& wanted) {
  const auto steps = [&c](Micros length) {
    return std::max<std::int64_t>(1, std::min<std::int64_t>(c.value, length.count() / 10'000));
  };
  std::vector<std::pair<std::int64_t, std::uint16_t>> points;
  for (std::int64_t k = 1, n = steps(c.ramp_in); k <= n; ++k) {
    points.push_back({c.ramp_in.count() * k / n, static_cast<std::uint16_t>(c.value * k / n)});
  }
  for (std::int64_t k = 1, n = steps(c.ramp_out); k <= n; ++k) {
    points.push_back({c.period.count() - c.ramp_out.count() + c.ramp_out.count() * k / n,
                      static_cast<std::uint16_t>(c.value * (n - k) / n)});
  }
  for (std::size_t i = 0; i + 1 < points.size(); ++i) {
    wanted.levels.push_back({start + Micros{points[i].first}, start + Micros{points[i + 1].first},
                             channel, points[i].second});
  }
}

void expand_component(const Program& program, const Component& c, Micros start, Micros phase_end,
                      Wanted& wanted) {
  if (c.kind == ComponentKind::kRamp) {
    expand_ramp(c, program.outputs[c.output].channel, start, wanted);
    return;
  }
  const auto points = program.points_of(c);
  if (c.kind == ComponentKind::kEdges) {
    for (std::size_t i = 0; i < points.size(); ++i) {
      if (points[i].value == 0) continue;
      const Micros end = i + 1 < points.size() ? start + c.tick * points[i + 1].at : phase_end;
      wanted.ons.push_back({start + c.tick * points[i].at, end, c.output});
    }
    return;
  }
  for (std::uint32_t r = 0; r < c.repeats; ++r) {
    for (const Point& p : points) {
      const Micros begin = start + c.period * r + c.tick * p.at;
      wanted.ons.push_back({begin, begin + c.tick * p.length(), c.output});
      if (c.direction != kNoOutput) wanted.turns.push_back({begin, c.direction, p.clockwise()});
    }
  }
}

Levels levels_at(const Wanted& wanted, Micros t) {
  Levels levels;
  for (const On& on : wanted.ons) {
    if (on.begin <= t && t < on.end) levels.on |= 1U << on.output;
  }
  std::map<std::uint8_t, Turn> latest;
  for (const Turn& turn : wanted.turns) {
    if (turn.at > t) continue;
    const auto found = latest.find(turn.direction);
    if (found == latest.end() || found->second.at < turn.at) latest[turn.direction] = turn;
  }
  for (const auto& [direction, turn] : latest) {
    if (turn.clockwise) levels.on |= 1U << direction;
  }
  for (const Level& level : wanted.levels) {
    if (level.begin <= t && t < level.end) levels.analog[level.channel] = level.value;
  }
  return levels;
}

}  // namespace

void PrintTo(const Change& change, std::ostream* out) {
  *out << change.at.count() << " us: " << change.levels.on;
  for (const auto value : change.levels.analog) *out << " " << value;
}

Micros phase_length(const Program& program, const Phase& phase) {
  Micros longest;
  for (const Component& c : program.components_of(phase)) {
    const bool pulses = c.kind == ComponentKind::kPulses;
    longest = std::max(longest, c.start + c.period * (pulses ? c.repeats : 1));
  }
  return phase.delay + longest;
}

std::vector<std::uint16_t> expand_entries(const Program& program) {
  std::vector<std::uint16_t> entries;
  for (std::uint32_t pass = 0; pass < program.repeats; ++pass) {
    for (std::uint16_t p = 0; p < program.phases.size(); ++p) {
      const Loop* loop = nullptr;
      for (const Loop& each : program.loops) {
        if (each.first == p) loop = &each;
      }
      if (loop == nullptr) {
        entries.push_back(p);
        continue;
      }
      for (std::uint32_t run = 0; run < loop->times; ++run) {
        for (std::uint16_t q = loop->first; q <= loop->last; ++q) entries.push_back(q);
      }
      p = loop->last;
    }
  }
  return entries;
}

std::vector<Change> expand(const Program& program) {
  std::map<Micros, Levels> at;
  Micros begin;
  for (const std::uint16_t index : expand_entries(program)) {
    const Phase& phase = program.phases[index];
    const Micros length = phase_length(program, phase);
    Wanted wanted;
    for (const Component& c : program.components_of(phase)) {
      expand_component(program, c, phase.delay + c.start, length, wanted);
    }
    std::set<Micros> instants{Micros{0}};
    for (const On& on : wanted.ons) instants.insert({on.begin, on.end});
    for (const Turn& turn : wanted.turns) instants.insert(turn.at);
    for (const Level& level : wanted.levels) instants.insert({level.begin, level.end});
    for (const Micros t : instants) {
      if (t < length) at[begin + t] = levels_at(wanted, t);
    }
    begin += length;
    at[begin] = {};
  }
  std::vector<Change> changes;
  Levels before;
  for (const auto& [t, levels] : at) {
    if (levels != before) changes.push_back({t, levels});
    before = levels;
  }
  return changes;
}

}  // namespace takt::testing
