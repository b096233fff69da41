// SPDX-License-Identifier: Apache-2.0
#include "takt/core/program/takt_form.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/load_for_test.h"

namespace takt {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kOutputs =
    R"("outputs":[{"id":"motor","direction":"way"},{"id":"way","kind":"direction"},)"
    R"({"id":"lamp","pin":3,"active":"low"},{"id":"dim","kind":"analog","range":200}])";

/// A program of one phase with these components.
std::string with_components(std::string_view components) {
  return R"({"takt":1,)" + std::string{kOutputs} + R"(,"phases":[{"name":"p","components":[)" +
         std::string{components} + "]}]}";
}

/// A program with these fields beside its outputs and a phase.
std::string with_fields(std::string_view fields) {
  return R"({"takt":1,)" + std::string{kOutputs} + R"(,"phases":[{"name":"p"},{"name":"q"}],)" +
         std::string{fields} + "}";
}

std::string error_of(const std::string& source) {
  const Loaded loaded = load_for_test(source);
  EXPECT_FALSE(loaded.ok()) << source;
  return first_error(loaded);
}

Component component_of(const std::string& source) {
  const Loaded loaded = load_for_test(source);
  EXPECT_TRUE(loaded.ok()) << first_error(loaded);
  return loaded.ok() ? loaded.program.components[0] : Component{};
}

TEST(TaktForm, FieldsLeftOutHaveTheirDefaults) {
  const Loaded loaded =
      load_for_test(R"({"takt":1,"outputs":[{"id":"a"}],"phases":[{"name":"p"}]})");
  ASSERT_TRUE(loaded.ok());
  const Output& output = loaded.program.outputs[0];
  EXPECT_EQ(output.kind, OutputKind::kSwitch);
  EXPECT_FALSE(output.active_low);
  EXPECT_EQ(output.pin, -1);
  EXPECT_EQ(output.direction, kNoOutput);
  EXPECT_EQ(loaded.program.repeats, 1U);
  EXPECT_EQ(loaded.program.phases[0].delay, Micros{});
  EXPECT_FALSE(loaded.program.phases[0].end.exists());
}

TEST(TaktForm, OutputsKeepEveryField) {
  const Loaded loaded = load_for_test(
      R"({"takt":1,"outputs":[{"id":"x","kind":"analog"},{"id":"a","pin":4,"active":"low",)"
      R"("longest_on":"5m","shortest_on_ms":20,"shortest_off":"1us"},)"
      R"({"id":"y","kind":"analog","range":7}],"phases":[{"name":"p"}]})");
  ASSERT_TRUE(loaded.ok()) << first_error(loaded);
  const auto outputs = loaded.program.outputs;
  EXPECT_EQ(outputs[0].range, 100);
  EXPECT_EQ(outputs[0].channel, 0);
  EXPECT_EQ(outputs[2].range, 7);
  EXPECT_EQ(outputs[2].channel, 1);
  EXPECT_EQ(outputs[1].pin, 4);
  EXPECT_TRUE(outputs[1].active_low);
  EXPECT_EQ(outputs[1].longest_on, seconds(300));
  EXPECT_EQ(outputs[1].shortest_on, millis(20));
  EXPECT_EQ(outputs[1].shortest_off, Micros{1});
}

TEST(TaktForm, ALabelIsForPeopleAndTheIdForAllElse) {
  const auto labelled = [](const std::string& label) {
    return R"({"takt":1,"outputs":[{"id":"a","label":")" + label +
           R"("},{"id":"b"}],"phases":[{"name":"p"}]})";
  };
  const Loaded loaded = load_for_test(labelled("Ventil \u00e4"));
  ASSERT_TRUE(loaded.ok()) << first_error(loaded);
  const auto outputs = loaded.program.outputs;
  EXPECT_EQ(outputs[0].label, "Ventil \xC3\xA4");
  EXPECT_EQ(outputs[0].title(), "Ventil \xC3\xA4");
  EXPECT_EQ(outputs[1].title(), "b");
  Output renamed = outputs[0];
  renamed.label = "Valve";
  EXPECT_TRUE(renamed.plays_as(outputs[0]));
  renamed.pin = 3;
  EXPECT_FALSE(renamed.plays_as(outputs[0]));

  EXPECT_TRUE(load_for_test(labelled(std::string(kMaxLabelBytes, 'x'))).ok());
  EXPECT_EQ(error_of(labelled(std::string(kMaxLabelBytes + 1, 'x'))),
            "/outputs/0/label 1:40 'label' is too long: 61 bytes, the limit is 60");
  EXPECT_THAT(error_of(labelled("")), HasSubstr("'label' must not be empty"));
  EXPECT_THAT(error_of(labelled("\\u001b[2J")), HasSubstr("control characters"));
}

