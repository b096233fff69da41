// SPDX-License-Identifier: Apache-2.0
// The import rules of docs/program.md.
#include "takt/core/program/cycleoptima_form.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/load_for_test.h"

namespace takt {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kPhases =
    R"([{"id":"a","startTime":100,"components":[{"compId":"Cold Valve","start":5,"duration":7}]}])";

std::string phases_with(std::string_view components) {
  return R"({"phases":[{"id":"a","components":[)" + std::string{components} + "]}]}";
}

std::string motor_with(std::string_view config) {
  return phases_with(R"({"compId":"Motor","start":5000,"duration":9,"motorConfig":{)" +
                     std::string{config} + "}}");
}

std::string error_of(const std::string& source, const LoadOptions& options = {}) {
  const Loaded loaded = load_for_test(source, options);
  EXPECT_FALSE(loaded.ok()) << source;
  return first_error(loaded);
}

std::string warning_of(const Loaded& loaded) {
  EXPECT_TRUE(loaded.ok()) << first_error(loaded);
  if (loaded.warnings.size() != 1) return std::to_string(loaded.warnings.size()) + " warnings";
  return std::string{loaded.warnings[0].pointer.view()} + ' ' +
         std::string{loaded.warnings[0].message.view()};
}

TEST(CycleOptima, EveryWrapperGivesTheSameProgram) {
  const std::string phases{kPhases};
  const std::string plain =
      compiled_for_test(load_for_test(R"({"phases":)" + phases + "}").program);
  for (const std::string& wrapped :
       {phases, R"({"action":"write_json","data":{"phases":)" + phases + "}}",
        R"({"id":7,"status":"ok","created_at":"x","tested_at":null,)"
        R"("summary":{"a":[1]},"data":{"phases":)" +
            phases + R"(},"engineer_note":"n"})",
        "\xEF\xBB\xBF" + phases, R"({"PHASES":)" + phases + "}",
        R"({"data":{"Phases":)" + phases + R"(},"ACTION":"write_json"})"}) {
    const Loaded loaded = load_for_test(wrapped);
    ASSERT_TRUE(loaded.ok()) << wrapped << first_error(loaded);
    EXPECT_EQ(loaded.format, Format::kCycleOptima);
    EXPECT_EQ(compiled_for_test(loaded.program), plain) << wrapped;
  }
}

TEST(CycleOptima, TheNameIsWhatAPersonGaveLast) {
  const std::string p{kPhases};
  EXPECT_EQ(load_for_test(p).program.name, "cycle");
  EXPECT_EQ(load_for_test(R"({"name":"r","phases":)" + p + "}").program.name, "r");
  EXPECT_EQ(load_for_test(R"({"name":"r","data":{"phases":)" + p + R"(,"name":"d"}})").program.name,
            "d");
  EXPECT_EQ(
      load_for_test(R"({"displayName":"x","data":{"name":"d","phases":)" + p + "}}").program.name,
      "x");
  EXPECT_EQ(load_for_test(R"({"name":5,"phases":)" + p + "}").program.name, "cycle");
}

TEST(CycleOptima, APhaseShowsItsNameElseItsId) {
  const Loaded loaded = load_for_test(
      R"([{"id":"1","name":"Fill"},{"id":"2"},{"id":"3","name":""},{"name":7},{"name":"Fill"}])");
  ASSERT_TRUE(loaded.ok()) << first_error(loaded);
  EXPECT_EQ(loaded.program.phases[0].name, "Fill");
  EXPECT_EQ(loaded.program.phases[1].name, "2");
  EXPECT_EQ(loaded.program.phases[2].name, "3");
  EXPECT_EQ(loaded.program.phases[3].name, "phase 4");
  EXPECT_EQ(loaded.program.phases[4].name, "Fill");
}

TEST(CycleOptima, PhaseIdsAreUniqueHoweverTheyAreWritten) {
  EXPECT_EQ(error_of(R"([{"id":"ab"},{"id":"x"},
{"name":"n","id":"\u0061b"}])"),
            "/2/id 2:18 there is another phase of the id 'ab'");
}

TEST(CycleOptima, ComponentIdsThatRepeatAreOnlyAWarning) {
  EXPECT_THAT(
      warning_of(load_for_test(phases_with(R"({"id":"c","compId":"Motor","duration":1},)"
                                           R"({"id":"c","compId":"Hot Valve","duration":1})"))),
      HasSubstr("/phases/0/components/1/id another component"));
}

