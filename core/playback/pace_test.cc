// SPDX-License-Identifier: Apache-2.0
#include "takt/core/playback/pace.h"

#include <gtest/gtest.h>

#include "takt/core/playback/feeder.h"
#include "tests/support/program.h"

namespace takt {
namespace {

using testing::Built;
using testing::Draft;

/// The truth, by looking at every stretch that begins with a frame.
std::uint64_t densest_by_counting(const Timeline& timeline, Micros length) {
  std::vector<PhaseCursor::Slot> slots(16);
  Feeder feeder{slots};
  feeder.seek(timeline, {}, LocalTime{});
  std::vector<LocalTime> times;
  for (Frame frame; feeder.next(frame);) times.push_back(frame.at);
  std::uint64_t most = 0;
  for (std::size_t begin = 0; begin < times.size(); ++begin) {
    std::size_t end = begin;
    while (end < times.size() && times[end] < times[begin] + length) ++end;
    most = std::max<std::uint64_t>(most, end - begin);
  }
  return most;
}

TEST(Pace, IsNeverBelowTheTruth) {
  for (unsigned seed = 1; seed <= 2'000; ++seed) {
    std::mt19937 random{seed};
    const Built built{testing::random_draft(random)};
    const Micros length{std::uniform_int_distribution<std::int64_t>{1, 40'000}(random)};
    ASSERT_GE(densest(built.timeline(), length).frames,
              densest_by_counting(built.timeline(), length))
        << "seed " << seed;
  }
}

TEST(Pace, OfOneLongPatternIsItsOwn) {
  Draft draft;
  const auto lamp = draft.add_switch();
  draft.add_stage().parts = {
      testing::pulses(lamp, kNoOutput, Micros{0}, 1'000'000, {{Micros{500}, Micros{500}}})};
  const Built built{draft};
  // 40 edges in 20 ms, one frame for the beginning of the phase and one for the end.
  EXPECT_EQ(densest(built.timeline(), millis(20)).frames, 42U);
}

TEST(Pace, NamesThePhaseThatIsTooDense) {
  Draft draft;
  const auto lamp = draft.add_switch();
  draft.add_stage().parts = {testing::span(lamp, Micros{0}, seconds(1))};
  draft.add_stage(seconds(1)).parts = {
      testing::pulses(lamp, kNoOutput, Micros{0}, 100, {{Micros{50}, Micros{50}}})};
  draft.add_stage(seconds(1)).parts = {testing::span(lamp, seconds(1), seconds(1))};
  EXPECT_EQ(densest(Built{draft}.timeline(), millis(1)).phase, 1);
}

TEST(Pace, OfManyPhasesThatTakeNoTimeIsFoundQuickly) {
  Draft draft;
  const auto lamp = draft.add_switch();
  for (int i = 0; i < 999; ++i) draft.add_stage();
  draft.add_stage().parts = {testing::span(lamp, Micros{0}, Micros{1})};
  draft.repeats = 1'000'000;
  EXPECT_GT(densest(Built{draft}.timeline(), millis(20)).frames, 16'384U);
}

}  // namespace
}  // namespace takt
