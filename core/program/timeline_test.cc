// SPDX-License-Identifier: Apache-2.0
#include "takt/core/program/timeline.h"

#include <gtest/gtest.h>

#include "takt/core/program/limits.h"
#include "tests/support/oracle.h"
#include "tests/support/program.h"

namespace takt {
namespace {

using testing::Built;
using testing::Draft;

TEST(Timeline, NumbersPhaseRunsAsWrittenOut) {
  for (unsigned seed = 1; seed <= 1'000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    const Built built{testing::random_draft(random)};
    const Timeline& timeline = built.timeline();
    const auto entries = testing::expand_entries(built.program());
    ASSERT_EQ(timeline.entry_count(), entries.size());
    Micros start;
    for (std::uint32_t i = 0; i < entries.size(); ++i) {
      ASSERT_EQ(timeline.entry(i).phase, entries[i]);
      ASSERT_EQ(timeline.start_of(i), start);
      start += testing::phase_length(built.program(), built.program().phases[entries[i]]);
    }
    ASSERT_EQ(timeline.start_of(timeline.entry_count()), start);
    ASSERT_EQ(timeline.duration(), start);
  }
}

TEST(Timeline, APositionIsTheInverseOfItsTime) {
  for (unsigned seed = 1; seed <= 1'000; ++seed) {
    std::mt19937 random{seed};
    const Built built{testing::random_draft(random)};
    const Timeline& timeline = built.timeline();
    for (int i = 0; i < 20; ++i) {
      const Micros elapsed{
          std::uniform_int_distribution<std::int64_t>{0, timeline.duration().count()}(random)};
      const Position position = timeline.position_at(elapsed);
      ASSERT_EQ(timeline.start_of(position.entry) + position.offset, elapsed) << "seed " << seed;
      if (position.entry == timeline.entry_count()) continue;
      ASSERT_LT(position.offset, timeline.length_of(timeline.entry(position.entry).phase));
    }
  }
}

TEST(Timeline, TheFirstRunOfAPhaseIsFoundInTheSamePass) {
  Draft draft;
  const auto lamp = draft.add_switch();
  for (int i = 0; i < 4; ++i) draft.add_stage().parts = {testing::span(lamp, {}, millis(1))};
  draft.loops = {{1, 2, 3}};
  draft.repeats = 2;
  const Built built{draft};
  const Timeline& timeline = built.timeline();
  // 0 12 12 12 3, twice.
  EXPECT_EQ(timeline.entry_of(2, 5), 2U);
  EXPECT_EQ(timeline.entry_of(3, 0), 7U);
  EXPECT_EQ(timeline.entry_of(0, 9), 8U);
  EXPECT_EQ(timeline.entry_of(2, 15), 10U);
  EXPECT_EQ(timeline.entry(12).loop, 1U);
  EXPECT_EQ(timeline.entry(12).pass, 1U);
}

TEST(Timeline, RepeatingMultipliesAndRefusesWhatDoesNotFit) {
  Draft draft;
  const auto lamp = draft.add_switch();
  draft.add_stage().parts = {testing::span(lamp, {}, seconds(3'600))};
  draft.repeats = 3;
  const Built built{draft};
  ASSERT_TRUE(built.timeline().repeated(100).ok());
  EXPECT_EQ(built.timeline().repeated(100).value().duration(), seconds(3'600 * 300));
  EXPECT_EQ(built.timeline().repeated(0).status(), Status::kOutOfRange);
  EXPECT_EQ(built.timeline().repeated(1'000'000).status(), Status::kOutOfRange);
  EXPECT_EQ(built.timeline().repeated(0xFFFFFFFF).status(), Status::kOutOfRange);
}

}  // namespace
}  // namespace takt
