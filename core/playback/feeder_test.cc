// SPDX-License-Identifier: Apache-2.0
#include "takt/core/playback/feeder.h"

#include <gtest/gtest.h>

#include "takt/core/playback/player.h"
#include "tests/support/oracle.h"
#include "tests/support/program.h"

namespace takt {
namespace {

using testing::Built;
using testing::Draft;

std::vector<Frame> all_frames(const Timeline& timeline, Position from, LocalTime at) {
  std::vector<PhaseCursor::Slot> slots(16);
  Feeder feeder{slots};
  feeder.seek(timeline, from, at);
  std::vector<Frame> frames;
  for (Frame frame; feeder.next(frame);) frames.push_back(frame);
  return frames;
}

TEST(Feeder, GivesFramesInStrictOrderOfTimeAndTheEndOnce) {
  for (unsigned seed = 1; seed <= 1'000; ++seed) {
    std::mt19937 random{seed};
    const Built built{testing::random_draft(random)};
    const auto frames = all_frames(built.timeline(), {}, LocalTime{});
    for (std::size_t i = 1; i < frames.size(); ++i) {
      ASSERT_LT(frames[i - 1].at, frames[i].at) << "seed " << seed;
      ASSERT_LE(frames[i - 1].entry, frames[i].entry) << "seed " << seed;
    }
    ASSERT_EQ(frames.back().entry, kEndEntry);
    ASSERT_EQ(frames.back().levels, Levels{});
    ASSERT_EQ(frames.back().at.since_zero(), built.timeline().duration());
  }
}

// Reaching a place by seeking equals reaching it by playing, at any place.
TEST(Feeder, SoughtAnywhereGoesOnAsIfPlayedThere) {
  for (unsigned seed = 1; seed <= 1'000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    const Built built{testing::random_draft(random)};
    const std::int64_t duration = built.timeline().duration().count();
    if (duration == 0) continue;
    const auto played = all_frames(built.timeline(), {}, LocalTime{});
    const Micros to{std::uniform_int_distribution<std::int64_t>{0, duration - 1}(random)};
    const auto sought =
        all_frames(built.timeline(), built.timeline().position_at(to), LocalTime{to});
    ASSERT_EQ(sought.front().at, LocalTime{to});
    std::size_t i = 0;
    while (i + 1 < played.size() && played[i + 1].at <= LocalTime{to}) ++i;
    ASSERT_EQ(sought.front().levels, played[i].levels);
    ASSERT_EQ(sought.front().entry, played[i].entry);
    ASSERT_EQ(sought.size(), played.size() - i);
    for (std::size_t j = 1; j < sought.size(); ++j) {
      ASSERT_EQ(sought[j].at, played[i + j].at);
      ASSERT_EQ(sought[j].levels, played[i + j].levels);
      ASSERT_EQ(sought[j].entry, played[i + j].entry);
    }
  }
}

TEST(Feeder, KeepsAnOutputOnWhereOnePhaseEndsAndTheNextBegins) {
  Draft draft;
  const auto lamp = draft.add_switch();
  draft.add_stage().parts = {testing::span(lamp, Micros{0}, millis(10))};
  draft.add_stage().parts = {testing::span(lamp, Micros{0}, millis(10))};
  const Built built{draft};
  const auto frames = all_frames(built.timeline(), {}, LocalTime{});
  ASSERT_EQ(frames.size(), 3U);
  EXPECT_EQ(frames[1].levels.on, 1U);
  EXPECT_EQ(frames[1].entry, 1U);
}

TEST(Feeder, PassesOverPhasesThatTakeNoTime) {
  Draft draft;
  const auto lamp = draft.add_switch();
  for (int i = 0; i < 5; ++i) draft.add_stage();
  draft.add_stage().parts = {testing::span(lamp, Micros{0}, millis(1))};
  draft.add_stage();
  const Built built{draft};
  const auto frames = all_frames(built.timeline(), {}, LocalTime{});
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(frames[0].entry, 5U);
  EXPECT_EQ(frames[1].entry, kEndEntry);
}

}  // namespace
}  // namespace takt
