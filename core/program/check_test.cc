// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "takt/core/program/limits.h"
#include "takt/core/program/timeline.h"
#include "tests/support/program.h"

namespace takt {
namespace {

using testing::Built;
using testing::Draft;
using testing::pulses;
using testing::span;

/// A valid program with one of everything; each test breaks one thing.
Draft sound() {
  Draft draft;
  const auto valve = draft.add_switch();
  const auto motor = draft.add_motor();
  const auto lamp = draft.add_analog(100);
  const auto direction = static_cast<std::uint8_t>(motor + 1);
  draft.interlocks = {{InterlockKind::kNeverTogether, kNoOutput, 3, millis(1)},
                      {InterlockKind::kReversal, motor, 0, millis(1)}};
  Draft::Stage& stage = draft.add_stage(seconds(1));
  stage.parts = {span(valve, millis(1), millis(5)),
                 pulses(motor, direction, millis(50), 3, {{millis(3), millis(3), true}}),
                 testing::ramp(lamp, 50, Micros{0}, seconds(1), millis(100), millis(100))};
  stage.end.sensor = "level";
  stage.end.timeout = millis(1'900);
  draft.add_stage().parts = {span(valve, Micros{0}, seconds(1))};
  draft.loops = {{0, 1, 2}};
  return draft;
}

/// What check() says of `draft`; empty: it is valid.
std::string verdict(const Draft& draft) { return Built{draft}.diagnostics().text(); }

TEST(Check, ASoundProgramHasNoRemarks) { EXPECT_EQ(verdict(sound()), ""); }

TEST(Check, ALastEdgeThatLeavesTheOutputOnIsAWarning) {
  Draft draft;
  const auto valve = draft.add_switch();
  Draft::Part edges;
  edges.component.kind = ComponentKind::kEdges;
  edges.component.output = valve;
  edges.component.period = millis(1);
  edges.points = {{0, 1}, {500, 0}};
  draft.add_stage().parts = {edges};
  EXPECT_EQ(verdict(draft), "");
  draft.stages[0].parts[0].points.push_back({1'000, 1});
  EXPECT_EQ(verdict(draft),
            "warning /phases/0/components/0: its last edge leaves the output on until the phase "
            "ends\n");
}

struct Fault {
  const char* name;
  void (*plant)(Draft&);
  const char* says;
};

void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.name; }

const Fault kFaults[] = {
    Fault{"NoPhases", [](Draft& d) { d.stages.clear(), d.loops.clear(); },
          "error /phases: a program needs at least one phase"},
    Fault{"NoRun", [](Draft& d) { d.repeats = 0; }, "error /repeat: a program runs at least once"},
    Fault{"SameId", [](Draft& d) { d.outputs[3].id = "a"; },
          "error /outputs/3: another output has this id"},
    Fault{"SamePin", [](Draft& d) { d.outputs[0].pin = d.outputs[2].pin = 4; },
          "error /outputs/2: another output has this pin"},
    Fault{"NoRange", [](Draft& d) { d.outputs[3].range = 0; },
          "error /outputs/3: the range of an analog output is 1 to 65535"},
    Fault{"WrongChannel", [](Draft& d) { d.outputs[3].channel = 1; },
          "error /outputs/3: analog channels are numbered in output order"},
    Fault{"HighestBeyondRange", [](Draft& d) { d.outputs[3].highest = 101; },
          "error /outputs/3: its highest level lies beyond its range"},
    Fault{"HighestOfASwitch", [](Draft& d) { d.outputs[0].highest = 1; },
          "error /outputs/0: only an output of kind \"analog\" has a highest level"},
    Fault{"ValueBeyondHighest", [](Draft& d) { d.outputs[3].highest = 49; },
          "error /phases/0/components/2: the value is 1 to 49"},
    Fault{"DirectionOfNothing", [](Draft& d) { d.outputs[0].direction = 9; },
          "error /outputs/0: the direction of a motor is an output of kind \"direction\""},
    Fault{"LimitsOnADirection", [](Draft& d) { d.outputs[2].longest_on = millis(1); },
          "error /outputs/2: only an output of kind \"switch\" can have limits"},
    Fault{"ContradictoryLimits",
          [](Draft& d) {
            d.outputs[0].longest_on = millis(1);
            d.outputs[0].shortest_on = millis(2);
          },
          "error /outputs/0: longest_on is shorter than shortest_on"},
    Fault{"ExclusiveWithItself", [](Draft& d) { d.interlocks[0].outputs = 1; },
          "error /interlocks/0: it takes two outputs to exclude each other"},
    Fault{"ExclusiveAnalog", [](Draft& d) { d.interlocks[0].outputs |= 8; },
          "error /interlocks/0: only outputs of kind \"switch\" can exclude each other"},
    Fault{"ReversalOfAValve", [](Draft& d) { d.interlocks[1].motor = 0; },
          "error /interlocks/1: a reversal dead time is for a motor, an output with a "
          "direction"},
    Fault{"OutputOutOfRange", [](Draft& d) { d.stages[0].parts[0].component.output = 9; },
          "error /phases/0/components/0: its output does not exist"},
    Fault{"PulsesOutOfOrder",
          [](Draft& d) {
            d.stages[0].parts[0].points.push_back({0, 1});
          },
          "error /phases/0/components/0: its pulses must have a length and follow each other"},
    Fault{"PulseWithoutLength", [](Draft& d) { d.stages[0].parts[0].points[0].value = 0; },
          "error /phases/0/components/0: its pulses must have a length and follow each other"},
    Fault{"PulseLongerThanItsRow",
          [](Draft& d) { d.stages[0].parts[0].component.period = millis(4); },
          "error /phases/0/components/0: its last pulse is longer than its row"},
    Fault{"NegativeStart", [](Draft& d) { d.stages[0].parts[0].component.start = Micros{-1}; },
          "error /phases/0/components/0: a time is 0 to 24.8 days"},
    Fault{"AnalogPulses", [](Draft& d) { d.stages[0].parts[0].component.output = 3; },
          "error /phases/0/components/0: an analog output needs a value, not pulses"},
    Fault{"ValueBeyondRange", [](Draft& d) { d.stages[0].parts[2].component.value = 101; },
          "error /phases/0/components/2: the value is 1 to 100"},
    Fault{"RampsBeyondSpan", [](Draft& d) { d.stages[0].parts[2].component.ramp_in = seconds(1); },
          "error /phases/0/components/2: the ramps are longer than the span they belong to"},
    Fault{"PatternForACentury",
          [](Draft& d) {
            d.stages[0].parts[1].component.repeats = 0xFFFFFFFF;
            d.stages[0].parts[1].component.period = seconds(1'000'000);
          },
          "error /phases/0/components/1: the pattern lasts more than 100 years"},
    Fault{"OverlappingPatterns",
          [](Draft& d) {
            d.stages[0].parts.push_back(d.stages[0].parts[1]);
            d.stages[0].parts.back().component.start = millis(67);
          },
          "error /phases/0/components/3: component 1 has the same output, and both play from "
          "0.067 s: motor patterns must not overlap"},
    Fault{"OverlappingAnalog", [](Draft& d) { d.stages[0].parts.push_back(d.stages[0].parts[2]); },
          "error /phases/0/components/3: component 2 has the same output, and both play from "
          "0.000 s: analog spans must not overlap"},
    Fault{"OverlappingSpans", [](Draft& d) { d.stages[0].parts.push_back(d.stages[0].parts[0]); },
          "warning /phases/0/components/3: component 0 has the same output, and both play from "
          "0.001 s: the output is on while either wants it on"},
    Fault{"TimeoutBeforeArming", [](Draft& d) { d.stages[0].end.arm_after = seconds(20); },
          "error /phases/0/end: the timeout passes before the condition is armed"},
    Fault{"TimeoutAtTheEnd", [](Draft& d) { d.stages[0].end.timeout = seconds(2); },
          "error /phases/0/end/timeout: it never passes, for the phase ends by itself after "
          "2.000 s: a component must last longer, or the timeout be shorter"},
    Fault{"NothingToPlay", [](Draft& d) { d.stages[1].parts.clear(); },
          "warning /phases/1: nothing to play: the phase just lasts 0.000 s"},
    Fault{"NothingButAPause",
          [](Draft& d) { d.stages[1].parts = {pulses(0, kNoOutput, seconds(1), 3, {})}; },
          "warning /phases/1: nothing to play: the phase just lasts 1.000 s"},
    Fault{"LoopBackwards",
          [](Draft& d) {
            d.loops[0] = {1, 0, 2};
          },
          "error /loops/0: it runs from a phase to the same or a later one"},
    Fault{"LoopsOverlap",
          [](Draft& d) {
            d.loops.push_back({1, 1, 2});
          },
          "error /loops/1: loops stand in the order of their phases and do not overlap or "
          "nest"},
    Fault{"LoopNever", [](Draft& d) { d.loops[0].times = 0; },
          "error /loops/0: a loop runs at least once"},
    Fault{"TooManyRuns", [](Draft& d) { d.repeats = d.loops[0].times = 100'000; },
          "error /loops: loops and repeats come to more than 4,294,967,294 phase runs"},
    Fault{"RunsForACentury", [](Draft& d) { d.repeats = 900'000'000; },
          "error /repeat: the program lasts more than 100 years"}};

class CheckFindsTest : public ::testing::TestWithParam<Fault> {};

TEST_P(CheckFindsTest, APlantedFaultAndItsPlace) {
  Draft draft = sound();
  GetParam().plant(draft);
  EXPECT_EQ(verdict(draft), std::string{GetParam().says} + "\n");
}

INSTANTIATE_TEST_SUITE_P(Faults, CheckFindsTest, ::testing::ValuesIn(kFaults),
                         [](const auto& fault) { return std::string{fault.param.name}; });

TEST(Check, PatternsThatTouchDoNotOverlap) {
  Draft draft = sound();
  draft.stages[0].parts.push_back(draft.stages[0].parts[1]);
  draft.stages[0].parts.back().component.start = millis(68);
  EXPECT_EQ(verdict(draft), "");
}

TEST(Check, ALoopThatTakesNoTimeIsAnError) {
  Draft draft;
  draft.add_switch();
  draft.add_stage();
  draft.loops = {{0, 0, 2}};
  EXPECT_NE(verdict(draft).find("error /loops/0: its phases take no time"), std::string::npos);
}

TEST(Check, MoreThanALimitIsAnErrorThatNamesIt) {
  Draft draft = sound();
  for (std::size_t i = 0; i < kMaxPhases; ++i) draft.stages.push_back(draft.stages[1]);
  EXPECT_NE(verdict(draft).find("error /phases: 1002 are more than the limit of 1000"),
            std::string::npos);
}

}  // namespace
}  // namespace takt