TEST(TaktForm, TheHighestLevelOfAnOutputHoldsForEveryComponent) {
  const auto dimmer = [](std::string_view output, std::string_view component) {
    return R"({"takt":1,"outputs":[{"id":"dim",)" + std::string{output} +
           R"(}],"phases":[{"name":"p","components":[{"output":"dim",)" + std::string{component} +
           "}]}]}";
  };
  const std::string capped = R"("kind":"analog","range":200,"highest":150)";
  EXPECT_TRUE(load_for_test(dimmer(capped, R"("value":150,"on":"1s")")).ok());
  EXPECT_THAT(error_of(dimmer(capped, R"("value":151,"on":"1s")")),
              HasSubstr("/value 1:138 the largest value of output 'dim' is 150"));
  EXPECT_THAT(error_of(dimmer(capped, R"("edges":[{"at":"0s","value":151}])")),
              HasSubstr("the largest value of output 'dim' is 150"));
  EXPECT_THAT(error_of(dimmer(R"("kind":"analog","highest":101)", R"("value":1,"on":"1s")")),
              HasSubstr("/outputs/0/highest 1:60 the highest level lies beyond the range, which is "
                        "100"));
  EXPECT_THAT(error_of(dimmer(R"("highest":1)", R"("on":"1s")")),
              HasSubstr("only an output of kind 'analog' has a highest level"));
}

TEST(TaktForm, APulseRowIsStoredInItsLargestTick) {
  const Component row = component_of(
      with_components(R"({"output":"lamp","at":"1s","on":"100ms","pause":"400ms","repeat":20})"));
  EXPECT_EQ(row.kind, ComponentKind::kPulses);
  EXPECT_EQ(row.start, seconds(1));
  EXPECT_EQ(row.period, millis(500));
  EXPECT_EQ(row.repeats, 20U);
  EXPECT_EQ(row.tick, millis(100));
  EXPECT_EQ(row.direction, kNoOutput);
}

TEST(TaktForm, ALateFineStepRefinesAllPointsBefore) {
  const Loaded loaded = load_for_test(with_components(
      R"({"output":"lamp","steps":[{"on":"1s","pause":"1s"},{"on":"2s"},{"on":"3us"}]})"));
  ASSERT_TRUE(loaded.ok()) << first_error(loaded);
  const Program& program = loaded.program;
  EXPECT_EQ(program.components[0].tick, Micros{1});
  EXPECT_EQ(program.points[0].length(), 1'000'000U);
  EXPECT_EQ(program.points[1].at, 2'000'000U);
  EXPECT_EQ(program.points[1].length(), 2'000'000U);
  EXPECT_EQ(program.points[2].at, 4'000'000U);
  EXPECT_EQ(program.points[2].length(), 3U);
}

TEST(TaktForm, TimesThatNoTickFitsAreAnErrorAtTheStep) {
  const std::string error =
      error_of(with_components(R"({"output":"lamp","steps":[{"on":"1h"},{"on":"1us"}]})"));
  EXPECT_THAT(error, HasSubstr("/phases/0/components/0/steps/1 "));
  EXPECT_THAT(error, HasSubstr("differ too much"));
}

TEST(TaktForm, AMotorPatternSetsTheDirectionOfItsMotor) {
  const Loaded loaded = load_for_test(
      with_components(R"({"repeat":150,"steps":[{"direction":"cw","on":"300ms","pause":"500ms"},)"
                      R"({"on":"300ms","pause":"500ms","direction":"ccw"}],"output":"motor"})"));
  ASSERT_TRUE(loaded.ok()) << first_error(loaded);
  EXPECT_EQ(loaded.program.components[0].direction, 1);
  EXPECT_TRUE(loaded.program.points[0].clockwise());
  EXPECT_FALSE(loaded.program.points[1].clockwise());
}

TEST(TaktForm, DirectionsNeedAMotorAndAreForAllStepsOrNone) {
  EXPECT_THAT(error_of(with_components(R"({"output":"lamp","on":"1s","direction":"cw"})")),
              HasSubstr("/phases/0/components/0/direction"));
  EXPECT_THAT(
      error_of(with_components(R"({"output":"lamp","steps":[{"on":"1s","direction":"cw"}]})")),
      HasSubstr("'lamp' has no direction output"));
  EXPECT_THAT(error_of(with_components(
                  R"({"output":"motor","steps":[{"on":"1s","direction":"cw"},{"on":"1s"}]})")),
              HasSubstr("/phases/0/components/0/steps/1 "));
  EXPECT_EQ(component_of(with_components(R"({"output":"motor","on":"1s"})")).direction, kNoOutput);
}