TEST(CycleOptima, TheOldestSchemaIsRejectedByName) {
  for (const char* source :
       {R"([{"phaseName":"x","phaseStartTime":0}])",
        R"({"phases":[{"components":[{"compStartTime":1}]}]})", R"({"cycle":[{"ifMotor":true}]})",
        R"([{"components":[{"motorConfig":{"singleDir":1}}]}])"}) {
    const Loaded loaded = load_for_test(source);
    EXPECT_EQ(loaded.status, Status::kUnsupported);
    EXPECT_THAT(first_error(loaded), HasSubstr("oldest CycleOptima schema")) << source;
  }
  EXPECT_THAT(error_of(R"({"phases":[{"components":[{"compStartTime":1}]}]})"),
              HasSubstr("/phases/0/components/0/compStartTime 1:28 "));
}

TEST(CycleOptima, TheEightOutputsAreAlwaysDeclared) {
  const Loaded loaded = load_for_test(kPhases);
  ASSERT_TRUE(loaded.ok());
  constexpr std::pair<std::string_view, int> kExpected[] = {
      {"retractor", 7}, {"detergent_valve", 8}, {"cold_valve", 5}, {"drain_pump", 19},
      {"hot_valve", 9}, {"soft_valve", 18},     {"motor", 4},      {"motor_direction", 10}};
  ASSERT_EQ(loaded.program.outputs.size(), 8U);
  for (std::size_t i = 0; i < 8; ++i) {
    EXPECT_EQ(loaded.program.outputs[i].id, kExpected[i].first);
    EXPECT_EQ(loaded.program.outputs[i].pin, kExpected[i].second);
    EXPECT_TRUE(loaded.program.outputs[i].active_low);
  }
  EXPECT_EQ(loaded.program.outputs[6].direction, 7);
  EXPECT_EQ(loaded.program.outputs[7].kind, OutputKind::kDirection);
}

TEST(CycleOptima, UnknownNamesListTheValidOnes) {
  const std::string error = error_of(R"({"data":{"phases":[{},{},{},
 {"components":[{"compId":"Drain Valve","duration":1}]}]}})");
  EXPECT_EQ(
      error,
      "/data/phases/3/components/0/compId 2:27 unknown compId 'Drain Valve'; valid are "
      "Retractor, Detergent Valve, Cold Valve, Drain Pump, Hot Valve, Soft Valve, Motor, Motor "
      "Direction");
  for (const char* name : {"motor", "pump", "Softener Valve", "drain_pump", " Motor", ""}) {
    error_of(phases_with(R"({"duration":1,"compId":")" + std::string{name} + "\"}"));
  }
  EXPECT_THAT(error_of(phases_with(R"({"duration":1})")),
              HasSubstr("must have the field 'compId'"));
  EXPECT_THAT(error_of(phases_with(R"({"compId":null})")), HasSubstr("must be a string, not null"));
}

TEST(CycleOptima, NamesCanBeMappedExplicitly) {
  const NameMapping map[] = {{"Drain Valve", "drain_pump"}, {"agitator", "motor"}};
  const LoadOptions options{.map = map};
  const Loaded loaded =
      load_for_test(phases_with(R"({"compId":"Drain Valve","duration":1},)"
                                R"({"compId":"agitator","motorConfig":{"pattern":[{}]}})"),
                    options);
  ASSERT_TRUE(loaded.ok()) << first_error(loaded);
  EXPECT_EQ(loaded.program.components[0].output, 3);
  EXPECT_EQ(loaded.program.components[1].output, 6);
  const NameMapping nowhere[] = {{"Drain Valve", "pump"}};
  EXPECT_THAT(error_of(std::string{kPhases}, {.map = nowhere}), HasSubstr("valid are retractor"));
  const NameMapping taken[] = {{"Motor", "drain_pump"}};
  EXPECT_THAT(error_of(std::string{kPhases}, {.map = taken}), HasSubstr("has this name already"));
}

TEST(CycleOptima, OnlyTheMotorHasAMotorConfig) {
  EXPECT_THAT(error_of(phases_with(R"({"compId":"Drain Pump","motorConfig":{"pattern":[{}]}})")),
              HasSubstr("/phases/0/components/0/motorConfig 1:"));
  const Loaded loaded =
      load_for_test(phases_with(R"({"compId":"Drain Pump","duration":1,"motorConfig":null})"));
  EXPECT_TRUE(loaded.ok()) << first_error(loaded);
}

