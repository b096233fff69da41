// SPDX-License-Identifier: Apache-2.0
#include "takt/core/playback/interlock.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>

#include "takt/core/base/bits.h"
#include "takt/core/program/limits.h"

namespace takt {
namespace {

LocalTime at(std::int64_t ms) { return LocalTime{millis(ms)}; }
Levels on(std::uint32_t outputs) {
  Levels levels;
  levels.on = outputs;
  return levels;
}

/// Outputs 0 and 1 exclude each other with 10 ms between; 2 is a motor with direction 3 and 20 ms
/// of rest before it reverses; 4 has limits.
class InterlockTest : public ::testing::Test {
 protected:
  InterlockTest() {
    outputs_[2].direction = 3;
    outputs_[3].kind = OutputKind::kDirection;
    outputs_[4].longest_on = millis(100);
    outputs_[4].shortest_on = millis(10);
    outputs_[4].shortest_off = millis(30);
    rules_[0] = {InterlockKind::kNeverTogether, kNoOutput, bit(0) | bit(1), millis(10)};
    rules_[1] = {InterlockKind::kReversal, 2, 0, millis(20)};
    Program program;
    program.outputs = outputs_;
    program.interlocks = rules_;
    guard_.set_rules(program, history_);
  }

  /// Judges each frame in turn and returns what is wrong with the last; the others must be sound.
  std::string judge(std::initializer_list<std::pair<std::int64_t, std::uint32_t>> frames) {
    InterlockGuard::Violation violation{FaultReason::kPort};
    bool sound = true;
    for (const auto& [ms, levels] : frames) {
      EXPECT_TRUE(sound);
      const auto found = guard_.judge(on(levels), at(ms));
      sound = !found;
      if (found) violation = *found;
    }
    return sound ? "sound" : std::string{name(violation.reason)};
  }

  static std::string_view name(FaultReason reason) {
    switch (reason) {
      case FaultReason::kTogether: return "together";
      case FaultReason::kDeadTime: return "dead time";
      case FaultReason::kReversal: return "reversal";
      case FaultReason::kShortestOn: return "shortest on";
      case FaultReason::kShortestOff: return "shortest off";
      default: return "another";
    }
  }

