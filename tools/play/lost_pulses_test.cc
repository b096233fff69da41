// SPDX-License-Identifier: Apache-2.0
#include "tools/play/lost_pulses.h"

#include <gtest/gtest.h>

#include <array>

namespace takt {
namespace {

LocalTime at(std::int64_t ms) { return LocalTime{millis(ms)}; }

/// A run that loses as many pulses of output 1 as it is told to.
class ShortfallSumTest : public ::testing::Test {
 protected:
  void play(std::int64_t from_ms, int lost) {
    player_.begin(run_);
    queue(from_ms, 1);
    for (int i = 0; i < lost; ++i) {
      queue(from_ms + 10 + 2 * i, 3);
      queue(from_ms + 11 + 2 * i, 1);
    }
    queue(from_ms + 30, 0, kEndEntry);
    for (const std::int64_t ms : {0, 30}) {
      static_cast<void>(player_.advance(at(from_ms + ms)));
      sum_.note(player_);
    }
  }

  void queue(std::int64_t ms, std::uint32_t on, std::uint32_t entry = 0) {
    ASSERT_GT(window_.room(), 0U);
    Levels levels;
    levels.on = on;
    window_.push({at(ms), entry, levels});
    window_.publish();
  }

  std::array<Window::Slot, 16> slots_{};
  Window window_{slots_, {}, 0};
  Player player_{window_, seconds(1), millis(5), millis(15)};
  std::array<Output, 2> outputs_{};
  Program program_;
  Player::Run run_{program_, {}};
  ShortfallSum sum_;
};

TEST_F(ShortfallSumTest, AddsUpAllRunsAndKeepsTheFirstTime) {
  play(100, 2);
  play(200, 1);
  play(300, 0);
  play(400, 3);
  const std::vector<LostPulses> lost = sum_.lost_pulses();
  ASSERT_EQ(lost.size(), 1U);
  EXPECT_EQ(lost[0].output, 1U);
  EXPECT_EQ(lost[0].count, 6U);
  EXPECT_EQ(lost[0].first, millis(110));
  EXPECT_EQ(sum_.lost(), 6U);
}

TEST_F(ShortfallSumTest, OfWhatLostNothingThereIsNothing) {
  play(100, 0);
  EXPECT_TRUE(sum_.lost_pulses().empty());
  EXPECT_EQ(sum_.beyond().count, 0U);
}

TEST_F(ShortfallSumTest, EdgesBeyondTheToleranceAddUpToo) {
  play(100, 2);
  play(200, 1);
  EXPECT_EQ(sum_.beyond().count, 6U) << "those that were due more than 15 ms before";
  EXPECT_EQ(sum_.beyond().first, at(110));
}

TEST_F(ShortfallSumTest, EdgesThatARuleMadeWaitAddUpToo) {
  const std::array<Interlock, 1> rules{{{InterlockKind::kNeverTogether, kNoOutput, 3, millis(10)}}};
  std::array<InterlockGuard::History, 2> history{};
  program_.outputs = outputs_;
  program_.interlocks = rules;
  const Player::Run guarded{program_, history};
  for (const std::int64_t from : {100, 200}) {
    player_.begin(guarded);
    queue(from, 1);
    queue(from + 10, 0);
    queue(from + 20, 2);
    queue(from + 40, 0, kEndEntry);
    for (const std::int64_t late : {0, 15, 20, 25, 40}) {
      static_cast<void>(player_.advance(at(from + late)));
      sum_.note(player_);
    }
  }
  EXPECT_EQ(sum_.withheld(), 2U);
}

}  // namespace
}  // namespace takt
