// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "takt/core/pattern/palette.h"
#include "takt/core/program/takt_form.h"
#include "takt/core/program/timeline.h"
#include "tests/support/load_for_test.h"

namespace takt {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kOutputs =
    R"("outputs":[{"id":"lm"},{"id":"ld","kind":"analog","range":1000,"highest":800},)"
    R"({"id":"ll"},{"id":"lb","kind":"analog"},{"id":"lc","kind":"analog","range":15},)"
    R"({"id":"rm"},{"id":"rd","kind":"analog","range":1000,"highest":800},)"
    R"({"id":"rl"},{"id":"rb","kind":"analog"},{"id":"rc","kind":"analog","range":15}],)"
    R"("interlocks":[{"never_together":["lm","rm"],"dead_time":"1ms"},)"
    R"({"never_together":["ll","rl"],"dead_time":"1ms"}])";

constexpr std::string_view kSides =
    R"("left":{"motor":"lm","drive":"ld","light":"ll","brightness":"lb","colour":"lc"},)"
    R"("right":{"motor":"rm","drive":"rd","light":"rl","brightness":"rb","colour":"rc"})";

std::string root(std::string_view fields) {
  return R"({"takt":1,)" + std::string{kOutputs} + "," + std::string{fields} + "}";
}

/// With these fields beside the sides.
std::string bilateral(std::string_view fields) {
  return root(R"("bilateral":{)" + std::string{fields} + std::string{kSides} + "}");
}
std::string pattern(std::string_view segments, std::string_view fields = R"("length":"8s",)") {
  return root(R"("pattern":{"segments":[)" + std::string{segments} + "]," + std::string{fields} +
              std::string{kSides} + "}");
}

std::string error_of(const std::string& source) {
  const Loaded loaded = load_for_test(source);
  EXPECT_FALSE(loaded.ok()) << source;
  return first_error(loaded);
}

/// Of a program that is in order; else a failure of the test.
Loaded sound(const std::string& source) {
  Loaded loaded = load_for_test(source);
  EXPECT_TRUE(loaded.ok()) << first_error(loaded);
  CollectingSink sink;
  if (!loaded.ok()) return loaded;
  EXPECT_TRUE(check(loaded.program, sink).ok()) << sink.all[0].message.view();
  return loaded;
}

TEST(TaktPattern, FieldsOfASessionLeftOutHaveTheirDefaults) {
  const Loaded loaded = sound(bilateral(""));
  const Pattern& row = *loaded.program.pattern;
  EXPECT_TRUE(row.is_bilateral());
  EXPECT_EQ(row.score.bilateral, (Bilateral{seconds(1), 100, {0, 0, 0}, false}));
  EXPECT_EQ(row.length, seconds(1'200));
  EXPECT_EQ(row.score.dead_time, millis(1));
  EXPECT_EQ(row.soft_start + row.soft_stop, Micros{});
  EXPECT_TRUE(row.score.exclusive);
  EXPECT_FALSE(row.research);
  ASSERT_EQ(loaded.program.phases.size(), 1U);
  EXPECT_EQ(loaded.program.phases[0].name, "session");
}

TEST(TaktPattern, ASessionKeepsEveryField) {
  const Loaded loaded = load_for_test(bilateral(
      R"("comment":"c","cycle":"1500ms","duty":25,"intensity":60,"brightness":20,)"
      R"("colour":"violet","session_ms":60000,"alternate_direction":true,"research":true,)"
      R"("dead_time":"2ms","soft_start":"10s","soft_stop":"5s",)"));
  ASSERT_TRUE(loaded.ok()) << first_error(loaded);
  const Pattern& row = *loaded.program.pattern;
  EXPECT_EQ(row.score.bilateral, (Bilateral{millis(1500), 25, {60, 20, 12}, true}));
  EXPECT_EQ(row.length, seconds(60));
  EXPECT_EQ(row.score.dead_time, millis(2));
  EXPECT_EQ(row.soft_start, seconds(10));
  EXPECT_EQ(row.soft_stop, seconds(5));
  EXPECT_TRUE(row.research);
  EXPECT_EQ(row.sides[0], (SideOutputs{0, 1, 2, 3, 4}));
  EXPECT_EQ(row.sides[1], (SideOutputs{5, 6, 7, 8, 9}));
  EXPECT_EQ(loaded.program.outputs[1].highest, 800);
  EXPECT_EQ(loaded.program.outputs[1].most(), 800);
  EXPECT_EQ(loaded.program.outputs[3].most(), 100);
}

TEST(TaktPattern, SegmentsKeepEveryField) {
  const Loaded loaded = sound(pattern(
      R"({"at":"0s","rate":"2Hz"},)"
      R"({"at_ms":2000,"rate_mhz":1500,"duty":50,"intensity":40,"brightness":30,"colour":2,)"
      R"("sides":"both","fade":"500ms"},{"at":"4s","rate":"500mHz","begin":"right"})",
      R"("length":"8s","acknowledge_flashing":true,)"));
  const Pattern& row = *loaded.program.pattern;
  ASSERT_EQ(row.score.segments.size(), 3U);
  EXPECT_EQ(row.score.segments[0],
            (Segment{0, 2000, 0, 100, {0, 0, 0}, SideMode::kAlternate, false}));
  EXPECT_EQ(row.score.segments[1],
            (Segment{2000, 1500, 500, 50, {40, 30, 2}, SideMode::kBoth, false}));
  EXPECT_EQ(row.score.segments[2],
            (Segment{4000, 500, 0, 100, {0, 0, 0}, SideMode::kAlternate, true}));
  EXPECT_EQ(row.length, seconds(8));
  EXPECT_EQ(row.score.length, seconds(8));
  EXPECT_FALSE(row.score.exclusive);
  EXPECT_TRUE(row.flashing_acknowledged);
  EXPECT_EQ(loaded.program.phases[0].name, "pattern");
}

TEST(TaktPattern, ColoursGoByNameOrNumber) {
  for (std::size_t i = 0; i < kPalette.size(); ++i) {
    for (const std::string& text : {'"' + std::string{kPalette[i].name} + '"', std::to_string(i)}) {
      const Loaded loaded = load_for_test(bilateral(R"("colour":)" + text + ","));
      ASSERT_TRUE(loaded.ok()) << text;
      EXPECT_EQ(loaded.program.pattern->score.bilateral.look.colour, i);
    }
  }
  EXPECT_THAT(error_of(bilateral(R"("colour":16,)")), HasSubstr("from 0 to 15, not 16"));
  EXPECT_THAT(error_of(bilateral(R"("colour":"mauve",)")),
              HasSubstr("'mauve' is no valid 'colour'; valid are 'white', 'red'"));
  EXPECT_THAT(error_of(bilateral(R"("colour":true,)")), HasSubstr("must be a string"));
}

TEST(TaktPattern, NothingIsRounded) {
  EXPECT_EQ(error_of(pattern(R"({"at":"0s","rate":"0.3335Hz"})")),
            "/pattern/segments/0/rate 1:469 '0.3335Hz' is not a rate; valid is a number with the "
            "unit Hz or mHz, such as \"1.5Hz\", in whole millihertz");
  EXPECT_THAT(error_of(pattern(R"({"at":"0s","rate":2})")),
              HasSubstr("'rate' must be a rate in quotes such as \"1.5Hz\", not a number"));
  EXPECT_THAT(error_of(pattern(R"({"at":"0s","rate_mhz":"2"})")),
              HasSubstr("'rate_mhz' must be a whole number of millihertz, not a string"));
  EXPECT_THAT(error_of(pattern(R"({"at":"1.5ms","rate":"2Hz"})")),
              HasSubstr("/pattern/segments/0/at 1:457 'at' must be in whole milliseconds"));
  EXPECT_THAT(error_of(pattern(R"({"at":"0s","rate":"2Hz","fade":"65536ms"})")),
              HasSubstr("a fade is 0 to 65535 ms"));
}

TEST(TaktPattern, NumbersTooLargeToKeepAreRefusedToo) {
  for (const char* field : {"duty", "intensity", "brightness"}) {
    for (const char* value : {"101", "256", "357", "2147483647"}) {
      const std::string text = '"' + std::string{field} + "\":" + value;
      for (const std::string& source :
           {bilateral(text + ","), pattern(R"({"at":"0s","rate":"2Hz",)" + text + "}")}) {
        const Loaded loaded = load_for_test(source);
        ASSERT_TRUE(loaded.ok()) << first_error(loaded);
        CollectingSink sink;
        EXPECT_FALSE(check(loaded.program, sink).ok()) << text;
      }
    }
  }
}

TEST(TaktPattern, AProgramIsOneOfThree) {
  const std::string message = "must have one of the fields 'phases', 'bilateral' and 'pattern'";
  const std::string sides = R"("bilateral":{)" + std::string{kSides} + "}";
  EXPECT_THAT(error_of(root(sides + R"(,"phases":[{"name":"p"}])")), HasSubstr(message));
  EXPECT_THAT(error_of(root(sides + R"(,"pattern":{"segments":[{"at":"0s","rate":"1Hz"}],)"
                                    R"("length":"1s"})")),
              HasSubstr(message));
  EXPECT_THAT(error_of(root(sides + R"(,"loops":[])")), HasSubstr("'loops' go with 'phases'"));
}

TEST(TaktPattern, WhatIsMissingOrUnknownIsNamed) {
  EXPECT_THAT(error_of(root(R"("bilateral":{"left":{}})")), HasSubstr("the field 'right'"));
  EXPECT_THAT(error_of(root(R"("pattern":{"length":"1s"})")), HasSubstr("the field 'segments'"));
  EXPECT_THAT(error_of(pattern("")), HasSubstr("/pattern/segments"));
  EXPECT_THAT(error_of(pattern(R"({"at":"0s"})")), HasSubstr("must have the field 'rate'"));
  EXPECT_THAT(error_of(bilateral(R"("easing":"sine",)")),
              HasSubstr("unknown field 'easing' in a bilateral session"));
  EXPECT_THAT(error_of(pattern(R"({"at":"0s","rate":"1Hz","waveform":1})")),
              HasSubstr("unknown field 'waveform' in a segment"));
  EXPECT_THAT(error_of(root(R"("bilateral":{"left":{"motor":"x"},"right":{}})")),
              HasSubstr("/bilateral/left/motor 1:"));
  EXPECT_THAT(error_of(root(R"("bilateral":{"left":{},"right":{"motor":"x"}})")),
              HasSubstr("there is no output 'x'; valid are lm, ld, "));
}

TEST(TaktPattern, MoreSegmentsThanTheLimitAreAnError) {
  std::string segments = R"({"at":"0s","rate":"1Hz"})";
  for (std::size_t i = 1; i < kMaxSegments; ++i) {
    segments += R"(,{"rate":"1Hz","at":")" + std::to_string(i) + "s\"}";
  }
  sound(pattern(segments, R"("length":"256s",)"));
  EXPECT_THAT(error_of(pattern(segments + R"(,{"rate":"1Hz","at":"256s"})")),
              HasSubstr("too many segments; the limit is 256"));
}

TEST(TaktPattern, BothFormsGiveTheSameProgramBack) {
  const std::string sources[] = {
      bilateral(""),
      bilateral(R"("cycle":"667ms","duty":50,"intensity":60,"brightness":20,"colour":3,)"
                R"("session":"61s","dead_time":"2ms","soft_start":"1s","soft_stop":"2s",)"),
      bilateral(R"("cycle":"4s","research":true,)"),
      pattern(R"({"at":"0s","rate":"1.5Hz","duty":50,"intensity":80,"brightness":30,"colour":9},)"
              R"({"at":"2s","rate":"500mHz","sides":"left","fade":"1s"},)"
              R"({"at":"4s","rate":"2Hz","begin":"right"})",
              R"("length":"8s","exclusive":true,"dead_time":"20ms","soft_stop":"1s",)"),
      root(R"("repeat":7,"pattern":{"segments":[{"at":"0s","rate":"1Hz","sides":"left"}],)"
           R"("length":"1s","left":{"light":"ll"}})")};
  for (const std::string& source : sources) {
    const Loaded loaded = sound(source);
    const std::string compiled = compiled_for_test(loaded.program);
    EXPECT_EQ(compiled_for_test(load_for_test(compiled).program), compiled);
    const std::string json = json_for_test(loaded.program);
    EXPECT_EQ(compiled_for_test(sound(json).program), compiled) << json;
    EXPECT_EQ(json_for_test(load_for_test(json).program), json);
  }
}

/// Segments of whole cycles; whatever else may differ does.
std::string random_pattern(std::mt19937& random) {
  const auto draw = [&random](int low, int high) {
    return std::uniform_int_distribution{low, high}(random);
  };
  const auto number = [&](std::string_view field, int low, int high) {
    return ",\"" + std::string{field} + "\":" + std::to_string(draw(low, high));
  };
  constexpr const char* kModes[] = {"alternate", "both", "left", "right"};
  constexpr int kRates[] = {500, 1000, 1500, 2000, 12500, 50000};
  const bool exclusive = draw(0, 1) == 1;
  std::string segments;
  int at_ms = 0;
  for (int i = draw(1, 12); i > 0; --i) {
    segments += segments.empty() ? "" : ",";
    segments += R"({"at_ms":)" + std::to_string(at_ms) + R"(,"rate_mhz":)" +
                std::to_string(kRates[draw(0, 5)]) + number("duty", 1, 99) +
                number("intensity", 1, 80) + number("brightness", 1, 100) + number("colour", 0, 15);
    const int mode = draw(0, 3);
    if (mode != 1 || !exclusive) segments += ",\"sides\":\"" + std::string{kModes[mode]} + '"';
    if (mode == 0 && draw(0, 1) == 1) segments += R"(,"begin":"right")";
    if (draw(0, 1) == 1) segments += number("fade_ms", 0, 2000);
    segments += '}';
    at_ms += 2000 * draw(1, 3);
  }
  return pattern(segments, R"("acknowledge_flashing":true,"length_ms":)" + std::to_string(at_ms) +
                               R"(,"exclusive":)" + (exclusive ? "true" : "false") + ",");
}

TEST(TaktPattern, AnyPatternComesBackFromBothForms) {
  const unsigned first_seed = std::random_device{}();
  for (unsigned seed = first_seed; seed != first_seed + 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    const Loaded loaded = sound(random_pattern(random));
    const std::string compiled = compiled_for_test(loaded.program);
    const Loaded again = load_for_test(compiled);
    ASSERT_TRUE(again.ok()) << first_error(again);
    ASSERT_TRUE(std::ranges::equal(again.program.pattern->score.segments,
                                   loaded.program.pattern->score.segments));
    EXPECT_EQ(again.program.pattern->sides, loaded.program.pattern->sides);
    EXPECT_EQ(compiled_for_test(sound(json_for_test(again.program)).program), compiled);
  }
}

TEST(TaktPattern, ACompiledSegmentTakesElevenBytes) {
  std::string segments = R"({"at":"0s","rate":"2Hz","duty":50,"brightness":30})";
  const auto size = [&] { return compiled_for_test(sound(pattern(segments)).program).size(); };
  const std::size_t one = size();
  segments += R"(,{"at":"2s","rate":"2Hz","duty":50,"brightness":30,"colour":"blue"})";
  EXPECT_EQ(size() - one, 11U);
}

}  // namespace
}  // namespace takt
