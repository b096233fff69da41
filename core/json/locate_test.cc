// SPDX-License-Identifier: Apache-2.0
#include "takt/core/json/locate.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/collecting_sink_for_test.h"

namespace takt {
namespace {

std::string place(std::string_view source, std::string_view pointer,
                  json::Case letters = json::Case::kExact) {
  const Where where = locate(source, pointer, letters);
  const LineColumn at = line_column(source, where.offset);
  return std::string{where.pointer.view()} + ' ' + std::to_string(at.line) + ':' +
         std::to_string(at.column);
}

std::string translated(std::string_view source, Format format, std::string_view pointer) {
  CollectingSink sink;
  LocatingSink locating{{source, format}, sink};
  Diagnostic diagnostic;
  diagnostic.pointer.append(pointer);
  locating.report(diagnostic);
  const Diagnostic& d = sink.all.at(0);
  return std::string{d.pointer.view()} + ' ' + std::to_string(d.line) + ':' +
         std::to_string(d.column);
}

TEST(LineColumn, CountsBytesFromOneAndNoByteOrderMark) {
  EXPECT_EQ(line_column("ab\ncd", 0).column, 1U);
  EXPECT_EQ(line_column("ab\r\ncd", 5).line, 2U);
  EXPECT_EQ(line_column("ab\r\ncd", 5).column, 2U);
  EXPECT_EQ(line_column("\xEF\xBB\xBF{", 3).column, 1U);
  EXPECT_EQ(line_column("\"\xC3\xA4\"x", 4).column, 5U);
}

TEST(Locate, FindsWhatAPointerNames) {
  constexpr std::string_view kSource = "{\"a\":[1,\n {\"b/c~\":true}]}";
  EXPECT_EQ(place(kSource, ""), " 1:1");
  EXPECT_EQ(place(kSource, "/a"), "/a 1:6");
  EXPECT_EQ(place(kSource, "/a/0"), "/a/0 1:7");
  EXPECT_EQ(place(kSource, "/a/1/b~1c~0"), "/a/1/b~1c~0 2:10");
}

TEST(Locate, GivesTheDeepestValueThatExists) {
  constexpr std::string_view kSource = R"({"a":[{"b":1}]})";
  EXPECT_EQ(place(kSource, "/a/0/x/y"), "/a/0 1:7");
  EXPECT_EQ(place(kSource, "/a/7"), "/a 1:6");
  EXPECT_EQ(place(kSource, "/a/0/b/c"), "/a/0/b 1:12");
  EXPECT_EQ(place(kSource, "/A"), " 1:1");
  EXPECT_EQ(place(kSource, "/A", json::Case::kIgnored), "/a 1:6");
}

TEST(Locate, IsInverseOfPointerTo) {
  constexpr std::string_view kSource = R"( {"a":[1,{"b":"x"},[]],"c":{"d":[[2]]}} )";
  for (const char* pointer : {"/a", "/a/0", "/a/1", "/a/1/b", "/a/2", "/c", "/c/d", "/c/d/0/0"}) {
    const Where where = locate(kSource, pointer, json::Case::kExact);
    EXPECT_EQ(where.pointer.view(), pointer);
    EXPECT_EQ(pointer_to(kSource, where.offset).view(), pointer);
  }
}

TEST(LocatingSink, TranslatesIntoEveryWrapper) {
  constexpr std::string_view kPointer = "/phases/1/components/0";
  EXPECT_EQ(translated(R"([{},{"components":[{}]}])", Format::kCycleOptima, kPointer),
            "/1/components/0 1:20");
  EXPECT_EQ(translated(R"({"phases":[{},{"components":[{}]}]})", Format::kCycleOptima, kPointer),
            "/phases/1/components/0 1:30");
  EXPECT_EQ(
      translated(R"({"data":{"Phases":[{},{"COMPONENTS":[{}]}]}})", Format::kCycleOptima, kPointer),
      "/data/Phases/1/COMPONENTS/0 1:38");
  EXPECT_EQ(translated(R"({"takt":1,"phases":[{},{"components":[{}]}]})", Format::kTakt, kPointer),
            "/phases/1/components/0 1:39");
}

TEST(LocatingSink, TranslatesFieldsThatHaveAnotherName) {
  constexpr std::string_view kSource = R"([{"startTime":1,"sensorTrigger":{"threshold":5},)"
                                       R"("components":[{"motorConfig":{"pattern":[{}]}}]}])";
  EXPECT_EQ(translated(kSource, Format::kCycleOptima, "/phases/0/delay"), "/0/startTime 1:15");
  EXPECT_EQ(translated(kSource, Format::kCycleOptima, "/phases/0/end/above"),
            "/0/sensorTrigger/threshold 1:46");
  EXPECT_EQ(translated(kSource, Format::kCycleOptima, "/phases/0/components/0/steps/0"),
            "/0/components/0/motorConfig/pattern/0 1:90");
  EXPECT_EQ(translated(kSource, Format::kCycleOptima, "/phases/0/components/0/ramp_in"),
            "/0/components/0 1:63");
  // The outputs are not in the document.
  EXPECT_EQ(translated(kSource, Format::kCycleOptima, "/outputs/3"), " 1:1");
}

TEST(LocatingSink, LeavesCompiledProgramsWithoutLines) {
  EXPECT_EQ(translated("TAKT", Format::kCompiled, "/phases/0"), "/phases/0 0:0");
}

}  // namespace
}  // namespace takt
