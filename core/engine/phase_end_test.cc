// SPDX-License-Identifier: Apache-2.0
// Each phase says why it ended, and a stall what it cost.
#include "takt/core/engine/phase_end.h"

#include <gtest/gtest.h>

#include <optional>

#include "tests/support/program.h"
#include "tests/support/rig.h"

namespace takt::testing {
namespace {

/// Four phases of a second each; the second ends when the level is above 50.
Draft four_phases() {
  Draft draft;
  const auto valve = draft.add_switch();
  for (int i = 0; i < 4; ++i) {
    draft.add_stage().parts = {pulses(valve, kNoOutput, Micros{0}, 10, {{millis(50), millis(50)}})};
  }
  draft.stages[1].end.sensor = "level";
  draft.stages[1].end.threshold = 50;
  return draft;
}

class PhaseEndTest : public ::testing::Test {
 protected:
  void play() {
    built_.emplace(draft_);
    rig_.emplace(built_->program());
    rig_->play(built_->timeline());
  }
  void run_until(Micros at) { rig_->run_until(LocalTime{at}); }
  Engine& engine() { return rig_->engine(); }
  LocalTime now() { return rig_->now(); }
  PhaseEnd taken() {
    PhaseEnd end;
    EXPECT_TRUE(engine().take_phase_end(end));
    return end;
  }
  bool none_is_left() {
    PhaseEnd end;
    return !engine().take_phase_end(end);
  }
  void expect(const PhaseEnd& end, PhaseEndCause cause, std::uint32_t first, std::uint32_t entry,
              Micros at) {
    EXPECT_EQ(name_of(end.cause), name_of(cause));
    EXPECT_EQ(end.first, first);
    EXPECT_EQ(end.entry, entry);
    EXPECT_EQ(end.at.since_zero(), at);
  }

