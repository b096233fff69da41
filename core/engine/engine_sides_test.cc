// SPDX-License-Identifier: Apache-2.0
// Both sides from one clock: what the whole engine promises.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <vector>

#include "takt/core/engine/engine.h"
#include "tests/support/program.h"
#include "tests/support/rig.h"

namespace takt {
namespace {

using testing::Built;
using testing::Change;
using testing::Draft;
using testing::Rig;
using testing::two_sides;

constexpr Micros kDead = millis(1);
constexpr Micros kLookAhead = EngineConfig{}.look_ahead;

struct Pulse {
  unsigned side = 0;
  Micros on;
  Micros off;
};

/// The motors' pulses in what reached the pins.
std::vector<Pulse> pulses_of(const std::vector<Change>& changes, const Program& program) {
  std::vector<Pulse> pulses;
  std::array<bool, 2> on{};
  std::array<Micros, 2> began{};
  for (const Change& change : changes) {
    for (unsigned i = 0; i < 2; ++i) {
      const bool now_on = change.levels.is_on(program.pattern->sides[i].motor);
      if (now_on && !on[i]) began[i] = change.at;
      if (!now_on && on[i]) pulses.push_back({i, began[i], change.at});
      on[i] = now_on;
    }
  }
  return pulses;
}

void expect_apart(const std::vector<Pulse>& pulses) {
  for (std::size_t i = 1; i < pulses.size(); ++i) {
    ASSERT_GE(pulses[i].on, pulses[i - 1].off + kDead) << "pulse " << i;
  }
}

/// A session of motors whose length has room for what a test plays.
class Sides : public ::testing::Test {
 protected:
  void build(Micros cycle, Micros length) {
    Draft draft = two_sides();
    draft.pattern->score.bilateral.cycle = cycle;
    draft.pattern->length = length;
    built_.emplace(draft);
    ASSERT_TRUE(built_->ok()) << built_->diagnostics().text();
    rig_.emplace(built_->program(), Window::kDefaultFrames, millis(20));
    rig_->play(built_->timeline());
  }

  Engine& engine() { return rig_->engine(); }
  LocalTime now() const { return rig_->now(); }
  void run_for(Micros time) { rig_->run_until(rig_->now() + time); }
  std::vector<Pulse> pulses() const { return pulses_of(rig_->changes(), built_->program()); }