  std::array<Output, 6> outputs_{};
  std::array<Interlock, 2> rules_{};
  std::array<InterlockGuard::History, 6> history_{};
  InterlockGuard guard_;
};

TEST_F(InterlockTest, ExclusiveOutputsAreNeverOnTogether) {
  EXPECT_EQ(judge({{0, bit(0)}, {5, bit(0) | bit(1)}}), "together");
}

TEST_F(InterlockTest, ExclusiveOutputsKeepTheirDeadTime) {
  EXPECT_EQ(judge({{0, bit(0)}, {50, 0}, {59, bit(1)}}), "dead time");
}

TEST_F(InterlockTest, ExclusiveOutputsMayFollowAtTheEndOfTheDeadTime) {
  EXPECT_EQ(judge({{0, bit(0)}, {50, 0}, {60, bit(1)}}), "sound");
}

TEST_F(InterlockTest, ChangingOverInOneFrameBreaksTheDeadTime) {
  EXPECT_EQ(judge({{0, bit(0)}, {50, bit(1)}}), "dead time");
}

TEST_F(InterlockTest, TheSameExclusiveOutputMayComeOnAgainAtOnce) {
  EXPECT_EQ(judge({{0, bit(0)}, {50, 0}, {51, bit(0)}}), "sound");
}

TEST_F(InterlockTest, AMotorRestsBeforeItReverses) {
  EXPECT_EQ(judge({{0, bit(2)}, {50, 0}, {69, bit(2) | bit(3)}}), "reversal");
}

TEST_F(InterlockTest, AMotorThatRestedMayReverse) {
  EXPECT_EQ(judge({{0, bit(2)}, {50, 0}, {70, bit(2) | bit(3)}}), "sound");
}

TEST_F(InterlockTest, AMotorThatKeepsItsDirectionNeedsNoRest) {
  EXPECT_EQ(judge({{0, bit(2) | bit(3)}, {50, 0}, {51, bit(2) | bit(3)}}), "sound");
}

TEST_F(InterlockTest, AMotorIsNotReversedUnderPower) {
  EXPECT_EQ(judge({{0, bit(2)}, {50, bit(2) | bit(3)}}), "reversal");
}

TEST_F(InterlockTest, TheDirectionOfARestingMotorDoesNotCountAsATurn) {
  EXPECT_EQ(judge({{0, bit(2)}, {50, 0}, {55, bit(3)}, {60, 0}, {61, bit(2)}}), "sound");
}

TEST_F(InterlockTest, TheShortestTimesOfAnOutputHold) {
  EXPECT_EQ(judge({{0, bit(4)}, {9, bit(5)}}), "shortest on");
  EXPECT_EQ(judge({{20, 0}, {49, bit(4)}}), "shortest off");
}

TEST_F(InterlockTest, TheShortestTimeHoldsWhereNothingElseIsOn) {
  EXPECT_EQ(judge({{0, bit(4)}, {9, 0}}), "shortest on");
}

TEST_F(InterlockTest, SafeLevelsAreAlwaysAllowedAndRemembered) {
  EXPECT_EQ(judge({{0, bit(4) | bit(0) | bit(2)}}), "sound");
  guard_.make_safe(at(1));
  EXPECT_EQ(guard_.allow({}, at(1)).levels.on, 0U);
  EXPECT_EQ(judge({{30, bit(4)}}), "shortest off");
}

TEST_F(InterlockTest, AnOutputIsOverdueExactlyAtItsLongestTime) {
  EXPECT_EQ(judge({{0, bit(4)}}), "sound");
  EXPECT_EQ(guard_.overdue_at(Micros{0}), at(100));
  EXPECT_FALSE(guard_.overdue(at(100) - Micros{1}).has_value());
  ASSERT_TRUE(guard_.overdue(at(100)).has_value());
  EXPECT_EQ(guard_.overdue(at(100))->output, 4);
  EXPECT_EQ(judge({{100, 0}}), "sound") << "going off at that very moment is in time";
  EXPECT_EQ(guard_.overdue_at(Micros{0}), kNever);
}

TEST_F(InterlockTest, OutputsWithoutRulesAreFree) {
  for (int ms = 0; ms < 10; ++ms) {
    EXPECT_FALSE(guard_.judge(on(ms % 2 == 0 ? bit(5) : 0), at(ms)).has_value());
  }
}

// However late and however close together frames are applied, the pins keep the dead times: random
// valid plans are pressed through allow() at random moments and the result is held against the
// rules written down once more.
TEST_F(InterlockTest, LatenessNeverCutsADeadTimeShort) {
  for (unsigned seed = 1; seed <= 2'000 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    Program program;
    program.outputs = outputs_;
    program.interlocks = rules_;
    guard_.set_rules(program, history_);

    Levels target;
    std::int64_t planned = 0;
    std::int64_t now = 0;
    std::array<std::int64_t, 6> off_since{};
    off_since.fill(-1'000);
    std::uint32_t pins = 0;
    std::uint32_t last_turn = 0;
    std::array<bool, 4> waits{};
    std::uint32_t waited = 0;
    for (int step = 0; step < 200; ++step) {
      planned += random() % 30;
      const auto wanted =
          static_cast<std::uint32_t>(random()) & (bit(0) | bit(1) | bit(2) | bit(3));
      // Only what the plan allows becomes a target; a refused frame leaves the plan as it was.
      if (!guard_.judge(on(wanted), at(planned))) target = on(wanted);
      now = std::max(now, planned) + static_cast<std::int64_t>(random() % 3) * (random() % 9);
      const auto allowed = guard_.allow(target, at(now));
      guard_.note_applied(allowed.levels, at(now));
      const std::uint32_t next = allowed.levels.on;
      ASSERT_EQ(next & ~(target.on | bit(3)), 0U) << "nothing is on that was not asked for";
      ASSERT_NE(next & (bit(0) | bit(1)), bit(0) | bit(1));
      const std::uint32_t rising = next & ~pins;
      if ((rising & bit(0)) != 0) {
        ASSERT_GE(now - off_since[1], 10);
      }
      if ((rising & bit(1)) != 0) {
        ASSERT_GE(now - off_since[0], 10);
      }
      if ((next & pins & bit(2)) != 0) {
        ASSERT_EQ((next ^ pins) & bit(3), 0U);
      }
      if ((rising & bit(2)) != 0 && (next & bit(3)) != last_turn) {
        ASSERT_GE(now - off_since[2], 20);
      }
      if (allowed.until == kNever) {
        ASSERT_EQ(next, target.on);
      } else {
        ASSERT_GT(allowed.until, at(now));
        const auto later = guard_.allow(target, allowed.until);
        ASSERT_EQ(later.levels.on, target.on) << "`until` is when all of it is allowed";
      }
      if ((next & bit(2)) != 0) last_turn = next & bit(3);
      for (unsigned i = 0; i < 4; ++i) {
        const bool differs = target.is_on(i) != ((next & bit(i)) != 0);
        if (differs && !waits[i]) ++waited;
        waits[i] = differs;
        if ((pins & ~next & bit(i)) != 0) off_since[i] = now;
      }
      pins = next;
      ASSERT_EQ(guard_.withheld(), waited);
    }
  }
}

TEST_F(InterlockTest, AnEdgeThatALateFrameMakesWaitIsCountedOnceHoweverOftenItIsAsked) {
  const auto apply = [this](std::uint32_t planned, std::int64_t planned_ms, std::int64_t now_ms) {
    EXPECT_FALSE(guard_.judge(on(planned), at(planned_ms)));
    const auto allowed = guard_.allow(on(planned), at(now_ms));
    guard_.note_applied(allowed.levels, at(now_ms));
    return allowed.levels.on;
  };
  EXPECT_EQ(apply(bit(0), 0, 0), bit(0));
  EXPECT_EQ(apply(0, 20, 20), 0U);
  EXPECT_EQ(apply(bit(1), 30, 30), bit(1));
  EXPECT_EQ(guard_.withheld(), 0U) << "in time, nothing waits";
  EXPECT_EQ(apply(0, 40, 55), 0U);
  for (const std::int64_t now : {56, 57, 64}) {
    EXPECT_EQ(apply(bit(0), 56, now), 0U);
    EXPECT_EQ(guard_.withheld(), 1U) << now;
  }
  EXPECT_EQ(apply(bit(0), 56, 65), bit(0));
  EXPECT_EQ(guard_.withheld(), 1U);
  guard_.forget();
  EXPECT_EQ(guard_.withheld(), 0U);
}

}  // namespace
}  // namespace takt