TEST(TaktForm, PulsesOfZeroLengthAreDroppedButTheirTimePasses) {
  const Loaded loaded = load_for_test(
      with_components(R"({"output":"motor","steps":[{"on":"0s","pause":"2s","direction":"cw"},)"
                      R"({"on":"1s","direction":"ccw"}]})"));
  ASSERT_TRUE(loaded.ok());
  ASSERT_EQ(loaded.warnings.size(), 1U);
  EXPECT_EQ(loaded.warnings[0].pointer.view(), "/phases/0/components/0/steps/0/on");
  ASSERT_EQ(loaded.program.points.size(), 1U);
  EXPECT_EQ(loaded.program.components[0].tick * loaded.program.points[0].at, seconds(2));
  EXPECT_EQ(loaded.program.components[0].period, seconds(3));
}

TEST(TaktForm, AStepThatOnlyPausesNeedsNoWarning) {
  const Loaded loaded = load_for_test(
      with_components(R"({"output":"lamp","steps":[{"pause":"2s"},{"on_ms":1000}]})"));
  ASSERT_TRUE(loaded.ok());
  EXPECT_TRUE(loaded.warnings.empty());
}

TEST(TaktForm, TheDirectionOfAStepThatOnlyPausesIsDroppedWithAWarning) {
  for (const auto& [component, pointer] :
       {std::pair{R"({"output":"motor","steps":[{"on":"1s","direction":"cw"},)"
                  R"({"pause":"2s","direction":"ccw"}]})",
                  "/phases/0/components/0/steps/1/direction"},
        std::pair{R"({"output":"motor","pause":"2s","direction":"cw"})",
                  "/phases/0/components/0/direction"}}) {
    const Loaded loaded = load_for_test(with_components(component));
    ASSERT_TRUE(loaded.ok());
    ASSERT_EQ(loaded.warnings.size(), 1U);
    EXPECT_EQ(loaded.warnings[0].pointer.view(), pointer);
    EXPECT_THAT(std::string{loaded.warnings[0].message.view()},
                HasSubstr("only pauses: its 'direction' is dropped"));
  }
}

TEST(TaktForm, ARampStaysWithinItsSpanAndItsOutput) {
  const Component row = component_of(with_components(
      R"({"output":"dim","at":"1s","value":200,"on":"10s","ramp_in":"4s","ramp_out":"6s"})"));
  EXPECT_EQ(row.kind, ComponentKind::kRamp);
  EXPECT_EQ(row.value, 200);
  EXPECT_EQ(row.period, seconds(10));
  EXPECT_EQ(row.ramp_in, seconds(4));
  EXPECT_EQ(row.ramp_out, seconds(6));
  EXPECT_THAT(error_of(with_components(R"({"output":"dim","value":201,"on":"1s"})")),
              HasSubstr("largest value of output 'dim' is 200"));
  EXPECT_THAT(error_of(with_components(R"({"output":"dim","value":1})")),
              HasSubstr("needs an 'on'"));
  EXPECT_THAT(error_of(with_components(R"({"output":"dim","value":1,"on":"0s"})")),
              HasSubstr("/phases/0/components/0/on "));
  EXPECT_THAT(error_of(with_components(
                  R"({"output":"dim","value":1,"on":"3s","ramp_in":"2s","ramp_out":"2s"})")),
              HasSubstr("longer than 'on'"));
  EXPECT_THAT(error_of(with_components(R"({"output":"lamp","value":1,"on":"3s"})")),
              HasSubstr("'lamp' is not of kind 'analog'"));
  EXPECT_THAT(error_of(with_components(R"({"output":"dim","on":"3s"})")),
              HasSubstr("'dim' is analog"));
}