  Draft draft_{four_phases()};
  std::optional<Built> built_;
  std::optional<Rig> rig_;
};

TEST_F(PhaseEndTest, WhatPlaysByThePlanSaysSoOnceAtItsEnd) {
  play();
  run_until(millis(3'900));
  EXPECT_TRUE(none_is_left());
  rig_->run();
  expect(taken(), PhaseEndCause::kPlan, 0, 3, seconds(4));
  EXPECT_TRUE(none_is_left());
}

TEST_F(PhaseEndTest, ASkipOfTheLastPhaseIsItsEnd) {
  play();
  run_until(millis(3'900));
  ASSERT_EQ(engine().skip_phase(now()), Status::kOk);
  rig_->settle();
  rig_->run();
  expect(taken(), PhaseEndCause::kSkip, 0, 3, millis(3'900));
  EXPECT_TRUE(none_is_left());
}

TEST_F(PhaseEndTest, ASensorIsNamedWithTheReadingThatEndedThePhase) {
  play();
  run_until(millis(1'200));
  engine().sense("level", 50, now());
  engine().sense("other", 70, now());
  EXPECT_TRUE(none_is_left());
  engine().sense("level", 63, now());
  const PhaseEnd end = taken();
  expect(end, PhaseEndCause::kSensor, 0, 1, millis(1'200));
  EXPECT_EQ(end.sensor, "level");
  EXPECT_EQ(end.value, 63);
}

TEST_F(PhaseEndTest, ATimeoutSaysSo) {
  draft_.stages[1].end.timeout = millis(300);
  play();
  rig_->run();
  expect(taken(), PhaseEndCause::kTimeout, 0, 1, millis(1'300));
  expect(taken(), PhaseEndCause::kPlan, 2, 3, millis(3'300));
  EXPECT_TRUE(none_is_left());
}

TEST_F(PhaseEndTest, ATimeoutThatIsAFaultIsAFault) {
  draft_.stages[1].end.timeout = millis(300);
  draft_.stages[1].end.fault_on_timeout = true;
  play();
  rig_->run();
  expect(taken(), PhaseEndCause::kFault, 0, 1, millis(1'300));
  EXPECT_TRUE(none_is_left());
}

TEST_F(PhaseEndTest, CommandsAreToldApart) {
  play();
  run_until(millis(500));
  ASSERT_EQ(engine().skip_phase(now()), Status::kOk);
  rig_->settle();
  expect(taken(), PhaseEndCause::kSkip, 0, 0, millis(500));
  run_until(millis(1'600));
  ASSERT_EQ(engine().skip_to_phase(0, now()), Status::kOk);
  rig_->settle();
  expect(taken(), PhaseEndCause::kJump, 1, 2, millis(1'600));
  run_until(millis(4'000));
  ASSERT_EQ(engine().stop(now()), Status::kOk);
  rig_->settle();
  expect(taken(), PhaseEndCause::kStop, 0, 2, millis(4'000));
  EXPECT_TRUE(none_is_left());
}

TEST_F(PhaseEndTest, SkippedWhilePausedEachPhaseSaysSo) {
  play();
  run_until(millis(500));
  ASSERT_EQ(engine().pause(now()), Status::kOk);
  rig_->settle();
  ASSERT_EQ(engine().skip_phase(now()), Status::kOk);
  ASSERT_EQ(engine().skip_phase(now()), Status::kOk);
  expect(taken(), PhaseEndCause::kSkip, 0, 0, millis(500));
  expect(taken(), PhaseEndCause::kSkip, 1, 1, millis(500));
}

TEST_F(PhaseEndTest, AnEmergencyStopIsAFaultOfThePhase) {
  play();
  run_until(millis(2'500));
  engine().request_emergency_stop();
  rig_->settle();
  expect(taken(), PhaseEndCause::kFault, 0, 2, millis(2'500));
  EXPECT_EQ(engine().status(now()).last_fault.entry, 2U);
}

TEST_F(PhaseEndTest, AFaultNamesThePhaseOfTheFrameThatBreaksTheRule) {
  const auto other = draft_.add_switch();
  draft_.interlocks.push_back({InterlockKind::kNeverTogether, kNoOutput, 3, {}});
  draft_.stages[2].parts.push_back(span(other, Micros{0}, millis(10)));
  play();
  rig_->run();
  EXPECT_EQ(engine().status(now()).last_fault.entry, 2U);
  expect(taken(), PhaseEndCause::kFault, 0, 2, millis(2'000));
}

TEST_F(PhaseEndTest, TheNewestAreKeptAndANewRunForgetsThem) {
  play();
  for (int i = 0; i < 10; ++i) {
    run_until(millis(100) * (i + 1));
    ASSERT_EQ(engine().skip_to_phase(0, now()), Status::kOk);
    rig_->settle();
  }
  expect(taken(), PhaseEndCause::kJump, 0, 0, millis(300));
  ASSERT_EQ(engine().stop(now()), Status::kOk);
  rig_->settle();
  ASSERT_EQ(engine().start(now(), now()), Status::kOk);
  EXPECT_TRUE(none_is_left());
}

/// A realtime half that comes 120 ms late once, at 1.5 s.
class StallTest : public PhaseEndTest {
 protected:
  void play_with_stall() {
    play();
    rig_->lateness = [this] {
      const bool stalls = rig_->now() == LocalTime{millis(1'450)};
      return stalls ? millis(120) : Micros{0};
    };
  }
};

TEST_F(StallTest, LosesThePulsesThatItCoversAndSaysWhichAndWhen) {
  play_with_stall();
  rig_->run();
  const EngineStatus status = engine().status(now());
  EXPECT_EQ(status.end, EndReason::kFinished);
  EXPECT_EQ(status.lost_pulses, 1U);
  const ShortfallFigures lost = engine().realtime().lost_pulses(0);
  EXPECT_EQ(lost.count, 1U);
  EXPECT_EQ(lost.first, LocalTime{millis(1'500)});
  EXPECT_EQ(status.beyond_tolerance.count, 3U) << "on, off, and on 20 ms late";
  EXPECT_EQ(status.beyond_tolerance.first, LocalTime{millis(1'500)});
}

TEST_F(StallTest, WithoutOneNothingIsLost) {
  play();
  rig_->run();
  EXPECT_EQ(engine().status(now()).lost_pulses, 0U);
  EXPECT_EQ(engine().status(now()).beyond_tolerance.count, 0U);
}

TEST_F(StallTest, ThatKeepsAnOutputOnBeyondItsLimitIsAFaultOfThePhaseWhereItWasOn) {
  draft_.outputs[0].longest_on = millis(60);
  play();
  rig_->lateness = [this] {
    const bool stalls = rig_->now() == LocalTime{millis(900)};
    return stalls ? millis(250) : Micros{0};
  };
  rig_->run();
  EXPECT_EQ(rig_->changes().back().levels, Levels{});
  const EngineStatus status = engine().status(now());
  EXPECT_EQ(status.end, EndReason::kFault);
  EXPECT_EQ(status.last_fault.reason, FaultReason::kLongestOn);
  EXPECT_EQ(status.last_fault.at, LocalTime{millis(1'200)});
  EXPECT_EQ(status.last_fault.entry, 0U);
  expect(taken(), PhaseEndCause::kFault, 0, 0, millis(1'200));
}

}  // namespace
}  // namespace takt::testing
