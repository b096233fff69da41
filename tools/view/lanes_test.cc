// SPDX-License-Identifier: Apache-2.0
#include "tools/view/lanes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <utility>

#include "tests/support/oracle.h"
#include "tests/support/program.h"

namespace takt {
namespace {

using testing::Built;
using testing::Draft;

constexpr std::size_t kColumns = 500;

std::vector<Lane> lanes_of(const Timeline& timeline, const Stretch& stretch,
                           std::size_t columns = kColumns) {
  PlannedFrames frames{timeline};
  const Program& program = timeline.program();
  std::span<const SideOutputs> sides;
  if (program.pattern != nullptr) sides = program.pattern->sides;
  return takt::lanes_of(frames, program.outputs, sides, stretch, columns);
}

std::vector<Lane> lanes_of(const Built& built) {
  return lanes_of(built.timeline(), Stretch::whole(built.timeline()));
}

double filled(const Lane& lane) {
  double sum = 0;
  for (const Lane::Span& span : lane.spans) sum += (span.to - span.from) * span.part;
  return sum;
}

TEST(Lanes, SpansAreInOrderAndApart) {
  const unsigned first_seed = std::random_device{}();
  for (unsigned i = 0; i < 200; ++i) {
    const unsigned seed = first_seed + i;
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    const Built built{testing::random_draft(random)};
    for (const Lane& lane : lanes_of(built)) {
      double end = 0;
      for (const Lane::Span& span : lane.spans) {
        ASSERT_GE(span.from, end - 1e-6);
        ASSERT_GT(span.to, span.from);
        ASSERT_GE(span.part, 0);
        ASSERT_LE(span.part, 1 + 1e-6);
        end = span.to;
      }
      ASSERT_LE(end, static_cast<double>(kColumns) + 1e-6);
    }
  }
}

TEST(Lanes, SingleSpansAreExact) {
  Draft draft;
  const std::uint8_t a = draft.add_switch();
  Draft::Stage& stage = draft.add_stage(seconds(100));
  stage.parts.push_back(testing::span(a, seconds(50), seconds(25)));
  stage.parts.push_back(testing::span(a, seconds(300), seconds(100)));
  const Built built{draft};
  const std::vector<Lane> lanes = lanes_of(built);
  ASSERT_EQ(lanes[a].spans.size(), 2U);
  EXPECT_NEAR(lanes[a].spans[0].from, 150, 1e-6);
  EXPECT_NEAR(lanes[a].spans[0].to, 175, 1e-6);
  EXPECT_NEAR(lanes[a].spans[1].from, 400, 1e-6);
  EXPECT_NEAR(lanes[a].spans[1].to, 500, 1e-6);
  EXPECT_FALSE(lanes[a].spans[0].dense);
}

TEST(Lanes, ABillionPulsesBecomeOneTint) {
  Draft draft;
  const std::uint8_t led = draft.add_switch();
  draft.add_stage().parts.push_back(
      testing::pulses(led, kNoOutput, Micros{0}, 1'000'000'000, {{Micros{300}, Micros{700}}}));
  const Built built{draft};
  const std::vector<Lane> lanes = lanes_of(built);
  ASSERT_EQ(lanes[led].spans.size(), 1U);
  EXPECT_TRUE(lanes[led].spans[0].dense);
  EXPECT_NEAR(filled(lanes[led]), 0.3 * kColumns, 0.02 * kColumns);
}

/// What is drawn of an analog output at a column: least and most.
std::pair<double, double> levels_at(const Lane& lane, double column) {
  for (const Lane::Piece& piece : lane.pieces) {
    if (piece.from <= column && column < piece.to) return {piece.least, piece.most};
  }
  return {-1, -1};
}

TEST(Lanes, ARampIsDrawnWithinAColumn) {
  Draft draft;
  const std::uint8_t lamp = draft.add_analog(1'000);
  draft.add_stage().parts.push_back(
      testing::ramp(lamp, 500, Micros{0}, seconds(10), seconds(5), seconds(5)));
  const Built built{draft};
  const Lane lane = lanes_of(built)[lamp];
  for (const auto& [column, level] : {std::pair{125, 0.25}, {249, 0.5}, {375, 0.25}}) {
    const auto [least, most] = levels_at(lane, column);
    EXPECT_NEAR(least, level, 0.003);
    EXPECT_NEAR(most, level, 0.003);
    EXPECT_LE(least, most);
  }
}

TEST(Lanes, AStepIsAStepAtItsTime) {
  const Built built{testing::two_sides()};
  // Halves of 500 ms with 1 ms between them, on 500 columns of 10 ms.
  const std::vector<Lane> lanes = lanes_of(built.timeline(), {seconds(10), seconds(15)});
  const auto& [left, right] = built.program().pattern->sides;
  for (int half = 0; half < 10; ++half) {
    const double middle = half * 50 + 25;
    const std::uint8_t on = half % 2 == 0 ? left.drive : right.drive;
    const std::uint8_t off = half % 2 == 0 ? right.drive : left.drive;
    EXPECT_EQ(levels_at(lanes[on], middle), (std::pair{0.6, 0.6}));
    EXPECT_EQ(levels_at(lanes[off], middle), (std::pair{0.0, 0.0}));
  }
  for (std::size_t i = 1; i < lanes[left.drive].pieces.size(); ++i) {
    const Lane::Piece& piece = lanes[left.drive].pieces[i];
    EXPECT_EQ(piece.least, piece.most);
    EXPECT_NEAR(piece.from, std::round(piece.from / 50) * 50, 0.11);
  }
}

TEST(Lanes, WhereStepsAreTooCloseTheLeastAndTheLargestAreDrawn) {
  Draft draft = testing::two_sides();
  draft.pattern->length = seconds(1'200);
  const Built built{draft};
  const std::vector<Lane> lanes = lanes_of(built);
  const Lane& drive = lanes[built.program().pattern->sides[0].drive];
  ASSERT_EQ(drive.pieces.size(), 1U);
  EXPECT_TRUE(drive.pieces[0].dense);
  EXPECT_EQ(drive.pieces[0].least, 0);
  EXPECT_EQ(drive.pieces[0].most, 0.6);
}

void expect_levels_within(const Built& built, std::size_t output, std::size_t columns) {
  const Stretch whole = Stretch::whole(built.timeline());
  const Lane lane = lanes_of(built.timeline(), whole, columns)[output];
  const Output& row = built.program().outputs[output];
  const double per_column =
      static_cast<double>(whole.length().count()) / static_cast<double>(columns);
  double end = 0;
  for (const Lane::Piece& piece : lane.pieces) {
    ASSERT_EQ(piece.from, end);
    ASSERT_LE(piece.least, piece.most);
    end = piece.to;
  }
  ASSERT_EQ(end, columns);
  const std::vector<testing::Change> changes = testing::expand(built.program());
  for (std::size_t i = 0; i + 1 < changes.size(); ++i) {
    // A column begins at a whole microsecond.
    if (changes[i + 1].at - changes[i].at < Micros{2}) continue;
    const double place = static_cast<double>(changes[i].at.count() + 1) / per_column;
    const double level = static_cast<double>(changes[i].levels.analog[row.channel]) / row.range;
    const auto [least, most] = levels_at(lane, place);
    ASSERT_GE(level, least) << place;
    ASSERT_LE(level, most) << place;
  }
}

/// Against every level that the run has, near and from afar.
TEST(Lanes, NoLevelLiesOutsideWhatIsDrawn) {
  const unsigned first_seed = std::random_device{}();
  for (unsigned i = 0; i < 200; ++i) {
    const unsigned seed = first_seed + i;
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    const Built built{testing::random_draft(random)};
    if (built.timeline().duration() == Micros{}) continue;
    for (std::size_t o = 0; o < built.program().outputs.size(); ++o) {
      if (built.program().outputs[o].kind != OutputKind::kAnalog) continue;
      for (const std::size_t columns : {500U, 40U, 7U}) expect_levels_within(built, o, columns);
    }
  }
}

TEST(Lanes, ALightHasTheColourThatItShows) {
  Draft draft = testing::two_sides();
  const std::uint8_t light = draft.pattern->sides[0].light;
  draft.pattern->sides[0].colour = draft.add_analog(15);
  draft.pattern->score.length = draft.pattern->length = seconds(4);
  draft.segments = {{0, 500, 0, 100, {60, 20, 9}, SideMode::kLeft, false},
                    {2'000, 500, 0, 100, {60, 20, 1}, SideMode::kLeft, false}};
  const Built built{draft};
  ASSERT_TRUE(built.ok()) << built.diagnostics().text();
  const std::vector<Lane> lanes = lanes_of(built);
  ASSERT_FALSE(lanes[light].spans.empty());
  for (const Lane::Span& span : lanes[light].spans) {
    EXPECT_EQ(span.colour, span.from < 250 ? 9 : 1) << span.from;
    EXPECT_TRUE(span.to <= 250.01 || span.from >= 249.99);
  }
  EXPECT_EQ(lanes[built.program().pattern->sides[0].motor].spans[0].colour, kNoColour);
}

TEST(Lanes, ACrowdOfFlashesHasTheColourOfTheFlashes) {
  Draft draft = testing::two_sides();
  const std::uint8_t light = draft.pattern->sides[0].light;
  const std::uint8_t brightness = draft.pattern->sides[0].brightness;
  draft.pattern->sides[0].colour = draft.add_analog(15);
  draft.pattern->score.length = draft.pattern->length = seconds(2);
  draft.segments = {{0, 500, 0, 10, {0, 20, 6}, SideMode::kLeft, false}};
  draft.repeats = 1'000;
  const Built built{draft};
  ASSERT_TRUE(built.ok()) << built.diagnostics().text();
  const std::vector<Lane> lanes = lanes_of(built);
  ASSERT_FALSE(lanes[light].spans.empty());
  for (const Lane::Span& span : lanes[light].spans) EXPECT_EQ(span.colour, 6);
  for (const Lane::Piece& piece : lanes[brightness].pieces) EXPECT_EQ(piece.colour, 6);
}

TEST(Lanes, ACrowdChangesItsColourWhereItsFlashesDo) {
  Draft draft = testing::two_sides();
  const std::uint8_t light = draft.pattern->sides[0].light;
  const std::uint8_t brightness = draft.pattern->sides[0].brightness;
  draft.pattern->sides[0].colour = draft.add_analog(15);
  draft.pattern->score.length = draft.pattern->length = seconds(100);
  // Column 250 is the fifth of six that are shown as one.
  draft.segments = {{0, 1'500, 0, 50, {0, 20, 9}, SideMode::kLeft, false},
                    {50'000, 1'500, 0, 50, {0, 20, 1}, SideMode::kLeft, false}};
  const Built built{draft};
  ASSERT_TRUE(built.ok()) << built.diagnostics().text();
  const std::vector<Lane> lanes = lanes_of(built);
  const auto expect_colours = [](const auto& parts) {
    ASSERT_FALSE(parts.empty());
    for (const auto& part : parts) {
      EXPECT_TRUE(part.to < 250.01 || part.from > 249.99) << part.from << " to " << part.to;
      EXPECT_EQ(part.colour, part.from < 249.99 ? 9 : 1) << part.from;
    }
  };
  ASSERT_TRUE(lanes[light].spans.at(0).dense);
  expect_colours(lanes[light].spans);
  expect_colours(lanes[brightness].pieces);
}

TEST(Lanes, ACrowdOfSeveralColoursHasTheOneThatItShowsLongest) {
  Draft draft = testing::two_sides();
  const std::uint8_t light = draft.pattern->sides[0].light;
  draft.pattern->sides[0].colour = draft.add_analog(15);
  draft.pattern->score.length = draft.pattern->length = millis(1'600);
  draft.segments = {{0, 2'500, 0, 50, {0, 20, 9}, SideMode::kLeft, false},
                    {1'200, 2'500, 0, 50, {0, 20, 1}, SideMode::kLeft, false}};
  draft.repeats = 1'000;
  const Built built{draft};
  ASSERT_TRUE(built.ok()) << built.diagnostics().text();
  const std::vector<Lane> lanes = lanes_of(built);
  ASSERT_FALSE(lanes[light].spans.empty());
  for (const Lane::Span& span : lanes[light].spans) EXPECT_EQ(span.colour, 9) << span.from;
}

TEST(Lanes, APartKnowsWhetherTheRunGoesOn) {
  const Built built{testing::two_sides()};
  const Stretch whole = Stretch::whole(built.timeline());
  const auto ends_of = [&](Micros from, Micros to) {
    const Lane lane = lanes_of(built.timeline(), {from, to})[0];
    return std::pair{lane.has_before, lane.has_behind};
  };
  EXPECT_EQ(ends_of(whole.from, whole.to), (std::pair{false, false}));
  EXPECT_EQ(ends_of(whole.from, seconds(5)), (std::pair{false, true}));
  EXPECT_EQ(ends_of(seconds(5), seconds(6)), (std::pair{true, true}));
  EXPECT_EQ(ends_of(seconds(5), whole.to), (std::pair{true, false}));
}

TEST(Lanes, WhatWasPlayedEndsWhereTheTraceDoes) {
  PlayedTrace trace;
  trace.outputs.resize(1);
  trace.outputs[0].id = "a";
  Levels on;
  on.on = 1;
  trace.rows = {{seconds(1), on}, {seconds(2), {}}, {seconds(3), on}, {seconds(4), on}};
  PlayedFrames frames{trace};
  const std::vector<Lane> lanes =
      takt::lanes_of(frames, trace.outputs, {}, {Micros{}, seconds(10)}, kColumns);
  ASSERT_EQ(lanes[0].spans.size(), 2U);
  EXPECT_NEAR(lanes[0].spans[0].from, 50, 1e-6);
  EXPECT_NEAR(lanes[0].spans[0].to, 100, 1e-6);
  EXPECT_NEAR(lanes[0].spans[1].from, 150, 1e-6);
  EXPECT_NEAR(lanes[0].spans[1].to, 200, 1e-6);
}

TEST(Lanes, APartBeginsWithWhatIsOn) {
  const Built built{testing::two_sides()};
  // From the middle of a left half to the middle of a right one.
  const Stretch stretch{millis(10'250), millis(10'750)};
  const std::vector<Lane> lanes = lanes_of(built.timeline(), stretch);
  const auto& [left, right] = built.program().pattern->sides;
  ASSERT_EQ(lanes[left.motor].spans.size(), 1U);
  EXPECT_EQ(lanes[left.motor].spans[0].from, 0);
  EXPECT_NEAR(lanes[left.motor].spans[0].to, 249, 1);
  ASSERT_EQ(lanes[right.motor].spans.size(), 1U);
  EXPECT_NEAR(lanes[right.motor].spans[0].from, 250, 1);
  EXPECT_NEAR(lanes[right.motor].spans[0].to, 500, 1);
}

}  // namespace
}  // namespace takt