TEST(TaktForm, EdgesAscendAndStayWithinTheirOutput) {
  const Loaded loaded = load_for_test(with_components(
      R"({"output":"lamp","edges":[{"at":"0s","value":1},{"at":"200ms","value":0}],)"
      R"("length":"1s"})"));
  ASSERT_TRUE(loaded.ok()) << first_error(loaded);
  EXPECT_EQ(loaded.program.components[0].kind, ComponentKind::kEdges);
  EXPECT_EQ(loaded.program.components[0].period, seconds(1));
  EXPECT_EQ(loaded.program.points[1].at * loaded.program.components[0].tick, millis(200));
  EXPECT_THAT(error_of(with_components(
                  R"({"output":"lamp","edges":[{"at":"1s","value":1},{"at":"1s","value":0}]})")),
              HasSubstr("/phases/0/components/0/edges/1/at "));
  EXPECT_THAT(error_of(with_components(R"({"output":"lamp","edges":[{"at":"1s","value":2}]})")),
              HasSubstr("largest value of output 'lamp' is 1"));
  EXPECT_THAT(error_of(with_components(R"({"output":"lamp","edges":[]})")),
              HasSubstr("at least one edge"));
  EXPECT_THAT(error_of(with_components(
                  R"({"output":"lamp","edges":[{"at":"2s","value":1}],"length":"1s"})")),
              HasSubstr("must not end before"));
}

TEST(TaktForm, FieldsOfDifferentVariantsDoNotMix) {
  EXPECT_THAT(error_of(with_components(R"({"output":"lamp","on":"1s","steps":[{"on":"1s"}]})")),
              HasSubstr("/phases/0/components/0/on 1:"));
  EXPECT_THAT(
      error_of(with_components(R"({"output":"lamp","edges":[{"at":"0s","value":0}],"repeat":2})")),
      HasSubstr("'repeat' does not go with 'edges'"));
  EXPECT_THAT(error_of(with_components(R"({"output":"lamp","ramp_in":"1s"})")),
              HasSubstr("'ramp_in' needs"));
  EXPECT_THAT(error_of(with_components(R"({"output":"lamp"})")), HasSubstr("must have 'on'"));
}

TEST(TaktForm, InterlocksNameOutputsThatExist) {
  const Loaded loaded = load_for_test(
      with_fields(R"("interlocks":[{"never_together":["lamp","motor"],"dead_time":"100ms"},)"
                  R"({"motor":"motor","reversal_dead_time":"200ms"}])"));
  ASSERT_TRUE(loaded.ok()) << first_error(loaded);
  EXPECT_EQ(loaded.program.interlocks[0].outputs, 0b101U);
  EXPECT_EQ(loaded.program.interlocks[0].dead_time, millis(100));
  EXPECT_EQ(loaded.program.interlocks[1].kind, InterlockKind::kReversal);
  EXPECT_EQ(loaded.program.interlocks[1].motor, 0);
  EXPECT_EQ(loaded.program.interlocks[1].dead_time, millis(200));
  EXPECT_THAT(error_of(with_fields(R"("interlocks":[{"never_together":["lamp","pump"]}])")),
              HasSubstr("/interlocks/0/never_together/1 1:"));
  EXPECT_THAT(error_of(with_fields(R"("interlocks":[{"never_together":["lamp","lamp"]}])")),
              HasSubstr("named twice"));
  EXPECT_THAT(error_of(with_fields(R"("interlocks":[{"never_together":["lamp"]}])")),
              HasSubstr("at least two"));
  EXPECT_THAT(error_of(with_fields(R"("interlocks":[{"motor":"lamp","reversal_dead_time":"1s"}])")),
              HasSubstr("no direction output"));
  EXPECT_THAT(error_of(with_fields(R"("interlocks":[{}])")), HasSubstr("either"));
}

TEST(TaktForm, AnEndConditionIsStrictAboutItsFields) {
  const auto end = [](std::string_view fields) {
    return R"({"takt":1,"outputs":[],"phases":[{"name":"p","end":{"sensor":"s",)" +
           std::string{fields} + "}}]}";
  };
  const Loaded loaded = load_for_test(end(
      R"("below":-5,"hold":"500ms","arm_after":"15s","timeout":"120s","on_timeout":"continue")"));
  ASSERT_TRUE(loaded.ok()) << first_error(loaded);
  const Condition& condition = loaded.program.phases[0].end;
  EXPECT_EQ(condition.sensor, "s");
  EXPECT_EQ(condition.threshold, -5);
  EXPECT_FALSE(condition.above);
  EXPECT_EQ(condition.hold, millis(500));
  EXPECT_EQ(condition.arm_after, seconds(15));
  EXPECT_EQ(condition.timeout, seconds(120));
  EXPECT_FALSE(condition.fault_on_timeout);
  EXPECT_TRUE(
      load_for_test(end(R"("above":1,"timeout":"1s")")).program.phases[0].end.fault_on_timeout);
  EXPECT_THAT(error_of(end(R"("above":1,"below":2)")), HasSubstr("either 'above' or 'below'"));
  EXPECT_THAT(error_of(end(R"("hold":"1s")")), HasSubstr("either 'above' or 'below'"));
  EXPECT_THAT(error_of(end(R"("above":1,"timeout":"0s")")), HasSubstr("longer than 0"));
  EXPECT_THAT(error_of(end(R"("above":1,"on_timeout":"fault")")), HasSubstr("goes with 'timeout'"));
}

