// SPDX-License-Identifier: Apache-2.0
#include "tools/programs/shortest_pulse.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/support/oracle.h"
#include "tests/support/program.h"

namespace takt::testing {
namespace {

/// As the naive expansion of a program of this one component shows it.
std::optional<Micros> shown(const Built& built) {
  std::optional<Micros> shortest;
  std::optional<Micros> begin;
  for (const Change& change : expand(built.program())) {
    const bool on = change.levels.is_on(0);
    if (on && !begin) begin = change.at;
    if (on || !begin) continue;
    shortest = std::min(shortest.value_or(Micros::max()), change.at - *begin);
    begin.reset();
  }
  return shortest;
}

TEST(ShortestPulse, IsWhatPlayingShows) {
  for (unsigned seed = 1; seed <= 2'000 && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    std::vector<PulseSpec> row;
    for (unsigned i = 0; i <= random() % 4; ++i) {
      row.push_back({Micros{1 + static_cast<std::int64_t>(random() % 8)},
                     Micros{static_cast<std::int64_t>(random() % 3)}});
    }
    Draft draft;
    const auto lamp = draft.add_switch();
    const auto repeats = static_cast<std::uint32_t>(1 + random() % 3);
    draft.add_stage().parts = {pulses(lamp, kNoOutput, millis(1), repeats, row)};
    const Built built{draft};
    ASSERT_TRUE(built.ok()) << built.diagnostics().text();
    const Component& component = built.program().components[0];
    ASSERT_EQ(shortest_pulse(built.program(), component), shown(built));
  }
}

TEST(ShortestPulse, OfEdgesIsBetweenOnAndOff) {
  Draft draft;
  const auto lamp = draft.add_switch();
  Draft::Part part;
  part.component.kind = ComponentKind::kEdges;
  part.component.output = lamp;
  part.component.period = Micros{90};
  part.points = {{0, 1}, {30, 0}, {40, 1}, {50, 1}, {60, 0}, {80, 1}};
  draft.add_stage().parts = {part};
  const Built built{draft};
  ASSERT_TRUE(built.ok()) << built.diagnostics().text();
  EXPECT_EQ(shortest_pulse(built.program(), built.program().components[0]), Micros{20});
}

TEST(ShortestPulse, OfTwoSidesIsThatOfTheRhythm) {
  const Built built{two_sides()};
  const Pattern& pattern = *built.program().pattern;
  const Half half = half_at(pattern.score, Micros{0});
  EXPECT_EQ(shortest_pulse(pattern), half.off - half.begin);
}

}  // namespace
}  // namespace takt::testing
