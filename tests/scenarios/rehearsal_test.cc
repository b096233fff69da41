// SPDX-License-Identifier: Apache-2.0
#include "tools/programs/rehearsal.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/support/program.h"
#include "tools/play/play_virtual.h"

namespace takt {
namespace {

using testing::Built;
using testing::Draft;

/// A random program with random rules over its first outputs, most of which it breaks.
Draft draft_with_rules(std::mt19937& random) {
  Draft draft = testing::random_draft(random);
  const auto some = [&random](std::int64_t most) {
    return Micros{std::uniform_int_distribution<std::int64_t>{0, most}(random)};
  };
  std::uint32_t switches = 0;
  for (std::size_t i = 0; i < draft.outputs.size(); ++i) {
    Output& output = draft.outputs[i];
    if (output.kind != OutputKind::kSwitch) continue;
    switches |= 1U << i;
    if (random() % 3 == 0) output.longest_on = millis(4) + some(20'000);
    if (random() % 3 == 0) output.shortest_off = some(1'000);
    if (random() % 3 == 0) output.shortest_on = some(1'000);
    if (output.direction != kNoOutput && random() % 2 == 0) {
      draft.interlocks.push_back(
          {InterlockKind::kReversal, static_cast<std::uint8_t>(i), 0, some(3'000)});
    }
  }
  if ((switches & (switches - 1)) != 0 && random() % 3 == 0) {
    draft.interlocks.push_back({InterlockKind::kNeverTogether, kNoOutput, switches, some(2'000)});
  }
  return draft;
}

TEST(Rehearsal, FindsTheFaultThatPlayingWouldEndIn) {
  const unsigned first_seed = std::random_device{}();
  unsigned faults = 0;
  for (unsigned i = 0; i < 500; ++i) {
    const unsigned seed = first_seed + i;
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    const Built built{draft_with_rules(random)};
    ASSERT_TRUE(built.ok()) << built.diagnostics().text();
    const Rehearsal rehearsal = rehearse(built.timeline(), 1'000'000);
    Script script{{}, {}};
    const PlayResult played = play_virtual(built.timeline(), {}, script, nullptr);
    ASSERT_EQ(rehearsal.fault.has_value(), played.end == EndReason::kFault);
    if (!rehearsal.fault) continue;
    ++faults;
    EXPECT_EQ(rehearsal.fault->at, played.faults.at(0).at);
    EXPECT_EQ(rehearsal.fault->reason, played.faults[0].reason);
    EXPECT_EQ(rehearsal.fault->output, played.faults[0].output);
    EXPECT_EQ(rehearsal.fault->other, played.faults[0].other);
    if (HasFailure()) return;
  }
  EXPECT_GT(faults, 50U);
}

TEST(Rehearsal, StopsAtItsLimitAndSaysSo) {
  Draft draft;
  const std::uint8_t led = draft.add_switch();
  draft.outputs[led].shortest_on = Micros{5};
  draft.add_stage().parts.push_back(
      testing::pulses(led, kNoOutput, Micros{0}, 1'000, {{Micros{10}, Micros{10}}}));
  const Built built{draft};
  EXPECT_FALSE(rehearse(built.timeline(), 100).complete);
  EXPECT_EQ(rehearse(built.timeline(), 100).frames, 100U);
  EXPECT_TRUE(rehearse(built.timeline(), 10'000).complete);
}

/// A motor that turns one way for 10 ms and then, `rest` later, the other way, three times.
Draft turning(Micros rest) {
  Draft draft;
  const std::uint8_t motor = draft.add_motor();
  draft.add_stage().parts = {testing::pulses(motor, static_cast<std::uint8_t>(motor + 1), Micros{0},
                                             3, {{millis(10), rest, true}, {millis(10), rest}})};
  return draft;
}

TEST(Rehearsal, FindsAMotorThatReversesUnderPower) {
  const Built built{turning(Micros{0})};
  const auto reversal = rehearse(built.timeline(), 1'000).reversal;
  ASSERT_TRUE(reversal.has_value());
  EXPECT_EQ(reversal->motor, 0);
  EXPECT_EQ(reversal->at, millis(10));
}

TEST(Rehearsal, FindsAReversalFromOnePhaseToTheNext) {
  Draft draft = turning(millis(1));
  const auto span = [](bool clockwise) {
    return testing::pulses(0, 1, Micros{0}, 1, {{millis(10), Micros{0}, clockwise}});
  };
  draft.add_stage().parts = {span(true)};
  draft.add_stage().parts = {span(false)};
  const Built built{draft};
  const auto reversal = rehearse(built.timeline(), 1'000).reversal;
  ASSERT_TRUE(reversal.has_value());
  EXPECT_EQ(reversal->entry, 2U);
  EXPECT_EQ(reversal->at, millis(76));
}

TEST(Rehearsal, AMotorThatRestsOrIsGuardedIsNoRemark) {
  const Built rests{turning(Micros{1})};
  EXPECT_FALSE(rehearse(rests.timeline(), 1'000).reversal.has_value());
  Draft draft = turning(Micros{0});
  draft.interlocks.push_back({InterlockKind::kReversal, 0, 0, Micros{0}});
  const Built guarded{draft};
  EXPECT_FALSE(rehearse(guarded.timeline(), 1'000).reversal.has_value());
  EXPECT_TRUE(rehearse(guarded.timeline(), 1'000).fault.has_value());
}

}  // namespace
}  // namespace takt