  std::optional<Built> built_;
  std::optional<Rig> rig_;
};

TEST_F(Sides, AreNeverOnTogetherAtAnyRate) {
  for (int cycle_ms = 500; cycle_ms <= 2000; ++cycle_ms) {
    build(millis(cycle_ms), millis(cycle_ms * 5));
    rig_->run();
    const std::vector<Pulse> all = pulses();
    ASSERT_EQ(all.size(), 10U) << cycle_ms;
    expect_apart(all);
    const Micros on = millis(cycle_ms) / 2 - kDead;
    for (std::size_t i = 0; i < all.size(); ++i) {
      ASSERT_EQ(all[i].side, i % 2) << cycle_ms;
      ASSERT_EQ(all[i].off - all[i].on, on) << cycle_ms;
    }
    ASSERT_EQ(engine().status(now()).faults, 0U) << cycle_ms;
    ASSERT_EQ(engine().status(now()).end, EndReason::kFinished) << cycle_ms;
  }
}

TEST_F(Sides, StayOnTheExactGridFor90Minutes) {
  const Micros cycle{999'999};
  build(cycle, cycle * 5'400);
  rig_->run();
  const std::vector<Pulse> all = pulses();
  ASSERT_EQ(all.size(), 10'800U);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::int64_t twice = static_cast<std::int64_t>(i) * cycle.count();
    const std::int64_t odd =
        i % 4 == 3 ? 1 : 0;  // Of every second odd cycle the first half is longer.
    ASSERT_EQ(all[i].on.count(), twice / 2 + odd) << "pulse " << i;
  }
  expect_apart(all);
}

/// Plays random changes and holds each pulse against the settings that were agreed.
class Changes : public Sides {
 protected:
  struct Agreed {
    Micros from;
    Micros cycle;
    unsigned duty = 100;
  };

  void play(std::uint32_t seed, int count) {
    random_.seed(seed);
    build(millis(draw(500, 2000)), seconds(3'600));
    agreed_ = {{Micros{0}, built_->program().pattern->score.bilateral.cycle}};
    for (int i = 0; i < count; ++i) {
      run_for(Micros{draw(0, 3'000'000)});
      change(seed);
    }
    run_for(seconds(5));
    check(seed);
  }

  void change(std::uint32_t seed) {
    Bilateral setting;
    setting.cycle = draw(0, 3) == 0 ? Micros{draw(500'000, 2'000'000)} : millis(draw(500, 2000));
    setting.duty_percent = static_cast<std::uint8_t>(draw(10, 100));
    setting.look = {static_cast<std::uint8_t>(draw(30, 80)), 0, 0};
    const auto receipt = engine().change(setting, SessionTime{}, now());
    ASSERT_TRUE(receipt.ok()) << "seed " << seed;
    const Micros at = receipt.value().boundary.since_zero();
    const Micros latency = at - now().since_zero();
    const Agreed& before =
        receipt.value().replaces ? agreed_.at(agreed_.size() - 2) : agreed_.back();
    ASSERT_GE(latency, kLookAhead) << "seed " << seed;
    ASSERT_LE(latency, (before.cycle + Micros{1}) / 2 + kLookAhead + Micros{2}) << "seed " << seed;
    if (receipt.value().replaces) agreed_.pop_back();
    agreed_.push_back({at, setting.cycle, setting.duty_percent});
    rig_->settle();
    ++changes_;
    worst_latency_ = std::max(worst_latency_, latency);
  }

  /// Pulses follow each other side by side, each as long as its setting says and half a cycle after
  /// the one before: none cut short, none doubled, no pause.
  void check(std::uint32_t seed) {
    const std::vector<Pulse> all = pulses();
    expect_apart(all);
    std::size_t setting = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      while (setting + 1 < agreed_.size() && agreed_[setting + 1].from <= all[i].on) ++setting;
      const Agreed& now = agreed_[setting];
      const Micros half = now.cycle / 2;
      ASSERT_EQ(all[i].side, i % 2) << "seed " << seed << " pulse " << i;
      ASSERT_EQ(all[i].off - all[i].on, std::min(half * now.duty / 100, half - kDead))
          << "seed " << seed << " pulse " << i;
      if (i + 1 == all.size()) break;
      const Micros gap = all[i + 1].on - all[i].on - half;
      ASSERT_TRUE(gap == Micros{0} || gap == Micros{1}) << "seed " << seed << " pulse " << i;
    }
    ASSERT_EQ(engine().status(rig_->now()).faults, 0U) << "seed " << seed;
  }

  int draw(int low, int high) { return std::uniform_int_distribution{low, high}(random_); }

  std::mt19937 random_;
  std::vector<Agreed> agreed_;
  int changes_ = 0;
  Micros worst_latency_;
};

TEST_F(Changes, TakeEffectWithinHalfACycleWithoutATruncatedPulseOrAPause) {
  for (std::uint32_t seed = 1; seed <= 10'000; ++seed) {
    play(seed, 10);
    if (HasFatalFailure()) return;
  }
  EXPECT_EQ(changes_, 100'000);
  EXPECT_LE(worst_latency_, millis(1000) + kLookAhead + Micros{2});
}

TEST_F(Sides, OfSeveralChangesBeforeABoundaryTheLastWinsAndSaysSo) {
  build(seconds(1), seconds(60));
  run_for(millis(100));
  Bilateral setting;
  setting.look.intensity = 30;
  setting.cycle = millis(600);
  EXPECT_FALSE(engine().change(setting, SessionTime{}, now()).value().replaces);
  setting.cycle = millis(800);
  const auto last = engine().change(setting, SessionTime{}, now());
  EXPECT_TRUE(last.value().replaces);
  EXPECT_EQ(last.value().boundary, SessionTime{millis(500)});
  rig_->settle();
  run_for(seconds(2));
  EXPECT_EQ(pulses().at(1).off - pulses().at(1).on, millis(399));
}

TEST_F(Sides, ChangesFasterThanBoundariesNeitherStarveNorOverrunTheWindow) {
  build(millis(500), seconds(60));
  std::mt19937 random{1};
  Bilateral setting;
  setting.look.intensity = 60;
  for (int i = 0; i < 50'000; ++i) {
    setting.cycle = millis(500 + i % 2);
    ASSERT_TRUE(engine().change(setting, SessionTime{}, now()).ok());
    rig_->settle();
    run_for(millis(1));
  }
  EXPECT_EQ(engine().status(now()).faults, 0U);
  EXPECT_GE(pulses().size(), 198U);
  expect_apart(pulses());
}

TEST_F(Sides, AChangeOutsideItsRangesIsRefusedAndChangesNothing) {
  build(seconds(1), seconds(60));
  Bilateral setting;
  setting.cycle = millis(499);
  EXPECT_EQ(engine().change(setting, SessionTime{}, now()).status(), Status::kOutOfRange);
  setting.cycle = millis(2001);
  EXPECT_EQ(engine().change(setting, SessionTime{}, now()).status(), Status::kOutOfRange);
  setting = {};
  setting.look.intensity = 81;
  EXPECT_EQ(engine().change(setting, SessionTime{}, now()).status(), Status::kOutOfRange);
  setting.look.intensity = 0;
  setting.duty_percent = 9;
  EXPECT_EQ(engine().change(setting, SessionTime{}, now()).status(), Status::kOutOfRange);
  run_for(seconds(2));
  EXPECT_EQ(pulses().at(1).off - pulses().at(1).on, millis(499));
}

TEST_F(Sides, AColourAboveTheCapOfItsOutputIsRefused) {
  Draft draft = two_sides();
  const std::uint8_t colour = draft.add_analog(15);
  draft.outputs[colour].highest = 3;
  draft.pattern->sides[0].colour = colour;
  const Built built{draft};
  ASSERT_TRUE(built.ok()) << built.diagnostics().text();
  Rig rig{built.program()};
  rig.play(built.timeline());
  Bilateral setting;
  setting.look = {60, 20, 4};
  EXPECT_EQ(rig.engine().change(setting, SessionTime{}, rig.now()).status(), Status::kOutOfRange);
  setting.look.colour = 3;
  EXPECT_TRUE(rig.engine().change(setting, SessionTime{}, rig.now()).ok());
}

TEST_F(Sides, AStopAtABoundaryCutsNoPulse) {
  build(seconds(1), seconds(60));
  run_for(millis(1'200));
  const auto receipt = engine().stop_at_boundary(SessionTime{}, now());
  EXPECT_EQ(receipt.value().boundary, SessionTime{millis(1'500)});
  rig_->settle();
  EXPECT_TRUE(rig_->run());
  EXPECT_EQ(pulses().back().off, millis(1'499));
  EXPECT_EQ(rig_->changes().back().levels, Levels{});
  EXPECT_EQ(engine().status(now()).end, EndReason::kFinished);
}

TEST_F(Sides, AnEmergencyStopWaitsForNoBoundary) {
  build(seconds(1), seconds(60));
  run_for(millis(1'200));
  engine().request_emergency_stop();
  const Step step = engine().realtime().advance(now());
  EXPECT_TRUE(step.changed);
  EXPECT_EQ(step.levels, Levels{});
}

TEST_F(Sides, AControlHalfThatFallsSilentEndsInSafeOutputsAndACountedFault) {
  build(seconds(1), seconds(60));
  run_for(millis(1'200));
  LocalTime at = now();
  Step step;
  for (int i = 0; i < 20 && at != kNever; ++i) {
    step = engine().realtime().advance(at);
    at = step.deadline;
  }
  EXPECT_EQ(step.levels, Levels{});
  EXPECT_EQ(at, kNever);
  static_cast<void>(engine().feed(now() + seconds(2)));
  EXPECT_EQ(engine().status(now() + seconds(2)).faults, 1U);
  EXPECT_EQ(engine().status(now() + seconds(2)).last_fault.reason, FaultReason::kUnderrun);
}

TEST_F(Sides, ThePlaceIsKeptWhateverTheNumberOfPauses) {
  build(millis(1'000), seconds(60));
  run_for(millis(10'100));
  for (int i = 0; i < 9; ++i) {
    ASSERT_EQ(engine().pause(now()), Status::kOk);
    rig_->settle();
    run_for(kDead + Micros{i % 3 * 700});
    ASSERT_EQ(engine().resume(now()), Status::kOk);
    rig_->settle();
    run_for(Micros{i % 4 * 300});
    EXPECT_EQ(engine().status(now()).elapsed / millis(500), 20) << "bounce " << i;
  }
  rig_->run();
  EXPECT_LT(now(), LocalTime{seconds(60) + millis(120)});
  expect_apart(pulses());
}

TEST_F(Sides, APauseShiftsTheEpochAndTheInterruptedHalfIsPlayedAgain) {
  build(seconds(1), seconds(10));
  run_for(millis(1'200));
  ASSERT_EQ(engine().pause(now()), Status::kOk);
  rig_->settle();
  EXPECT_EQ(rig_->changes().back().levels, Levels{});
  run_for(millis(12'345));
  ASSERT_EQ(engine().resume(now()), Status::kOk);
  const Micros resumed = now().since_zero();
  rig_->settle();
  EXPECT_TRUE(rig_->run());
  const std::vector<Pulse> all = pulses();
  ASSERT_EQ(all.size(), 21U) << "ten seconds of halves, and the one that was cut";
  EXPECT_EQ(all[2].off, millis(1'200));
  EXPECT_EQ(all[3].side, all[2].side);
  EXPECT_EQ(all[3].on, resumed);
  EXPECT_EQ(all[3].off, resumed + millis(499));
  EXPECT_EQ(all.back().off, resumed + seconds(9) - kDead);
  expect_apart(all);
}

TEST_F(Sides, AnotherProgramTakesOverAtABoundaryAndTheBeatGoesOn) {
  build(seconds(1), seconds(60));
  Draft draft = two_sides();
  Segment segment;
  segment.rate_mhz = 2'000;
  segment.duty_percent = 50;
  segment.look = {50, 0, 0};
  draft.segments = {segment};
  draft.pattern->score.length = draft.pattern->length = seconds(2);
  const Built other{draft};
  ASSERT_TRUE(other.ok()) << other.diagnostics().text();
  run_for(millis(1'200));
  EXPECT_EQ(engine().change_program(SessionTime{}, now()).status(), Status::kNotLoaded);
  ASSERT_EQ(engine().load(other.timeline()), Status::kOk);
  const auto receipt = engine().change_program(SessionTime{}, now());
  EXPECT_EQ(receipt.value().boundary, SessionTime{millis(1'500)});
  EXPECT_EQ(engine().load(other.timeline()), Status::kBusy);
  rig_->settle();
  EXPECT_TRUE(rig_->run());
  const std::vector<Pulse> all = pulses();
  ASSERT_EQ(all.size(), 3U + 8U);
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i].side, i % 2);
  EXPECT_EQ(all[3].on, millis(1'500));
  EXPECT_EQ(all[3].off, millis(1'625));
  EXPECT_EQ(engine().timeline()->program().pattern, other.program().pattern);
  EXPECT_EQ(engine().status(now()).end, EndReason::kFinished);
}

TEST_F(Sides, AnEndOrAChangeThatIsWithdrawnNeverComes) {
  const Built built{two_sides()};
  Rig undisturbed{built.program(), Window::kDefaultFrames, millis(20)};
  Rig rig{built.program(), Window::kDefaultFrames, millis(20)};
  for (Rig* each : {&undisturbed, &rig}) {
    each->play(built.timeline());
    each->run_until(LocalTime{seconds(3)});
  }
  EXPECT_EQ(rig.engine().withdraw_change(), Status::kNotLoaded);
  ASSERT_TRUE(rig.engine().stop_at_boundary(SessionTime{seconds(5)}, rig.now()).ok());
  rig.run_until(LocalTime{seconds(4)});
  EXPECT_EQ(rig.engine().withdraw_change(), Status::kOk);
  ASSERT_TRUE(rig.engine().change(Bilateral{}, SessionTime{seconds(7)}, rig.now()).ok());
  EXPECT_EQ(rig.engine().withdraw_change(), Status::kOk);
  for (Rig* each : {&undisturbed, &rig}) each->run_until(LocalTime{seconds(20)});
  EXPECT_EQ(rig.changes(), undisturbed.changes());
}

TEST_F(Sides, ASharedEpochIsKeptToTheMicrosecondWhateverTheClocks) {
  Draft draft = two_sides();
  const Built built{draft};
  for (const int rate_ppb : {-200'000, 0, 40'000}) {
    Rig rig{built.program(), Window::kDefaultFrames, millis(20)};
    ClockMap map;
    map.session = SessionTime{seconds(1'000)};
    map.rate_ppb = rate_ppb;
    ASSERT_EQ(rig.engine().set_clock(map), Status::kOk);
    ASSERT_EQ(rig.engine().load(built.timeline()), Status::kOk);
    const SessionTime epoch{seconds(1'003)};
    ASSERT_EQ(rig.engine().start_at({epoch}, rig.now()), Status::kOk);
    rig.settle();
    rig.run_until(LocalTime{seconds(60)});
    const std::vector<Pulse> all = pulses_of(rig.changes(), built.program());
    ASSERT_GE(all.size(), 100U);
    for (std::size_t i = 0; i < all.size(); ++i) {
      const SessionTime plan = epoch + millis(500) * static_cast<std::int64_t>(i);
      ASSERT_EQ(all[i].on, map.local_at(plan).since_zero()) << "pulse " << i;
    }
  }
}

TEST_F(Sides, ALevelAboveTheCapOfItsOutputEndsInSafeOutputs) {
  Draft draft = two_sides();
  const Built allowed{draft};
  draft.outputs[draft.pattern->sides[0].drive].highest = 599;  // The plan says 600.
  const Built capped{draft};
  std::vector<InterlockGuard::History> history(capped.program().outputs.size());
  InterlockGuard guard;
  guard.set_rules(capped.program(), history);
  PatternFeeder sides;
  sides.begin(allowed.timeline(), {}, LocalTime{});
  Frame frame;
  ASSERT_TRUE(sides.next(frame));
  const auto violation = guard.judge(frame.levels, frame.at);
  ASSERT_TRUE(violation);
  EXPECT_EQ(violation->reason, FaultReason::kTooHigh);
  EXPECT_EQ(violation->output, draft.pattern->sides[0].drive);
}

}  // namespace
}  // namespace takt