TEST(CycleOptima, AMotorPatternIgnoresTheDurationAndHasDefaults) {
  const Loaded loaded = load_for_test(
      motor_with(R"("pattern":[{"direction":"ccw","pauseTime":500},{"stepTime":250}])"));
  ASSERT_TRUE(loaded.ok()) << first_error(loaded);
  const Component& row = loaded.program.components[0];
  EXPECT_EQ(row.direction, 7);
  EXPECT_EQ(row.start, seconds(5));
  EXPECT_EQ(row.period, millis(1'750));
  EXPECT_EQ(row.repeats, 1U);
  EXPECT_EQ(row.tick, millis(250));
  EXPECT_FALSE(loaded.program.points[0].clockwise());
  EXPECT_TRUE(loaded.program.points[1].clockwise());
}

TEST(CycleOptima, AMotorWithoutAPatternLeavesTheDirectionAtRest) {
  const Loaded loaded = load_for_test(phases_with(R"({"compId":"Motor","start":1,"duration":2})"));
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded.program.components[0].direction, kNoOutput);
  EXPECT_EQ(loaded.program.components[0].end(), millis(3));
}

TEST(CycleOptima, OneStepThatTogglesIsAWarningUnlessExpanded) {
  const std::string source = motor_with(R"("pattern":[{"stepTime":300,"pauseTime":500}],)"
                                        R"("repeatTimes":100,"runningStyle":"Toggle Direction")");
  const Loaded as_is = load_for_test(source);
  EXPECT_THAT(warning_of(as_is), HasSubstr("motorConfig/runningStyle 'Toggle Direction'"));
  EXPECT_EQ(as_is.program.components[0].repeats, 100U);
  EXPECT_EQ(as_is.program.points.size(), 1U);

  const Loaded expanded = load_for_test(source, {.expand_toggle = true});
  ASSERT_TRUE(expanded.ok());
  EXPECT_TRUE(expanded.warnings.empty());
  EXPECT_EQ(expanded.program.components[0].repeats, 50U);
  ASSERT_EQ(expanded.program.points.size(), 2U);
  EXPECT_TRUE(expanded.program.points[0].clockwise());
  EXPECT_FALSE(expanded.program.points[1].clockwise());
  EXPECT_EQ(expanded.program.components[0].end(), as_is.program.components[0].end());

  const std::string odd = motor_with(
      R"("pattern":[{"stepTime":300}],"repeatTimes":15,"runningStyle":"Toggle Direction")");
  EXPECT_THAT(error_of(odd, {.expand_toggle = true}), HasSubstr("motorConfig/repeatTimes 1:"));
}

TEST(CycleOptima, OtherStylesAreTakenAtTheirSteps) {
  for (
      const char* config :
      {R"("pattern":[{"stepTime":300}],"repeatTimes":15,"runningStyle":"Single Direction")",
       R"("pattern":[{"stepTime":300}],"repeatTimes":1,"runningStyle":"Toggle Direction")",
       R"("pattern":[{},{"direction":"ccw"}],"repeatTimes":5,"runningStyle":"Toggle Direction")"}) {
    const Loaded loaded = load_for_test(motor_with(config), {.expand_toggle = true});
    EXPECT_TRUE(loaded.ok()) << first_error(loaded);
    EXPECT_TRUE(loaded.warnings.empty()) << config;
  }
}

TEST(CycleOptima, PulsesOfZeroLengthAreDroppedWithAWarning) {
  const Loaded plain = load_for_test(phases_with(R"({"compId":"Motor","start":50})"));
  EXPECT_THAT(warning_of(plain), HasSubstr("/phases/0/components/0 the component is 0 ms long"));
  EXPECT_EQ(plain.program.points.size(), 0U);
  EXPECT_EQ(plain.program.components[0].end(), Micros{}) << "a phase without edges takes no time";

  const Loaded step = load_for_test(
      motor_with(R"("pattern":[{"stepTime":0,"pauseTime":500},{"stepTime":300}],"repeatTimes":2)"));
  EXPECT_THAT(warning_of(step), HasSubstr("pattern/0/stepTime"));
  EXPECT_EQ(step.program.points.size(), 1U);
  EXPECT_EQ(step.program.components[0].period, millis(800));
}

TEST(CycleOptima, PatternsThatPlayNothingAreWarnedOf) {
  EXPECT_THAT(warning_of(load_for_test(motor_with(R"("repeatTimes":3)"))), HasSubstr("no steps"));
  EXPECT_THAT(warning_of(load_for_test(motor_with(R"("repeatTimes":0,"pattern":[{}])"))),
              HasSubstr("repeatTimes repeated 0 times"));
}

TEST(CycleOptima, NumbersAreWholeAndWithinTheirRange) {
  for (const char* number : {"-1", "1.5", "2147483648", "1e3", "-0", "1e400",
                             "99999999999999999999999", "\"5\"", "true", "null", "[]", "{}"}) {
    const std::string error = error_of(
        phases_with(R"({"compId":"Motor","duration":1,"start":)" + std::string{number} + "}"));
    EXPECT_THAT(error, HasSubstr("/phases/0/components/0/start 1:75 ")) << error;
  }
  EXPECT_TRUE(
      load_for_test(phases_with(R"({"compId":"Motor","duration":1,"start":2147483647})")).ok());
}

TEST(CycleOptima, WrongTypesDirectionsAndTriggersAreErrors) {
  EXPECT_THAT(error_of(motor_with(R"("pattern":[{"direction":"left"}])")),
              HasSubstr("'left' is no valid 'direction'; valid are 'ccw', 'cw'"));
  EXPECT_THAT(error_of(R"([{"sensorTrigger":{"type":"rpm"}}])"),
              HasSubstr("valid are 'RPM', 'Pressure'"));
  EXPECT_THAT(error_of(R"([{"sensorTrigger":{"triggerAbove":1}}])"),
              HasSubstr("must be true or false"));
  EXPECT_THAT(error_of(R"([{"sensorTrigger":[]}])"), HasSubstr("must be an object, not an array"));
  EXPECT_THAT(error_of(R"([{"id":1}])"), HasSubstr("/0/id 1:8 'id' must be a string"));
  EXPECT_THAT(error_of(R"([{"components":{}}])"), HasSubstr("an array of objects"));
  EXPECT_THAT(error_of(R"([[]])"), HasSubstr("/0 1:2 must be an object, a phase, not an array"));
  EXPECT_THAT(error_of(R"({"action":"start_cycle","data":{"phases":[{}]}})"),
              HasSubstr("'write_json'"));
  EXPECT_THAT(error_of(R"({"phases":[{}],"data":{"phases":[{}]}})"), HasSubstr("both"));
}

TEST(CycleOptima, TriggersKeepTheFirmwaresHoldOff) {
  const Loaded loaded = load_for_test(R"([{"sensorTrigger":{"type":"Pressure","threshold":22500,)"
                                      R"("triggerAbove":false,"pinNumber":"x"}},
          {"sensorTrigger":{}},{"sensorTrigger":null}])");
  ASSERT_TRUE(loaded.ok()) << first_error(loaded);
  const Condition& pressure = loaded.program.phases[0].end;
  EXPECT_EQ(pressure.sensor, "pressure");
  EXPECT_EQ(pressure.threshold, 22500);
  EXPECT_FALSE(pressure.above);
  EXPECT_EQ(pressure.arm_after, seconds(15));
  EXPECT_EQ(pressure.hold, Micros{});
  EXPECT_EQ(pressure.timeout, Micros{});
  EXPECT_EQ(loaded.program.phases[1].end.sensor, "rpm");
  EXPECT_TRUE(loaded.program.phases[1].end.above);
  EXPECT_FALSE(loaded.program.phases[2].end.exists());
}

