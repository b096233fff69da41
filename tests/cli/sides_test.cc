// SPDX-License-Identifier: Apache-2.0
// Programs for two sides.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include <cstdio>
#include <set>
#include <sstream>

#include "tests/cli/run.h"

namespace takt::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kBuiltIns[] = {"bilateral", "alternating", "emergency", "breathe",
                                     "quad-flash"};
constexpr const char* kSession = "examples/bilateral.json";

std::string example(const std::string& name) { return "examples/" + name + ".json"; }

struct Row {
  long long at_us = 0;
  std::string text;
};

/// Without the heading.
std::vector<Row> rows_of(const std::string& csv) {
  std::istringstream lines{csv};
  std::vector<Row> rows;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line[0] < '0' || line[0] > '9') continue;
    rows.push_back({std::stoll(line), line});
  }
  return rows;
}

std::string trace_of(const std::vector<std::string>& words) {
  const Folder folder;
  std::vector<std::string> all{"play", "--virtual", "--trace", folder.path("out.csv")};
  all.insert(all.end(), words.begin(), words.end());
  const Outcome played = takt(all);
  EXPECT_EQ(played.exit, 0) << played.err;
  return read_file(folder.path("out.csv"));
}

std::set<std::string> outputs_in(const std::string& csv) {
  std::set<std::string> names;
  for (const Row& row : rows_of(csv)) {
    const std::size_t comma = row.text.find(',');
    names.insert(row.text.substr(comma + 1, row.text.rfind(',') - comma - 1));
  }
  return names;
}

/// Every output of every built-in, against tests/cli/golden/oracle.py.
TEST(BuiltIns, PlayAsTheOracleSays) {
  for (const std::string name : kBuiltIns) {
    SCOPED_TRACE(name);
    const std::string golden = read_file("tests/cli/golden/" + name + ".csv");
    long long head = 0;
    long long tail = 0;
    ASSERT_EQ(std::sscanf(golden.c_str(), "# before %lld us and from %lld us on", &head, &tail), 2);
    std::string played;
    for (const Row& row : rows_of(trace_of({example(name)}))) {
      if (row.at_us < head || row.at_us >= tail) played += row.text + "\n";
    }
    std::string wanted;
    for (const Row& row : rows_of(golden)) wanted += row.text + "\n";
    EXPECT_EQ(played, wanted);
  }
}

TEST(BuiltIns, TheGoldenTracesAreTheOracles) {
  const Outcome outcome = run({"python3", "tests/cli/golden/oracle.py", "--check"});
  EXPECT_EQ(outcome.exit, 0) << outcome.out << outcome.err;
}

TEST(BuiltIns, EveryOutputIsUsedAndOffAtTheEnd) {
  for (const std::string name : kBuiltIns) {
    SCOPED_TRACE(name);
    const auto checked = takt({"check", example(name), "--json"}).json();
    std::set<std::string> all;
    for (const auto& output : checked["outputs"].GetArray()) all.insert(output["id"].GetString());
    const std::string trace = trace_of({example(name)});
    EXPECT_EQ(outputs_in(trace), all);
    std::set<std::string> on;
    for (const Row& row : rows_of(trace)) {
      const std::size_t comma = row.text.find(',');
      const std::string output = row.text.substr(comma + 1, row.text.rfind(',') - comma - 1);
      row.text.ends_with(",0") ? on.erase(output) : on.insert(output).first->size();
    }
    EXPECT_TRUE(on.empty()) << *on.begin();
  }
}

TEST(BuiltIns, PlayTheSameCompiled) {
  const Folder folder;
  for (const std::string name : kBuiltIns) {
    ASSERT_EQ(takt({"compile", example(name), "-o", folder.path("out.takt")}).exit, 0);
    EXPECT_EQ(trace_of({folder.path("out.takt")}), trace_of({example(name)})) << name;
  }
}

TEST(Sides, OneSidePlaysItsHalfOfTheWhole) {
  const std::string whole = trace_of({kSession});
  std::vector<Row> both;
  for (const char* const side : {"left", "right"}) {
    const std::vector<Row> one = rows_of(trace_of({kSession, "--side", side}));
    for (const Row& row : one) {
      EXPECT_THAT(row.text, HasSubstr("," + std::string{side} + "_"));
      EXPECT_THAT(whole, HasSubstr("\n" + row.text + "\n"));
      if (row.at_us > 10'000'000) break;
    }
    both.insert(both.end(), one.begin(), one.end());
  }
  EXPECT_EQ(both.size(), rows_of(whole).size());
}

TEST(Sides, AreNotThereInOtherPrograms) {
  const Outcome outcome = takt({"play", "examples/washer.json", "--virtual", "--side", "left"});
  EXPECT_EQ(outcome.exit, 2);
  EXPECT_THAT(outcome.err, HasSubstr("--side goes with programs for two sides"));
  EXPECT_EQ(takt({"play", kSession, "--virtual", "--side", "middle"}).exit, 2);
}

