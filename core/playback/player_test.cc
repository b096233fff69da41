// SPDX-License-Identifier: Apache-2.0
#include "takt/core/playback/player.h"

#include <gtest/gtest.h>

#include <array>

namespace takt {
namespace {

constexpr Micros kLateness = millis(2);
constexpr Micros kTolerance = millis(10);

LocalTime at(std::int64_t ms) { return LocalTime{millis(ms)}; }
Levels on(std::uint32_t outputs) {
  Levels levels;
  levels.on = outputs;
  return levels;
}

class PlayerTest : public ::testing::Test {
 protected:
  PlayerTest() {
    program_.outputs = outputs_;
    run_ = {program_, history_};
    player_.begin(run_);
  }

  void queue(std::int64_t ms, std::uint32_t levels, std::uint32_t entry = 0) {
    ASSERT_GT(window_.room(), 0U);
    window_.push({at(ms), entry, on(levels)});
    window_.publish();
  }
  std::optional<Fault> fault() {
    Fault fault;
    return player_.take_fault(fault) ? std::optional{fault} : std::nullopt;
  }

  std::array<Window::Slot, 16> slots_{};
  Window window_{slots_, {}, 0};
  Player player_{window_, millis(5), kLateness, kTolerance};
  std::array<Output, 4> outputs_{};
  std::array<InterlockGuard::History, 4> history_{};
  Program program_;
  Player::Run run_;
};

TEST_F(PlayerTest, IsSafeBeforeTheFirstFrame) {
  queue(10, 1);
  const Step step = player_.advance(at(9));
  EXPECT_EQ(step.levels, Levels{});
  EXPECT_EQ(step.deadline, at(10));
  EXPECT_FALSE(step.changed);
}

TEST_F(PlayerTest, NeverAppliesAFrameEarly) {
  queue(10, 1);
  EXPECT_EQ(player_.advance(at(10) - Micros{1}).levels, Levels{});
  EXPECT_EQ(player_.advance(at(10)).levels, on(1));
}

TEST_F(PlayerTest, CalledTwiceChangesNothing) {
  queue(10, 1);
  queue(20, 0, kEndEntry);
  const Step first = player_.advance(at(10));
  const Step again = player_.advance(at(10));
  EXPECT_TRUE(first.changed);
  EXPECT_FALSE(again.changed);
  EXPECT_EQ(again.levels, first.levels);
  EXPECT_EQ(again.deadline, first.deadline);
  EXPECT_EQ(player_.edges(), 1U);
}

TEST_F(PlayerTest, BeingLateOnceMakesNoLaterFrameLate) {
  queue(10, 1);
  queue(20, 2);
  queue(30, 0, kEndEntry);
  const Step late = player_.advance(at(13));
  EXPECT_EQ(late.lateness, millis(3));
  EXPECT_EQ(late.deadline, at(20));
  EXPECT_EQ(player_.advance(late.deadline).lateness, Micros{0});
}

TEST_F(PlayerTest, MergesFramesThatAreDueTogether) {
  queue(10, 1);
  queue(11, 3);
  queue(12, 2);
  queue(99, 0, kEndEntry);
  const Step step = player_.advance(at(20));
  EXPECT_EQ(step.levels, on(2));
  EXPECT_EQ(step.lateness, millis(8));
  EXPECT_EQ(player_.edges(), 1U);
  EXPECT_EQ(player_.lateness().frames, 3U);
}

TEST_F(PlayerTest, APulseThatMergedFramesSwallowIsCountedWithItsTime) {
  queue(10, 1);
  queue(20, 3);
  queue(21, 1);
  queue(22, 3);
  queue(23, 1);
  queue(99, 0, kEndEntry);
  static_cast<void>(player_.advance(at(10)));
  static_cast<void>(player_.advance(at(24)));
  EXPECT_EQ(player_.outputs_with_lost_pulses(), 2U);
  EXPECT_EQ(player_.lost_pulses(1).count, 2U);
  EXPECT_EQ(player_.lost_pulses(1).first, at(20));
  EXPECT_EQ(player_.lost_pulses(0).count, 0U);
}

TEST_F(PlayerTest, APauseThatMergedFramesSwallowLosesThePulseBehindIt) {
  queue(10, 1);
  queue(20, 0);
  queue(21, 1);
  queue(99, 0, kEndEntry);
  static_cast<void>(player_.advance(at(10)));
  static_cast<void>(player_.advance(at(30)));
  EXPECT_EQ(player_.lost_pulses(0).count, 1U);
  EXPECT_EQ(player_.lost_pulses(0).first, at(21));
}

TEST_F(PlayerTest, APulseThatIsMerelyLateIsNotLost) {
  queue(10, 1);
  queue(20, 0);
  queue(30, 2);
  queue(99, 0, kEndEntry);
  static_cast<void>(player_.advance(at(19)));
  static_cast<void>(player_.advance(at(35)));
  static_cast<void>(player_.advance(at(99)));
  EXPECT_EQ(player_.outputs_with_lost_pulses(), 0U);
}

TEST_F(PlayerTest, APulseThatADeadTimeHoldsBackUntilItIsOverIsLost) {
  std::array<Interlock, 1> rules{Interlock{InterlockKind::kNeverTogether, kNoOutput, 3, millis(5)}};
  program_.interlocks = rules;
  run_ = {program_, history_};
  queue(10, 1);
  queue(20, 0);
  queue(30, 2);
  queue(33, 0);
  queue(99, 0, kEndEntry);
  static_cast<void>(player_.advance(at(10)));
  static_cast<void>(player_.advance(at(29)));
  EXPECT_EQ(player_.advance(at(30)).levels, Levels{});
  static_cast<void>(player_.advance(at(33)));
  EXPECT_EQ(player_.lost_pulses(1).count, 1U);
  EXPECT_EQ(player_.lost_pulses(1).first, at(30));
}

TEST_F(PlayerTest, EdgesBeyondTheToleranceAreCountedWithTheFirstTime) {
  queue(10, 1);
  queue(30, 3);
  queue(50, 0);
  queue(99, 0, kEndEntry);
  static_cast<void>(player_.advance(at(20)));
  EXPECT_EQ(player_.beyond_tolerance().count, 0U) << "as late as the tolerance is not beyond it";
  static_cast<void>(player_.advance(at(40) + Micros{1}));
  EXPECT_EQ(player_.beyond_tolerance().count, 1U);
  static_cast<void>(player_.advance(at(70)));
  EXPECT_EQ(player_.beyond_tolerance().count, 3U);
  EXPECT_EQ(player_.beyond_tolerance().first, at(30));
}

TEST_F(PlayerTest, AnEdgeThatADeadTimeHoldsBackBeyondTheToleranceIsCounted) {
  std::array<Interlock, 1> rules{
      Interlock{InterlockKind::kNeverTogether, kNoOutput, 3, millis(15)}};
  program_.interlocks = rules;
  run_ = {program_, history_};
  queue(10, 1);
  queue(20, 0);
  queue(35, 2);
  queue(99, 0, kEndEntry);
  static_cast<void>(player_.advance(at(10)));
  static_cast<void>(player_.advance(at(30)));
  static_cast<void>(player_.advance(at(35)));
  EXPECT_EQ(player_.beyond_tolerance().count, 0U);
  EXPECT_EQ(player_.advance(at(46)).levels, on(2));
  EXPECT_EQ(player_.beyond_tolerance().count, 1U);
  EXPECT_EQ(player_.beyond_tolerance().first, at(35));
}

TEST_F(PlayerTest, ANewRunHasLostNothingYet) {
  queue(10, 1);
  queue(11, 0);
  queue(50, 0, kEndEntry);
  static_cast<void>(player_.advance(at(30)));
  static_cast<void>(player_.advance(at(50)));
  ASSERT_EQ(player_.lost_pulses(0).count, 1U);
  player_.begin(run_);
  EXPECT_EQ(player_.lost_pulses(0).count, 0U);
  queue(60, 1);
  static_cast<void>(player_.advance(at(60)));
  EXPECT_EQ(player_.outputs_with_lost_pulses(), 0U);
  EXPECT_EQ(player_.beyond_tolerance().count, 0U);
}

TEST_F(PlayerTest, CountsChangesOfLevels) {
  queue(10, 7);
  queue(20, 1);
  queue(30, 0, kEndEntry);
  for (const std::int64_t ms : {10, 20, 30}) static_cast<void>(player_.advance(at(ms)));
  EXPECT_EQ(player_.edges(), 6U);
}

TEST_F(PlayerTest, AFrameThatBreaksARuleIsRefusedAndOutputsAreSafe) {
  std::array<Interlock, 1> rules{Interlock{InterlockKind::kNeverTogether, kNoOutput, 3, {}}};
  program_.interlocks = rules;
  run_ = {program_, history_};
  queue(10, 1);
  queue(20, 3);
  queue(30, 1);
  EXPECT_EQ(player_.advance(at(10)).levels, on(1));
  EXPECT_EQ(player_.advance(at(20)).levels, Levels{});
  EXPECT_TRUE(player_.faulted());
  const auto found = fault();
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->reason, FaultReason::kTogether);
  EXPECT_EQ(found->at, at(20));
  EXPECT_EQ(player_.advance(at(30)).levels, Levels{}) << "nothing plays on after a fault";
}

TEST_F(PlayerTest, AnOutputThatIsOnTooLongGoesOffWithoutAFrame) {
  outputs_[0].longest_on = millis(50);
  run_ = {program_, history_};
  queue(10, 1);
  queue(1'000, 0, kEndEntry);
  const Step step = player_.advance(at(10));
  EXPECT_EQ(step.deadline, at(60));
  EXPECT_EQ(player_.advance(at(60)).levels, Levels{});
  EXPECT_EQ(fault()->reason, FaultReason::kLongestOn);
}

TEST_F(PlayerTest, AStallThatKeepsAnOutputOnBeyondItsLimitIsAFaultWhenItIsSeen) {
  outputs_[1].longest_on = millis(50);
  run_ = {program_, history_};
  queue(10, 2);
  queue(60, 1);
  queue(99, 0, kEndEntry);
  static_cast<void>(player_.advance(at(10)));
  EXPECT_EQ(player_.advance(at(62) + Micros{1}).levels, Levels{});
  EXPECT_TRUE(player_.faulted());
  const auto found = fault();
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->reason, FaultReason::kLongestOn);
  EXPECT_EQ(found->output, 1);
  EXPECT_FALSE(fault().has_value());
}

TEST_F(PlayerTest, AnOutputThatMissedItsPauseGoesOffWhenItsLimitIsOver) {
  outputs_[0].longest_on = millis(50);
  run_ = {program_, history_};
  queue(10, 1);
  queue(55, 0);
  queue(57, 1);
  queue(99, 0, kEndEntry);
  static_cast<void>(player_.advance(at(10)));
  const Step step = player_.advance(at(58));
  EXPECT_EQ(step.levels, on(1));
  EXPECT_EQ(step.deadline, at(60) + kLateness + Micros{1});
  EXPECT_EQ(player_.advance(step.deadline).levels, Levels{});
  EXPECT_EQ(fault()->reason, FaultReason::kLongestOn);
}

TEST_F(PlayerTest, LatenessThatThePortStatesIsNoStall) {
  outputs_[1].longest_on = millis(50);
  run_ = {program_, history_};
  queue(10, 2);
  queue(60, 1);
  queue(99, 0, kEndEntry);
  static_cast<void>(player_.advance(at(10)));
  EXPECT_EQ(player_.advance(at(60) + kLateness).levels, on(1));
  EXPECT_FALSE(player_.faulted());
}

TEST_F(PlayerTest, AWindowThatRunsDryMakesOutputsSafeAfterTheGrace) {
  queue(10, 1);
  const Step step = player_.advance(at(10));
  EXPECT_EQ(step.levels, on(1));
  EXPECT_EQ(player_.advance(at(15)).levels, on(1));
  EXPECT_EQ(player_.advance(step.deadline).levels, Levels{});
  EXPECT_EQ(fault()->reason, FaultReason::kUnderrun);
}

TEST_F(PlayerTest, AFrameWithinTheGraceSavesARun) {
  queue(10, 1);
  static_cast<void>(player_.advance(at(10)));
  queue(14, 2);
  EXPECT_EQ(player_.advance(at(14)).levels, on(2));
  EXPECT_FALSE(player_.faulted());
}

TEST_F(PlayerTest, AnEndedRunMayBeDryForever) {
  queue(10, 1);
  queue(20, 0, kEndEntry);
  static_cast<void>(player_.advance(at(20)));
  EXPECT_EQ(player_.advance(at(100'000)).deadline, kNever);
  EXPECT_FALSE(player_.faulted());
}

TEST_F(PlayerTest, AnEmergencyStopActsAtTheNextAdvanceWhateverIsQueued) {
  queue(10, 1);
  queue(11, 3);
  queue(12, 1);
  static_cast<void>(player_.advance(at(10)));
  player_.request_emergency_stop();
  EXPECT_EQ(player_.advance(at(11)).levels, Levels{});
  EXPECT_EQ(player_.advance(at(12)).levels, Levels{});
  EXPECT_EQ(fault()->reason, FaultReason::kEmergencyStop);
}

TEST_F(PlayerTest, AnEmergencyStopOutlivesTheBeginningOfARun) {
  player_.request_emergency_stop();
  queue(10, 1);
  EXPECT_EQ(player_.advance(at(10)).levels, Levels{});
  EXPECT_TRUE(player_.faulted());
}

TEST_F(PlayerTest, ANewRunForgetsTheFaultAndCountsFromZero) {
  queue(10, 1);
  static_cast<void>(player_.advance(at(10)));
  static_cast<void>(player_.advance(at(50)));
  ASSERT_TRUE(player_.faulted());
  player_.begin(run_);
  queue(60, 1);
  queue(70, 0, kEndEntry);
  EXPECT_EQ(player_.advance(at(60)).levels, on(1));
  EXPECT_EQ(player_.edges(), 1U);
  EXPECT_FALSE(player_.faulted());
}

TEST_F(PlayerTest, AFailedPortIsReportedAndPlaybackGoesOn) {
  queue(10, 1);
  queue(20, 3);
  queue(30, 0, kEndEntry);
  static_cast<void>(player_.advance(at(10)));
  player_.port_failed(at(10));
  EXPECT_EQ(player_.advance(at(20)).levels, on(3));
  EXPECT_EQ(fault()->reason, FaultReason::kPort);
  EXPECT_FALSE(player_.faulted());
}

TEST_F(PlayerTest, FaultsBeyondItsQueueAreCounted) {
  for (int i = 0; i < 11; ++i) player_.port_failed(at(1));
  EXPECT_EQ(player_.faults_lost(), 7U);
}

}  // namespace
}  // namespace takt