TEST(CycleOptima, FieldNamesMatchInAnyCaseAndUnknownOnesAreReadOver) {
  const Loaded loaded =
      load_for_test(R"({"Phases":[{"ID":"a","STARTTIME":100,"color":[1,{"x":null}],)"
                    R"("Components":[{"compid":"Cold Valve",)"
                    R"("Start":5,"label":3,"dURATION":7}]}]})");
  ASSERT_TRUE(loaded.ok()) << first_error(loaded);
  EXPECT_EQ(compiled_for_test(loaded.program), compiled_for_test(load_for_test(kPhases).program));
  EXPECT_THAT(error_of(R"([{"startTime":1,"STARTTIME":1}])"),
              HasSubstr("/0/STARTTIME 1:17 'STARTTIME' is given twice"));
}

TEST(CycleOptima, ADocumentWithoutAnyKnownFieldIsNoProgram) {
  EXPECT_EQ(load_for_test(R"({"hello":1})").status, Status::kUnsupported);
  EXPECT_EQ(load_for_test("5").status, Status::kUnsupported);
  EXPECT_THAT(error_of("[]"), HasSubstr("at least one phase"));
  EXPECT_THAT(error_of(R"({"data":{"phases":[]}})"), HasSubstr("/data/phases 1:19 "));
}

}  // namespace
}  // namespace takt
