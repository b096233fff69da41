// SPDX-License-Identifier: Apache-2.0
#include "tools/programs/tally.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/support/oracle.h"
#include "tests/support/program.h"
#include "tools/play/play_virtual.h"

namespace takt {
namespace {

using testing::Built;
using testing::Draft;
using testing::pulses;
using testing::span;

constexpr std::uint64_t kNoLimit = 1'000'000'000;

/// What playing the program counts.
PlayResult play(const Timeline& timeline) {
  Script script{{}, {}};
  return play_virtual(timeline, {}, script, nullptr);
}

void expect_as_played(const Timeline& timeline) {
  const ProgramTally tally = tally_of(timeline, kNoLimit);
  const PlayResult played = play(timeline);
  ASSERT_EQ(played.end, EndReason::kFinished);
  EXPECT_EQ(tally.edges, played.edges);
  for (std::size_t i = 0; i < tally.phases.size(); ++i) {
    SCOPED_TRACE(i);
    EXPECT_EQ(tally.phases[i].edges, played.phases[i].edges);
    EXPECT_EQ(tally.phases[i].runs, played.phases[i].runs);
    EXPECT_EQ(tally.phases[i].length * static_cast<std::int64_t>(tally.phases[i].runs),
              played.phases[i].duration);
  }
}

/// By output: how long it is on in the naively expanded program, and how often it comes on.
void expect_as_expanded(const Program& program, const ProgramTally& tally) {
  const std::vector<testing::Change> changes = testing::expand(program);
  std::vector<OutputTally> sums(program.outputs.size());
  for (std::size_t i = 0; i < program.outputs.size(); ++i) {
    const Output& output = program.outputs[i];
    std::uint16_t value = 0;
    Micros since;
    for (const testing::Change& change : changes) {
      const std::uint16_t next = output.kind == OutputKind::kAnalog
                                     ? change.levels.analog[output.channel]
                                     : change.levels.is_on(static_cast<unsigned>(i));
      if (value != 0) sums[i].on_time += change.at - since;
      sums[i].switches += value == 0 && next != 0;
      sums[i].edges += value != next;
      value = next;
      since = change.at;
    }
    SCOPED_TRACE(i);
    EXPECT_EQ(tally.outputs[i].on_time, sums[i].on_time);
    EXPECT_EQ(tally.outputs[i].switches, sums[i].switches);
    EXPECT_EQ(tally.outputs[i].edges, sums[i].edges);
  }
}

TEST(ProgramTally, AgreesWithPlayingAndWithTheOracleForRandomPrograms) {
  const unsigned first_seed = std::random_device{}();
  for (unsigned i = 0; i < 300; ++i) {
    const unsigned seed = first_seed + i;
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    const Built built{testing::random_draft(random)};
    ASSERT_TRUE(built.ok()) << built.diagnostics().text();
    expect_as_played(built.timeline());
    expect_as_expanded(built.program(), tally_of(built.timeline(), kNoLimit));
    if (HasFailure()) return;
  }
}

TEST(ProgramTally, ABillionEdgesTakeNoSteps) {
  Draft draft;
  const std::uint8_t led = draft.add_switch();
  draft.add_stage().parts.push_back(
      pulses(led, kNoOutput, millis(5), 500'000'000, {{Micros{30}, Micros{70}}}));
  const Built built{draft};
  ASSERT_TRUE(built.ok()) << built.diagnostics().text();
  const ProgramTally tally = tally_of(built.timeline(), 100);
  EXPECT_TRUE(tally.complete);
  EXPECT_EQ(tally.edges, 1'000'000'000U);
  EXPECT_EQ(tally.outputs[led].on_time, Micros{30} * 500'000'000);
  EXPECT_EQ(tally.outputs[led].switches, 500'000'000U);
}

TEST(ProgramTally, SaysThatItGaveUpWhereOverlapsMustBeWalked) {
  Draft draft;
  const std::uint8_t led = draft.add_switch();
  Draft::Stage& stage = draft.add_stage();
  stage.parts.push_back(pulses(led, kNoOutput, Micros{0}, 1'000'000, {{Micros{30}, Micros{70}}}));
  stage.parts.push_back(span(led, Micros{0}, seconds(1)));
  const Built built{draft};
  EXPECT_FALSE(tally_of(built.timeline(), 1'000).complete);
  EXPECT_TRUE(tally_of(built.timeline(), 10'000'000).complete);
}

TEST(ProgramTally, WhatStaysOnBetweenPhasesIsNoEdge) {
  Draft draft;
  const std::uint8_t pump = draft.add_switch();
  draft.add_stage().parts.push_back(span(pump, Micros{0}, millis(10)));
  draft.add_stage().parts.push_back(span(pump, Micros{0}, millis(20)));
  draft.loops.push_back({0, 1, 1'000});
  const Built built{draft};
  ASSERT_TRUE(built.ok()) << built.diagnostics().text();
  const ProgramTally tally = tally_of(built.timeline(), kNoLimit);
  EXPECT_EQ(tally.edges, 2U);
  EXPECT_EQ(tally.outputs[pump].switches, 1U);
  expect_as_played(built.timeline());
}

TEST(ProgramTally, CountsTwoSidesAsPlayed) {
  Draft draft = testing::two_sides();
  draft.pattern->length = seconds(61);
  draft.pattern->soft_start = draft.pattern->soft_stop = seconds(10);
  draft.pattern->score.bilateral.alternate_direction = true;
  draft.repeats = 3;
  const Built session{draft};
  expect_as_played(session.timeline());
  const ProgramTally tally = tally_of(session.timeline(), kNoLimit);
  const SideOutputs& left = session.program().pattern->sides[0];
  // The last half of three minutes and three seconds is the right one's.
  EXPECT_EQ(tally.outputs[left.motor].switches, 183U);
  EXPECT_EQ(tally.outputs[left.motor].on_time, millis(499) * 183);
  EXPECT_EQ(tally.outputs[left.drive].highest, 600);
  EXPECT_FALSE(tally_of(session.timeline(), 100).complete);
}

TEST(ProgramTally, CountsFadesAsPlayed) {
  Draft draft = testing::two_sides();
  draft.interlocks.clear();
  draft.pattern->score.exclusive = false;
  draft.pattern->score.length = draft.pattern->length = seconds(4);
  draft.segments = {{0, 500, 1500, 100, {40, 60, 0}, SideMode::kBoth, false},
                    {2000, 500, 2000, 70, {0, 5, 0}, SideMode::kAlternate, true}};
  draft.repeats = 5;
  expect_as_played(Built{draft}.timeline());
}

ProgramTally tally_of_part(const Timeline& timeline, Micros from, Micros to) {
  PlannedFrames frames{timeline};
  return tally_of(frames, timeline.program().outputs, {from, to}, kNoLimit);
}

TEST(ProgramTally, PartsAddUpToTheWhole) {
  const unsigned first_seed = std::random_device{}();
  for (unsigned i = 0; i < 100; ++i) {
    const unsigned seed = first_seed + i;
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    const Built built{testing::random_draft(random)};
    const Timeline& timeline = built.timeline();
    const std::int64_t length = timeline.duration().count();
    if (length < 4) continue;
    const ProgramTally whole = tally_of(timeline, kNoLimit);
    // At the end of a change, too: such a time belongs to the part that it begins.
    std::vector<std::int64_t> cuts{0, length};
    const std::vector<testing::Change> changes = testing::expand(built.program());
    for (int cut = 0; cut < 4; ++cut) {
      const bool at_change = random() % 2 == 0 && !changes.empty();
      cuts.push_back(at_change ? changes[random() % changes.size()].at.count()
                               : static_cast<std::int64_t>(random()) % length);
    }
    std::sort(cuts.begin(), cuts.end());
    std::vector<OutputTally> sums(whole.outputs.size());
    std::uint64_t edges = 0;
    for (std::size_t c = 1; c < cuts.size(); ++c) {
      if (cuts[c - 1] == cuts[c]) continue;
      const ProgramTally part = tally_of_part(timeline, Micros{cuts[c - 1]}, Micros{cuts[c]});
      edges += part.edges;
      for (std::size_t o = 0; o < sums.size(); ++o) {
        sums[o].edges += part.outputs[o].edges;
        sums[o].on_time += part.outputs[o].on_time;
        sums[o].highest = std::max(sums[o].highest, part.outputs[o].highest);
      }
    }
    EXPECT_EQ(edges, whole.edges);
    for (std::size_t o = 0; o < sums.size(); ++o) {
      EXPECT_EQ(sums[o].edges, whole.outputs[o].edges);
      EXPECT_EQ(sums[o].on_time, whole.outputs[o].on_time);
      EXPECT_EQ(sums[o].highest, whole.outputs[o].highest);
    }
    EXPECT_EQ(tally_of_part(timeline, {}, timeline.duration()).edges, whole.edges);
  }
}

TEST(ProgramTally, WhatIsOnAsAPartBeginsCountsAsComingOn) {
  Draft draft;
  const std::uint8_t pump = draft.add_switch();
  draft.add_stage().parts.push_back(span(pump, seconds(1), seconds(5)));
  const Built built{draft};
  const auto part = [&](std::int64_t from_s, std::int64_t to_s) {
    return tally_of_part(built.timeline(), seconds(from_s), seconds(to_s)).outputs[pump];
  };
  EXPECT_EQ(part(2, 4).switches, 1U);
  EXPECT_EQ(part(2, 4).on_time, seconds(2));
  EXPECT_EQ(part(2, 4).edges, 0U);
  EXPECT_EQ(part(1, 4).switches, 1U);
  EXPECT_EQ(part(1, 4).edges, 1U);
  EXPECT_EQ(part(0, 1).switches, 0U);
  EXPECT_EQ(part(0, 1).edges, 0U);
  EXPECT_EQ(part(4, 6).edges, 1U);
}

}  // namespace
}  // namespace takt
