// SPDX-License-Identifier: Apache-2.0
// What happens to each output where a phase ends early.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <span>
#include <vector>

#include "takt/core/engine/engine.h"
#include "tests/support/program.h"
#include "tests/support/rig.h"

namespace takt::testing {
namespace {

constexpr std::uint32_t kFan = 1, kCompressor = 2;

/// Two phases of an hour; a fan runs in both, a compressor as each test says.
class EarlyEnd : public ::testing::Test {
 protected:
  EarlyEnd() {
    fan_ = draft_.add_switch();
    compressor_ = draft_.add_switch();
    for (int i = 0; i < 2; ++i) draft_.add_stage().parts = {span(fan_, {}, seconds(3'600))};
  }

  void play() {
    built_.emplace(draft_);
    ASSERT_TRUE(built_->ok()) << built_->diagnostics().text();
    rig_.emplace(built_->program());
    rig_->play(built_->timeline());
  }
  void run_until(Micros at) { rig_->run_until(LocalTime{at}); }
  void skip() {
    ASSERT_EQ(rig_->engine().skip_phase(rig_->now()), Status::kOk);
    rig_->settle();
  }
  void add(std::size_t stage, Micros at, Micros on) {
    draft_.stages[stage].parts.push_back(span(compressor_, at, on));
  }
  EngineStatus status() { return rig_->engine().status(rig_->now()); }

  Draft draft_;
  std::uint8_t fan_ = 0;
  std::uint8_t compressor_ = 0;
  std::optional<Built> built_;
  std::optional<Rig> rig_;
};

TEST_F(EarlyEnd, WhatBothPhasesWantStaysOn) {
  draft_.outputs[compressor_].shortest_off = seconds(300);
  play();
  run_until(seconds(10));
  skip();
  run_until(seconds(20));
  EXPECT_EQ(rig_->changes(), (std::vector<Change>{{Micros{0}, {{}, kFan}}}));
  EXPECT_EQ(status().phase_elapsed, seconds(10));
}

TEST_F(EarlyEnd, AnOutputWaitsForItsOwnHistoryAndEndsInTime) {
  draft_.outputs[compressor_].shortest_off = seconds(300);
  add(0, {}, seconds(60));
  add(1, {}, seconds(600));
  play();
  run_until(seconds(100));
  skip();
  run_until(seconds(800));
  EXPECT_EQ(rig_->changes(), (std::vector<Change>{{Micros{0}, {{}, kFan | kCompressor}},
                                                  {seconds(60), {{}, kFan}},
                                                  {seconds(360), {{}, kFan | kCompressor}},
                                                  {seconds(700), {{}, kFan}}}));
  EXPECT_EQ(status().withheld, 1U);
}

TEST_F(EarlyEnd, APulseThatIsOverBeforeItsWaitDoesNotCome) {
  draft_.outputs[compressor_].shortest_off = seconds(300);
  add(0, {}, seconds(60));
  add(1, {}, seconds(200));
  play();
  run_until(seconds(100));
  skip();
  run_until(seconds(800));
  EXPECT_EQ(rig_->changes().size(), 2U);
  EXPECT_EQ(status().faults, 0U);
}

TEST_F(EarlyEnd, AnOutputThatWasCutOffRunsItsShortestTime) {
  draft_.outputs[compressor_].shortest_on = seconds(300);
  add(0, seconds(40), seconds(600));
  play();
  run_until(seconds(100));
  skip();
  run_until(seconds(800));
  EXPECT_EQ(rig_->changes().back(), (Change{seconds(340), {{}, kFan}}));
}

TEST_F(EarlyEnd, TheEndOfAProgramIsWhenTheLastOutputIsOff) {
  draft_.outputs[compressor_].shortest_on = seconds(300);
  add(1, {}, seconds(600));
  play();
  skip();
  run_until(seconds(10));
  skip();
  EXPECT_EQ(rig_->changes().back(), (Change{seconds(10), {{}, kCompressor}}));
  run_until(seconds(299));
  EXPECT_EQ(status().state, EngineState::kPlaying);
  EXPECT_EQ(rig_->engine().pause(rig_->now()), Status::kNotLoaded) << "it plays no phase";
  rig_->run();
  EXPECT_EQ(rig_->changes().back(), (Change{seconds(300), {}}));
  EXPECT_EQ(status().end, EndReason::kFinished);
}

TEST_F(EarlyEnd, AStopWaitsForNothingAndTheNextRunKnowsIt) {
  draft_.outputs[compressor_].shortest_on = seconds(300);
  draft_.outputs[compressor_].shortest_off = seconds(30);
  add(0, {}, seconds(600));
  play();
  run_until(seconds(10));
  ASSERT_EQ(rig_->engine().stop(rig_->now()), Status::kOk);
  rig_->settle();
  EXPECT_EQ(rig_->changes().back(), (Change{seconds(10), {}}));
  run_until(seconds(15));
  ASSERT_EQ(rig_->engine().start(rig_->now(), rig_->now()), Status::kOk);
  rig_->settle();
  EXPECT_EQ(rig_->changes().back(), (Change{seconds(15), {{}, kFan}}));
  run_until(seconds(100));
  EXPECT_EQ(rig_->changes().back(), (Change{seconds(40), {{}, kFan | kCompressor}}));
}

TEST_F(EarlyEnd, WhatWaitsIsCountedAnewInEachRun) {
  draft_.outputs[compressor_].shortest_off = seconds(30);
  add(0, {}, seconds(600));
  play();
  for (const auto& [pause, waits] : {std::pair{seconds(5), 1U}, std::pair{seconds(60), 0U}}) {
    run_until(rig_->now().since_zero() + seconds(40));
    ASSERT_EQ(rig_->engine().stop(rig_->now()), Status::kOk);
    rig_->settle();
    run_until(rig_->now().since_zero() + pause);
    ASSERT_EQ(rig_->engine().start(rig_->now(), rig_->now()), Status::kOk);
    rig_->settle();
    EXPECT_EQ(status().withheld, waits);
  }
}

TEST_F(EarlyEnd, OfAnotherProgramsOutputsOnlyTheEndIsKnown) {
  const Built first{draft_};
  draft_.outputs[compressor_].shortest_off = seconds(30);
  add(0, {}, seconds(600));
  const Built other{draft_};
  Rig fresh{other.program()};
  fresh.play(first.timeline());
  fresh.run_until(LocalTime{seconds(10)});
  ASSERT_EQ(fresh.engine().stop(fresh.now()), Status::kOk);
  fresh.settle();
  fresh.play(other.timeline());
  EXPECT_EQ(fresh.changes().back(), (Change{seconds(10), {{}, kFan}}));
  fresh.run_until(LocalTime{seconds(100)});
  EXPECT_EQ(fresh.changes().back(), (Change{seconds(40), {{}, kFan | kCompressor}}));
}

TEST_F(EarlyEnd, TheLongestTimeCountsThroughACut) {
  draft_.outputs[compressor_].longest_on = seconds(100);
  add(0, {}, seconds(90));
  add(1, {}, seconds(90));
  play();
  run_until(seconds(60));
  skip();
  rig_->run();
  EXPECT_EQ(status().last_fault.reason, FaultReason::kLongestOn);
  EXPECT_EQ(status().last_fault.at, LocalTime{seconds(100)});
}

TEST_F(EarlyEnd, AProgramJoinedInTheMiddleOfAPulseHoldsItsShortestTime) {
  draft_.outputs[compressor_].shortest_on = seconds(5);
  add(0, {}, seconds(60));
  built_.emplace(draft_);
  rig_.emplace(built_->program());
  run_until(seconds(58));
  ASSERT_EQ(rig_->engine().load(built_->timeline()), Status::kOk);
  ASSERT_EQ(rig_->engine().start(LocalTime{}, rig_->now()), Status::kOk);
  rig_->settle();
  run_until(seconds(100));
  EXPECT_EQ(rig_->changes(), (std::vector<Change>{{seconds(58), {{}, kFan | kCompressor}},
                                                  {seconds(63), {{}, kFan}}}));
}

TEST_F(EarlyEnd, WhatIsWantedTogetherRemainsAFault) {
  draft_.interlocks.push_back(
      {InterlockKind::kNeverTogether, kNoOutput, kFan | kCompressor, seconds(1)});
  add(1, seconds(5), seconds(5));
  play();
  run_until(seconds(10));
  skip();
  rig_->run();
  EXPECT_EQ(status().last_fault.reason, FaultReason::kTogether);
}

TEST(EarlyEnds, NeverBreakAnInterlock) {
  Draft draft;
  const auto motor = draft.add_motor();
  const auto heater = draft.add_switch();
  const auto cooler = draft.add_switch();
  draft.outputs[heater].shortest_on = millis(300);
  draft.outputs[heater].shortest_off = millis(700);
  draft.interlocks.push_back({InterlockKind::kReversal, motor, 0, millis(500)});
  draft.interlocks.push_back(
      {InterlockKind::kNeverTogether, kNoOutput, 1U << heater | 1U << cooler, millis(100)});
  const auto direction = static_cast<std::uint8_t>(motor + 1);
  draft.add_stage().parts = {span(heater, Micros{0}, seconds(9)),
                             pulses(motor, direction, Micros{0}, 1, {{seconds(9), {}, true}})};
  draft.add_stage(millis(800)).parts = {
      span(cooler, Micros{0}, seconds(9)),
      pulses(motor, direction, Micros{0}, 1, {{seconds(9), {}, false}})};
  const Built built{draft};
  ASSERT_TRUE(built.ok()) << built.diagnostics().text();
  for (unsigned seed = 1; seed <= 300; ++seed) {
    std::mt19937 random{seed};
    Rig rig{built.program()};
    rig.play(built.timeline());
    for (int step = 0; step < 20; ++step) {
      rig.run_until(rig.now() + Micros{static_cast<std::int64_t>(random() % 2'000'000)});
      static_cast<void>(rig.engine().skip_to_phase(random() % 2, rig.now()));
      rig.settle();
      ASSERT_EQ(rig.engine().status(rig.now()).faults, 0U) << "seed " << seed;
    }
  }
}

}  // namespace
/// What a chip does to external memory while it writes to its flash.
TEST_F(EarlyEnd, RulesHoldThoughTheTablesOfTheProgramAreOutOfReach) {
  draft_.outputs[compressor_].shortest_off = seconds(300);
  add(0, {}, seconds(60));
  add(1, {}, seconds(600));
  play();
  const std::span<const Output> table = built_->program().outputs;
  auto* const outputs = const_cast<Output*>(table.data());
  const std::vector<Output> kept(table.begin(), table.end());
  std::fill_n(outputs, table.size(), Output{});
  run_until(seconds(70));
  skip();
  run_until(seconds(1'000));
  std::ranges::copy(kept, outputs);
  EXPECT_EQ(rig_->changes(), (std::vector<Change>{{Micros{0}, {{}, kFan | kCompressor}},
                                                  {seconds(60), {{}, kFan}},
                                                  {seconds(360), {{}, kFan | kCompressor}},
                                                  {seconds(670), {{}, kFan}}}));
}

}  // namespace takt::testing
