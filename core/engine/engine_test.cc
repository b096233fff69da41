// SPDX-License-Identifier: Apache-2.0
#include "takt/core/engine/engine.h"

#include <gtest/gtest.h>

#include <array>
#include <numeric>

#include "tests/support/oracle.h"
#include "tests/support/program.h"
#include "tests/support/rig.h"

namespace takt::testing {
namespace {

/// Three phases: a lamp for 100 ms, a motor that agitates for 2 s, a valve for 100 ms.
Draft three_phases() {
  Draft draft;
  const auto lamp = draft.add_switch();
  const auto valve = draft.add_switch();
  const auto motor = draft.add_motor();
  draft.add_stage().parts = {span(lamp, Micros{0}, millis(100))};
  draft.add_stage().parts = {pulses(motor, static_cast<std::uint8_t>(motor + 1), Micros{0}, 100,
                                    {{millis(5), millis(5), true}, {millis(5), millis(5)}})};
  draft.add_stage().parts = {span(valve, Micros{0}, millis(100))};
  return draft;
}

constexpr std::uint32_t kLamp = 1, kValve = 2, kMotor = 4, kDirection = 8;

class EngineTest : public ::testing::Test {
 protected:
  EngineStatus status() { return rig_.engine().status(rig_.now()); }
  Engine& engine() { return rig_.engine(); }
  LocalTime now() { return rig_.now(); }
  void run_until(Micros at) { rig_.run_until(LocalTime{at}); }
  std::uint32_t levels() { return rig_.changes().empty() ? 0 : rig_.changes().back().levels.on; }