TEST(TaktForm, LoopsNamePhasesInOrder) {
  const Loaded loaded =
      load_for_test(with_fields(R"("loops":[{"from":"p","to":"q","times":3}],"repeat":2)"));
  ASSERT_TRUE(loaded.ok()) << first_error(loaded);
  EXPECT_EQ(loaded.program.loops[0].first, 0);
  EXPECT_EQ(loaded.program.loops[0].last, 1);
  EXPECT_EQ(loaded.program.loops[0].times, 3U);
  EXPECT_EQ(loaded.program.repeats, 2U);
  EXPECT_THAT(error_of(with_fields(R"("loops":[{"from":"p","to":"x","times":3}])")),
              HasSubstr("/loops/0/to 1:"));
  EXPECT_THAT(error_of(with_fields(R"("loops":[{"from":"q","to":"p","times":3}])")),
              HasSubstr("comes before"));
  EXPECT_THAT(error_of(with_fields(R"("loops":[{"from":"p","to":"q","times":0}])")),
              HasSubstr("from 1 to"));
}

TEST(TaktForm, PhasesOfOneNameAreAWarningButNoLoopCanMeanThem) {
  const std::string phases = R"({"takt":1,"outputs":[],"phases":[{"name":"p"},{"name":"p"}])";
  const Loaded loaded = load_for_test(phases + "}");
  ASSERT_TRUE(loaded.ok());
  ASSERT_EQ(loaded.warnings.size(), 1U);
  EXPECT_EQ(loaded.warnings[0].pointer.view(), "/phases/1/name");
  EXPECT_THAT(error_of(phases + R"(,"loops":[{"from":"p","to":"p","times":2}]})"),
              HasSubstr("several phases"));
}

TEST(TaktForm, OutputIdsAreUniqueAndResolvedWhereTheyStand) {
  EXPECT_THAT(error_of(R"({"takt":1,"outputs":[{"id":"a"},{"id":"a"}],"phases":[{"name":"p"}]})"),
              HasSubstr("/outputs/1/id 1:"));
  EXPECT_THAT(error_of(with_components(R"({"output":"pump","on":"1s"})")),
              HasSubstr("there is no output 'pump'; valid are motor, way, lamp, dim"));
  EXPECT_THAT(
      error_of(R"({"takt":1,"outputs":[{"id":"a","direction":"b"}],"phases":[{"name":"p"}]})"),
      HasSubstr("/outputs/0/direction 1:"));
  EXPECT_THAT(
      error_of(R"({"takt":1,"outputs":[{"id":"a","direction":"a"}],"phases":[{"name":"p"}]})"),
      HasSubstr("not of kind 'direction'"));
  EXPECT_THAT(error_of(R"({"takt":1,"outputs":[{"id":"a b"}],"phases":[{"name":"p"}]})"),
              HasSubstr("letters, digits"));
}

TEST(TaktForm, AProgramHasPhasesAndAKnownVersion) {
  EXPECT_THAT(error_of(R"({"takt":1,"outputs":[],"phases":[]})"), HasSubstr("/phases 1:"));
  EXPECT_THAT(error_of(R"({"takt":1,"outputs":[]})"),
              HasSubstr("must have one of the fields 'phases', 'bilateral' and 'pattern'"));
  EXPECT_THAT(error_of(R"({"takt":2,"outputs":[],"phases":[{"name":"p"}]})"),
              HasSubstr("/takt 1:"));
}

TEST(TaktForm, ADurationIsGivenOnceInOneWay) {
  EXPECT_THAT(error_of(with_components(R"({"output":"lamp","on":"1s","on_ms":1000})")),
              HasSubstr("/phases/0/components/0/on_ms 1:"));
  EXPECT_THAT(error_of(with_components(R"({"output":"lamp","on":1000})")),
              HasSubstr("a duration in quotes"));
  EXPECT_THAT(error_of(with_components(R"({"output":"lamp","on_ms":"1s"})")),
              HasSubstr("whole number of milliseconds"));
}

}  // namespace
}  // namespace takt
