// SPDX-License-Identifier: Apache-2.0
#include "tools/play/script.h"

#include <gtest/gtest.h>

#include "tests/support/program.h"
#include "tools/cli/failure.h"
#include "tools/play/play_virtual.h"

namespace takt {
namespace {

using testing::Built;
using testing::Draft;

/// Two phases of 10 s with one output each; the first ends when "level" is above 100.
Draft two_phases() {
  Draft draft;
  const std::uint8_t a = draft.add_switch();
  const std::uint8_t b = draft.add_switch();
  Draft::Stage& first = draft.add_stage();
  first.parts.push_back(testing::span(a, Micros{0}, seconds(10)));
  first.end.sensor = "level";
  first.end.threshold = 100;
  draft.add_stage().parts.push_back(testing::span(b, Micros{0}, seconds(10)));
  return draft;
}

PlayResult play(const std::vector<std::string>& actions,
                const std::vector<std::string>& readings = {}) {
  const Built built{two_phases()};
  std::vector<ScriptAction> parsed;
  std::vector<ScriptReading> sensed;
  for (const std::string& text : actions) parsed.push_back(parse_action(text));
  for (const std::string& text : readings) sensed.push_back(parse_reading(text));
  Script script{std::move(parsed), std::move(sensed)};
  return play_virtual(built.timeline(), {}, script, nullptr);
}

TEST(Script, SkipEndsThePhaseAtItsTime) {
  const PlayResult result = play({"3s=skip"});
  EXPECT_EQ(result.end, EndReason::kFinished);
  EXPECT_EQ(result.duration, seconds(13));
  EXPECT_EQ(result.phases[0].duration, seconds(3));
  EXPECT_EQ(result.phases[1].duration, seconds(10));
  EXPECT_EQ(result.phases[0].edges, 2U);
}

TEST(Script, PausesCountForTheRunAndNotForThePhase) {
  const PlayResult result = play({"8s=resume", "3s=pause"});
  EXPECT_EQ(result.end, EndReason::kFinished);
  EXPECT_EQ(result.duration, seconds(25));
  EXPECT_EQ(result.phases[0].duration, seconds(10));
  EXPECT_EQ(result.phases[0].runs, 1U);
  EXPECT_EQ(result.phases[0].edges, 4U);
}

TEST(Script, TimesAreThoseThatAProgramCanLast) {
  EXPECT_EQ(parse_action("8784h=skip").at, seconds(366LL * 24 * 3600));
  EXPECT_EQ(parse_reading("level=1@878400h").at, seconds(100LL * 366 * 24 * 3600));
  try {
    static_cast<void>(parse_action("878401h=skip"));
    FAIL() << "longer than any program";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.exit(), Exit::kWords);
    EXPECT_EQ(std::string{failure.what()}, "--at takes a time of up to 100 years, not '878401h'");
  }
}

TEST(Script, APauseWithoutAnEndStops) {
  const PlayResult result = play({"3s=pause"});
  EXPECT_EQ(result.end, EndReason::kStopped);
  EXPECT_EQ(result.edges, 2U);
  EXPECT_EQ(play({"3s=pause"}, {"level=5"}).end, EndReason::kStopped);
}

TEST(Script, StopAndEmergencyStopEndTheRun) {
  EXPECT_EQ(play({"12s=stop"}).end, EndReason::kStopped);
  EXPECT_EQ(play({"12s=stop"}).duration, seconds(12));
  const PlayResult fault = play({"1.5s=estop"});
  EXPECT_EQ(fault.end, EndReason::kFault);
  ASSERT_EQ(fault.faults.size(), 1U);
  EXPECT_EQ(fault.faults[0].reason, FaultReason::kEmergencyStop);
  EXPECT_EQ(fault.faults[0].at, LocalTime{millis(1'500)});
  EXPECT_EQ(fault.duration, millis(1'500));
}

TEST(Script, SkipToGoesBackToo) {
  const PlayResult result = play({"12s=skip-to:1"});
  EXPECT_EQ(result.duration, seconds(32));
  EXPECT_EQ(result.phases[0].runs, 2U);
  EXPECT_EQ(result.phases[1].runs, 2U);
}

TEST(Script, ASensorThatShowsEnoughEndsThePhase) {
  EXPECT_EQ(play({}, {"level=101"}).phases[0].duration, Micros{0});
  EXPECT_EQ(play({}, {"level=101@4s"}).phases[0].duration, seconds(4));
  EXPECT_EQ(play({}, {"level=101@4.03s"}).phases[0].duration, millis(4'100));
  EXPECT_EQ(play({}, {"level=100"}).phases[0].duration, seconds(10));
  EXPECT_EQ(play({}, {"other=101"}).phases[0].duration, seconds(10));
}

TEST(Script, WhatTheProgramHasNoUseForIsKnownBeforeTheStart) {
  testing::Draft draft;
  const auto valve = draft.add_switch();
  draft.add_stage().parts = {testing::span(valve, Micros{0}, seconds(1))};
  draft.add_stage().parts = {testing::span(valve, Micros{0}, seconds(1))};
  draft.stages[1].end.sensor = "level";
  const testing::Built built{draft};
  const auto refusal = [&built](const std::string& action, const std::string& reading) {
    std::vector<ScriptAction> actions;
    std::vector<ScriptReading> readings;
    if (!action.empty()) actions.push_back(parse_action(action));
    if (!reading.empty()) readings.push_back(parse_reading(reading));
    try {
      Script{actions, readings}.check(built.program());
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.exit(), Exit::kWords);
      return std::string{failure.what()};
    }
    return std::string{};
  };
  EXPECT_EQ(refusal("1s=skip-to:2", "level=3"), "");
  EXPECT_EQ(refusal("1s=skip-to:3", ""),
            "--at 1s=skip-to:3: there is no such phase; this program has 2 phases");
  EXPECT_EQ(refusal("", "leve=3"),
            "--sensor leve: no phase of this program asks for it; they ask for level");
}

TEST(Script, WrongWordsAreFailuresOfTheCall) {
  for (const char* const text : {"", "skip", "3=skip", "3s=", "3s=jump", "3s=skip-to:0",
                                 "3s=skip-to:x", "-3s=skip", "3s=skip-to:"}) {
    EXPECT_THROW(parse_action(text), Failure) << text;
  }
  for (const char* const text :
       {"", "rpm", "=3", "rpm=", "rpm=x", "rpm=3@", "rpm=3@x", "rpm=99999999999", "rpm=1.5"}) {
    EXPECT_THROW(parse_reading(text), Failure) << text;
  }
}

}  // namespace
}  // namespace takt
