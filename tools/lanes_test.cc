// SPDX-License-Identifier: Apache-2.0
#include "tools/lanes.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/support/program.h"
#include "tools/tally.h"

namespace takt {
namespace {

using testing::Built;
using testing::Draft;

constexpr std::size_t kColumns = 500;

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
    for (const Lane& lane :
         lanes_of(built.timeline(), Stretch::whole(built.timeline()), kColumns)) {
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
  const std::vector<Lane> lanes =
      lanes_of(built.timeline(), Stretch::whole(built.timeline()), kColumns);
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
  const std::vector<Lane> lanes =
      lanes_of(built.timeline(), Stretch::whole(built.timeline()), kColumns);
  ASSERT_EQ(lanes[led].spans.size(), 1U);
  EXPECT_TRUE(lanes[led].spans[0].dense);
  EXPECT_NEAR(filled(lanes[led]), 0.3 * kColumns, 0.02 * kColumns);
}

TEST(Lanes, AnalogLevelsAreMeans) {
  Draft draft;
  const std::uint8_t lamp = draft.add_analog(1'000);
  draft.add_stage().parts.push_back(
      testing::ramp(lamp, 500, Micros{0}, seconds(10), seconds(5), seconds(5)));
  const Built built{draft};
  const std::vector<Lane> lanes =
      lanes_of(built.timeline(), Stretch::whole(built.timeline()), kColumns);
  EXPECT_NEAR(lanes[lamp].levels[125], 0.25, 0.01);
  EXPECT_NEAR(lanes[lamp].levels[250], 0.5, 0.01);
  EXPECT_NEAR(lanes[lamp].levels[375], 0.25, 0.01);
}

TEST(Lanes, APartBeginsWithWhatIsOn) {
  const Built built{testing::two_sides()};
  // From the middle of a left half to the middle of a right one.
  const Stretch stretch{millis(10'250), millis(10'750)};
  const std::vector<Lane> lanes = lanes_of(built.timeline(), stretch, kColumns);
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