TEST(Sides, LoopsMakeASessionLonger) {
  const auto played = takt({"play", kSession, "--virtual", "--loops", "3", "--json"}).json();
  EXPECT_EQ(played["duration_us"].GetInt64(), 3 * 1'200'000'000LL);
  EXPECT_EQ(played["phases"][0]["runs"].GetUint64(), 3U);
  EXPECT_STREQ(played["end"].GetString(), "finished");
}

TEST(Sides, CheckSaysTheRhythm) {
  const auto emergency = takt({"check", example("emergency"), "--json"}).json();
  const auto& sides = emergency["sides"];
  EXPECT_STREQ(sides["kind"].GetString(), "pattern");
  EXPECT_EQ(sides["passes"].GetUint64(), 3U);
  EXPECT_EQ(sides["flashes_mhz"].GetUint64(), 8'000U);
  EXPECT_TRUE(sides["flashing_acknowledged"].GetBool());
  ASSERT_EQ(sides["segments"].Size(), 5U);
  EXPECT_EQ(sides["segments"][2]["half_us"].GetInt64(), 125'000);
  EXPECT_EQ(sides["segments"][2]["pulse_us"].GetInt64(), 31'250);
  EXPECT_STREQ(sides["segments"][2]["colour"].GetString(), "red");
  const Outcome session = takt({"check", kSession});
  EXPECT_EQ(session.exit, 0);
  EXPECT_THAT(session.out, HasSubstr("1Hz      0.500 s      0.499 s"));
  EXPECT_THAT(session.out, HasSubstr("Dead time  0.001 s"));
  EXPECT_THAT(session.out, HasSubstr("never on together"));
}

TEST(Sides, WhatIsOutOfRangeIsRefusedAtItsPlace) {
  std::string source = read_file(kSession);
  source.replace(source.find("\"1s\""), 4, "\"499ms\"");
  const Outcome outcome = takt({"check", "-"}, source);
  EXPECT_EQ(outcome.exit, 1);
  EXPECT_THAT(outcome.err, HasSubstr("standard input:24:14: error: a cycle is 500 to 2000 ms"));
  EXPECT_THAT(outcome.err, HasSubstr("(/bilateral/cycle)"));
}

TEST(Sides, APulseThatBreaksALimitIsFound) {
  std::string source = read_file(kSession);
  const std::string motor = R"("left_motor", "pin": 4,)";
  source.insert(source.find(motor) + motor.size(), R"( "longest_on": "400ms",)");
  const Outcome outcome = takt({"check", "-"}, source);
  EXPECT_EQ(outcome.exit, 1);
  EXPECT_THAT(outcome.err, HasSubstr("fault 0.400 s after the start, in session"));
  EXPECT_THAT(outcome.err, HasSubstr("(/bilateral)"));
}

/// Sides that alternate behind sides that do not, at any duty of either.
TEST(Sides, CheckAndPlayCountTheSameEdgesWhereSegmentsChange) {
  for (const int before : {100, 99, 60}) {
    for (const int after : {100, 99, 5}) {
      const std::string source = fmt::format(
          R"({{"takt":1,"outputs":[{{"id":"l","pin":1}},{{"id":"r","pin":2}}],"repeat":2,
          "pattern":{{"length":"4s","dead_time":"50ms","left":{{"light":"l"}},
          "right":{{"light":"r"}},"acknowledge_flashing":true,"segments":[
          {{"at":"0s","rate":"1Hz","duty":{},"brightness":100,"sides":"both"}},
          {{"at":"2s","rate":"1Hz","duty":{},"brightness":100,"begin":"right"}}]}}}})",
          before, after);
      const Folder folder;
      const auto played =
          takt({"play", "-", "--virtual", "--json", "--trace", folder.path("t.csv")}, source)
              .json();
      EXPECT_EQ(takt({"check", "-", "--json"}, source).json()["edges"].GetUint64(),
                played["edges"].GetUint64());
      // The last pulses of both are over 50 ms before the first alone begins, on time and in full.
      const std::string trace = read_file(folder.path("t.csv"));
      const int end = std::min(2'000'000 - 50'000, 1'500'000 + 5'000 * before);
      const int off = std::min(2'000'000 + 450'000, 2'000'000 + 5'000 * after);
      EXPECT_THAT(trace,
                  HasSubstr(fmt::format("\n{0},l,0\n{0},r,0\n2000000,r,1\n{1},r,0\n", end, off)));
    }
  }
}

TEST(Sides, AFlashThatNobodyMeantIsRefused) {
  std::string source = read_file(example("emergency"));
  const std::string line = "    \"acknowledge_flashing\": true,\n";
  source.erase(source.find(line), line.size());
  const Outcome outcome = takt({"check", "-"}, source);
  EXPECT_EQ(outcome.exit, 1);
  EXPECT_THAT(outcome.err, HasSubstr("4 flashes of up to"));
  EXPECT_THAT(outcome.err, HasSubstr("(/pattern/segments/0)"));
}

TEST(Sides, APlotMarksTheBoundaries) {
  const Folder folder;
  const std::string path = folder.path("out.svg");
  ASSERT_EQ(takt({"plot", kSession, "-o", path, "--from", "9s", "--to", "13s"}).exit, 0);
  const std::string part = read_file(path);
  EXPECT_THAT(part, HasSubstr(">L</text>"));
  EXPECT_THAT(part, HasSubstr(">R</text>"));
  EXPECT_THAT(part, HasSubstr("9 s to 13 s shown"));
  EXPECT_THAT(part, HasSubstr(">11 s</text>"));
  EXPECT_THAT(part, Not(HasSubstr("too close")));
  ASSERT_EQ(takt({"plot", kSession, "-o", path}).exit, 0);
  EXPECT_THAT(read_file(path), HasSubstr("boundaries too close to draw"));
  for (const char* const time : {"20m", "1", "-1s"}) {
    EXPECT_EQ(takt({"plot", kSession, "-o", path, "--from", time}).exit, 2) << time;
  }
}

}  // namespace
}  // namespace takt::testing