  Built built_{three_phases()};
  Rig rig_{built_.program()};
};

TEST_F(EngineTest, PhasesFollowEachOther) {
  rig_.play(built_.timeline());
  run_until(millis(50));
  EXPECT_EQ(status().entry.phase, 0);
  EXPECT_EQ(levels(), kLamp);
  run_until(millis(2'150));
  EXPECT_EQ(status().entry.phase, 2);
  EXPECT_EQ(levels(), kValve);
  EXPECT_EQ(status().elapsed, millis(2'150));
  EXPECT_EQ(status().remaining, millis(50));
  EXPECT_TRUE(rig_.run());
  EXPECT_EQ(status().end, EndReason::kFinished);
  EXPECT_EQ(levels(), 0U);
}

TEST_F(EngineTest, ASkipActsInTheSameInstantAndNothingOfTheOldPhaseFollows) {
  rig_.play(built_.timeline());
  while (status().refills < 3) run_until(now().since_zero() + Micros{100});
  const Micros skipped_at = now().since_zero();
  ASSERT_EQ(status().entry.phase, 1);
  ASSERT_EQ(engine().skip_phase(now()), Status::kOk);
  rig_.settle();
  EXPECT_EQ(rig_.changes().back(), (Change{skipped_at, {{}, kValve}}));
  EXPECT_EQ(status().entry.phase, 2);
  const std::size_t seen = rig_.changes().size();
  rig_.run();
  ASSERT_EQ(rig_.changes().size(), seen + 1);
  EXPECT_EQ(rig_.changes().back(), (Change{skipped_at + millis(100), {}}));
  EXPECT_EQ(status().end, EndReason::kFinished);
}

TEST_F(EngineTest, ASkipOfTheLastPhaseEndsTheProgram) {
  rig_.play(built_.timeline());
  run_until(millis(2'150));
  ASSERT_EQ(engine().skip_phase(now()), Status::kOk);
  rig_.settle();
  rig_.run();
  EXPECT_EQ(now().since_zero(), millis(2'150));
  EXPECT_EQ(status().end, EndReason::kFinished);
  EXPECT_EQ(levels(), 0U);
}

TEST_F(EngineTest, AnyPhaseCanBeReachedFromAnyPhase) {
  for (std::size_t from = 0; from < 3; ++from) {
    for (std::size_t to = 0; to < 3; ++to) {
      Rig rig{built_.program()};
      rig.play(built_.timeline());
      for (const std::size_t phase : {from, to}) {
        rig.run_until(rig.now() + millis(7));
        ASSERT_EQ(rig.engine().skip_to_phase(phase, rig.now()), Status::kOk);
        rig.settle();
      }
      EXPECT_EQ(rig.engine().status(rig.now()).entry.phase, to);
      EXPECT_EQ(rig.engine().status(rig.now()).phase_elapsed, Micros{0});
      rig.run();
      EXPECT_EQ(rig.engine().status(rig.now()).end, EndReason::kFinished);
      const Micros rest =
          built_.timeline().duration() - built_.timeline().start_of(static_cast<unsigned>(to));
      EXPECT_EQ(rig.now().since_zero(), millis(14) + rest);
    }
  }
}

TEST_F(EngineTest, APhaseThatDoesNotExistIsRefusedAndPlaybackGoesOn) {
  rig_.play(built_.timeline());
  run_until(millis(50));
  EXPECT_EQ(engine().skip_to_phase(3, now()), Status::kOutOfRange);
  EXPECT_EQ(engine().skip_to_phase(static_cast<std::size_t>(-2), now()), Status::kOutOfRange);
  rig_.settle();
  rig_.run();
  EXPECT_EQ(rig_.changes(), expand(built_.program()));
}

TEST_F(EngineTest, AStopActsInTheSameInstantForGood) {
  rig_.play(built_.timeline());
  run_until(millis(1'003));
  ASSERT_NE(levels(), 0U);
  ASSERT_EQ(engine().stop(now()), Status::kOk);
  rig_.settle();
  EXPECT_EQ(rig_.changes().back(), (Change{millis(1'003), {}}));
  EXPECT_EQ(status().end, EndReason::kStopped);
  const std::size_t seen = rig_.changes().size();
  EXPECT_TRUE(rig_.run());
  run_until(seconds(10));
  EXPECT_EQ(rig_.changes().size(), seen);
}

TEST_F(EngineTest, StoppedCanStartAgainFromTheBeginning) {
  rig_.play(built_.timeline());
  run_until(millis(1'003));
  ASSERT_EQ(engine().stop(now()), Status::kOk);
  rig_.settle();
  rig_.changes().clear();
  ASSERT_EQ(engine().start(now(), now()), Status::kOk);
  rig_.settle();
  rig_.run();
  std::vector<Change> expected = expand(built_.program());
  for (Change& change : expected) change.at += millis(1'003);
  EXPECT_EQ(rig_.changes(), expected);
  EXPECT_EQ(status().edges, 2U + 2U + 100 * 4U + 200U);
}

TEST_F(EngineTest, CommandsThatDoNotFitTheStateChangeNothing) {
  EXPECT_EQ(engine().start(now(), now()), Status::kNotLoaded);
  EXPECT_EQ(engine().stop(now()), Status::kNotLoaded);
  EXPECT_EQ(engine().pause(now()), Status::kNotLoaded);
  EXPECT_EQ(engine().resume(now()), Status::kNotLoaded);
  EXPECT_EQ(engine().skip_phase(now()), Status::kNotLoaded);
  EXPECT_EQ(engine().skip_to_phase(0, now()), Status::kNotLoaded);
  rig_.play(built_.timeline());
  run_until(millis(50));
  EXPECT_EQ(engine().start(now(), now()), Status::kBusy);
  EXPECT_EQ(engine().resume(now()), Status::kNotLoaded);
  rig_.run();
  EXPECT_EQ(rig_.changes(), expand(built_.program()));
}

TEST_F(EngineTest, LoadingWhilePlayingWaitsForTheNextStart) {
  Draft other = three_phases();
  other.stages.resize(1);
  const Built next{other};
  rig_.play(built_.timeline());
  run_until(millis(1'000));
  ASSERT_EQ(engine().load(next.timeline()), Status::kOk);
  rig_.run();
  EXPECT_EQ(rig_.changes(), expand(built_.program()));
  EXPECT_TRUE(engine().in_use(next.program()));
  rig_.changes().clear();
  ASSERT_EQ(engine().start(now(), now()), Status::kOk);
  EXPECT_FALSE(engine().in_use(built_.program()));
  rig_.settle();
  rig_.run();
  EXPECT_EQ(rig_.changes().size(), 2U);
}

TEST_F(EngineTest, AStartInTheFutureWaitsWithSafeOutputs) {
  rig_.play(built_.timeline(), seconds(3));
  run_until(millis(2'999));
  EXPECT_TRUE(rig_.changes().empty());
  EXPECT_EQ(status().elapsed, Micros{0});
  rig_.run();
  std::vector<Change> expected = expand(built_.program());
  for (Change& change : expected) change.at += seconds(3);
  EXPECT_EQ(rig_.changes(), expected);
}

TEST_F(EngineTest, SkippingWhilePausedMovesThePlace) {
  rig_.play(built_.timeline());
  run_until(millis(50));
  ASSERT_EQ(engine().pause(now()), Status::kOk);
  rig_.settle();
  ASSERT_EQ(engine().skip_to_phase(2, now()), Status::kOk);
  EXPECT_EQ(status().state, EngineState::kPaused);
  EXPECT_EQ(status().entry.phase, 2);
  run_until(millis(500));
  EXPECT_EQ(levels(), 0U);
  ASSERT_EQ(engine().resume(now()), Status::kOk);
  rig_.settle();
  EXPECT_EQ(levels(), kValve);
  rig_.run();
  EXPECT_EQ(now().since_zero(), millis(600));
}

TEST_F(EngineTest, AnEmergencyStopEndsTheRunAsAFaultAndHoldsUntilReleased) {
  rig_.play(built_.timeline());
  run_until(millis(1'003));
  engine().request_emergency_stop();
  rig_.settle();
  EXPECT_EQ(rig_.changes().back(), (Change{millis(1'003), {}}));
  EXPECT_EQ(status().state, EngineState::kFault);
  EXPECT_EQ(status().last_fault.reason, FaultReason::kEmergencyStop);
  EXPECT_EQ(engine().start(now(), now()), Status::kBusy);
  engine().release_emergency_stop();
  EXPECT_EQ(engine().start(now(), now()), Status::kOk);
  rig_.settle();
  EXPECT_EQ(levels(), kLamp);
}

TEST_F(EngineTest, AProgramThatOutrunsTheFeederIsRefused) {
  Draft fast;
  const auto lamp = fast.add_switch();
  fast.add_stage().parts = {
      pulses(lamp, kNoOutput, Micros{0}, 1'000, {{Micros{500}, Micros{500}}})};
  const Built built{fast};
  Rig slow{built.program(), 64, millis(20)};
  EXPECT_EQ(slow.engine().load(built.timeline()), Status::kTooFast);
  Rig larger{built.program(), 128, millis(20)};
  EXPECT_EQ(larger.engine().load(built.timeline()), Status::kOk);
}

TEST_F(EngineTest, AProgramLargerThanItsMemoryIsRefused) {
  Draft more = three_phases();
  more.stages[0].parts.push_back(span(1, Micros{0}, millis(1)));
  EXPECT_EQ(engine().load(Built{more}.timeline()), Status::kTooLarge);
}

TEST_F(EngineTest, RandomCommandsNeverLeaveAnOldPhaseBehind) {
  // Which outputs each phase may have on.
  const std::array<std::uint32_t, 3> allowed{kLamp, kMotor | kDirection, kValve};
  for (unsigned seed = 1; seed <= 500 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    Rig rig{built_.program(), 16};
    rig.play(built_.timeline());
    for (int step = 0; step < 60; ++step) {
      rig.run_until(rig.now() + Micros{static_cast<std::int64_t>(random() % 100'000)});
      Engine& engine = rig.engine();
      for (auto burst = random() % 3 + 1; burst > 0; --burst) {
        Status status = Status::kOk;
        switch (random() % 6) {
          case 0: status = engine.skip_phase(rig.now()); break;
          case 1: status = engine.skip_to_phase(random() % 3, rig.now()); break;
          case 2: status = engine.pause(rig.now()); break;
          case 3: status = engine.resume(rig.now()); break;
          case 4: status = engine.stop(rig.now()); break;
          default: status = engine.start(rig.now(), rig.now()); break;
        }
        ASSERT_TRUE(status == Status::kOk || status == Status::kBusy ||
                    status == Status::kNotLoaded);
      }
      rig.settle();
      const EngineStatus status = engine.status(rig.now());
      const std::uint32_t on = rig.changes().empty() ? 0 : rig.changes().back().levels.on;
      ASSERT_EQ(status.faults, 0U);
      if (status.state != EngineState::kPlaying) {
        ASSERT_EQ(on, 0U);
      } else {
        ASSERT_EQ(on & ~allowed[status.entry.phase], 0U);
      }
    }
  }
}

TEST_F(EngineTest, AfterAHundredThousandLoopsEveryDeadlineIsOnPlan) {
  Draft draft;
  const auto lamp = draft.add_switch();
  draft.add_stage(Micros{333}).parts = {
      pulses(lamp, kNoOutput, Micros{0}, 3, {{Micros{700}, Micros{1'301}}})};
  draft.repeats = 100'000;
  const Built built{draft};
  Rig rig{built.program()};
  rig.play(built.timeline());
  rig.run();
  const Micros pass{333 + 3 * 2'001};
  ASSERT_EQ(rig.changes().size(), 600'000U);
  for (std::int64_t i = 0; i < 600'000; ++i) {
    const Micros plan =
        pass * (i / 6) + Micros{333} + Micros{2'001} * (i % 6 / 2) + Micros{i % 2 * 700};
    ASSERT_EQ(rig.changes()[static_cast<std::size_t>(i)].at, plan);
  }
}

class ConditionTest : public ::testing::Test {
 protected:
  ConditionTest() {
    lamp_ = draft_.add_switch();
    valve_ = draft_.add_switch();
    Draft::Stage& fill = draft_.add_stage();
    fill.parts = {span(valve_, Micros{0}, seconds(100))};
    fill.end.sensor = "level";
    fill.end.threshold = 50;
    fill.end.arm_after = seconds(15);
    fill.end.hold = seconds(2);
    draft_.add_stage().parts = {span(lamp_, Micros{0}, seconds(1))};
  }

  /// Plays with the sensor read each second; returns when the valve closed, in seconds.
  std::int64_t fill_until(const std::function<std::int32_t(std::int64_t)>& level) {
    const Built built{draft_};
    Rig rig{built.program()};
    rig.play(built.timeline());
    for (std::int64_t s = 1; s <= 200; ++s) {
      rig.run_until(LocalTime{seconds(s)});
      rig.engine().sense("level", level(s), rig.now());
      rig.engine().sense("other", 1'000, rig.now());
      rig.settle();
    }
    last_ = rig.engine().status(rig.now());
    if (rig.changes().size() < 2) return -1;
    return rig.changes()[1].at / seconds(1);
  }

  Draft draft_;
  EngineStatus last_;
  std::uint8_t lamp_ = 0;
  std::uint8_t valve_ = 0;
};

TEST_F(ConditionTest, EndsThePhaseOnceItHasHeld) {
  EXPECT_EQ(fill_until([](std::int64_t s) { return s >= 30 ? 51 : 50; }), 32);
  EXPECT_EQ(last_.end, EndReason::kFinished);
}

TEST_F(ConditionTest, ComparesStrictly) {
  EXPECT_EQ(fill_until([](std::int64_t) { return 50; }), 100);
}

TEST_F(ConditionTest, BelowIsTheOtherWayRound) {
  draft_.stages[0].end.above = false;
  EXPECT_EQ(fill_until([](std::int64_t s) { return s >= 30 ? 49 : 50; }), 32);
}

TEST_F(ConditionTest, IsIgnoredUntilArmed) {
  EXPECT_EQ(fill_until([](std::int64_t) { return 99; }), 17);
}

TEST_F(ConditionTest, DoesNotCountReadingsBeforeAnInterruption) {
  EXPECT_EQ(fill_until([](std::int64_t s) { return s == 31 ? 0 : s >= 30 ? 51 : 50; }), 34);
}

TEST_F(ConditionTest, RearmsInEveryRun) {
  draft_.repeats = 2;
  static_cast<void>(fill_until([](std::int64_t) { return 99; }));
  EXPECT_EQ(last_.end, EndReason::kFinished);
  EXPECT_EQ(last_.edges, 8U);
}

TEST_F(ConditionTest, ATimeoutMayEndThePhase) {
  draft_.stages[0].end.timeout = seconds(40);
  EXPECT_EQ(fill_until([](std::int64_t) { return 0; }), 40);
  EXPECT_EQ(last_.end, EndReason::kFinished);
}

TEST_F(ConditionTest, ATimeoutMayBeAFault) {
  draft_.stages[0].end.timeout = seconds(40);
  draft_.stages[0].end.fault_on_timeout = true;
  EXPECT_EQ(fill_until([](std::int64_t) { return 0; }), 40);
  EXPECT_EQ(last_.end, EndReason::kFault);
  EXPECT_EQ(last_.last_fault.reason, FaultReason::kConditionTimeout);
}

TEST_F(ConditionTest, AConditionInTimeLeavesTheTimeoutWithoutEffect) {
  draft_.stages[0].end.timeout = seconds(40);
  draft_.stages[0].end.fault_on_timeout = true;
  EXPECT_EQ(fill_until([](std::int64_t s) { return s >= 30 ? 51 : 50; }), 32);
  EXPECT_EQ(last_.end, EndReason::kFinished);
}

}  // namespace
}  // namespace takt::testing
