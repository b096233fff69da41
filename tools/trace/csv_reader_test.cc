// SPDX-License-Identifier: Apache-2.0
#include "tools/trace/csv_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <sstream>

#include "tools/trace/trace_writer.h"

namespace takt {
namespace {

using ::testing::HasSubstr;

const std::string kHead = "time_us,output,value\n";

PlayedTrace read(const std::string& text, std::span<const Output> outputs = {}) {
  Diagnostic wrong;
  Result<PlayedTrace> trace = read_csv_trace(text, outputs, wrong);
  EXPECT_TRUE(trace.ok()) << wrong.message.view();
  return trace.ok() ? std::move(trace.value()) : PlayedTrace{};
}

/// "LINE:COLUMN: MESSAGE", or "" if the text is read.
std::string refusal_of(const std::string& text, std::span<const Output> outputs = {}) {
  Diagnostic wrong;
  if (read_csv_trace(text, outputs, wrong).ok()) return "";
  std::ostringstream said;
  said << wrong.line << ':' << wrong.column << ": " << wrong.message.view();
  return said.str();
}

std::array<Output, 2> pump_and_fan() {
  std::array<Output, 2> outputs;
  outputs[0].id = "pump";
  outputs[1].id = "fan";
  outputs[1].kind = OutputKind::kAnalog;
  outputs[1].range = 900;
  return outputs;
}

TEST(CsvReader, OutputsFollowFromTheTrace) {
  const PlayedTrace trace = read(kHead + "5,pump,1\n5,fan,7\n9,fan,900\n12,pump,0\n12,fan,0\n");
  ASSERT_EQ(trace.outputs.size(), 2U);
  EXPECT_EQ(trace.outputs[0].id, "pump");
  EXPECT_EQ(trace.outputs[0].kind, OutputKind::kSwitch);
  EXPECT_EQ(trace.outputs[1].kind, OutputKind::kAnalog);
  EXPECT_EQ(trace.outputs[1].range, 900);
  ASSERT_EQ(trace.rows.size(), 3U);
  EXPECT_EQ(trace.rows[1].at, Micros{9});
  EXPECT_TRUE(trace.rows[1].levels.is_on(0));
  EXPECT_EQ(trace.rows[1].levels.analog[0], 900);
  EXPECT_EQ(trace.rows[2].levels, Levels{});
}

TEST(CsvReader, AProgramSaysWhichOutputsThereAre) {
  const auto outputs = pump_and_fan();
  EXPECT_EQ(read(kHead + "5,fan,1\n", outputs).rows[0].levels.analog[0], 1);
  EXPECT_EQ(refusal_of(kHead + "5,valve,1\n", outputs), "2:3: the program has no output 'valve'");
  EXPECT_EQ(refusal_of(kHead + "5,pump,2\n", outputs), "2:8: 'pump' takes 0 to 1, not 2");
  EXPECT_EQ(refusal_of(kHead + "5,fan,901\n", outputs), "2:7: 'fan' takes 0 to 900, not 901");
}

TEST(CsvReader, WhatIsWrongIsSaidWithItsPlace) {
  const std::map<std::string, std::string> says{
      {"", "1:1: a trace begins with"},
      {"time_us,output", "1:1: a trace begins with"},
      {"time_us,output,level\n", "1:1: a trace begins with"},
      {kHead + "\n", "2:1: a line is time"},
      {kHead + "-1,a,1\n", "2:1: a line is time"},
      {kHead + "1e3,a,1\n", "2:1: a line is time"},
      {kHead + "99999999999999999999,a,1\n", "2:1: a line is time"},
      {kHead + "5\n", "2:1: a line is time"},
      {kHead + "5,a\n", "2:3: this is no name"},
      {kHead + "5,,1\n", "2:3: this is no name"},
      {kHead + "5,\"a\"b,1\n", "2:3: this is no name"},
      {kHead + "5," + std::string(121, 'a') + ",1\n", "2:3: this is no name"},
      {kHead + "5,a,\n", "2:5: a value is"},
      {kHead + "5,a,1,2\n", "2:5: a value is"},
      {kHead + "5,a,65536\n", "2:5: a value is"},
      {kHead + "5,a,-1\n", "2:5: a value is"},
      {kHead + "5,a,1\n4,a,0\n", "3:1: the time goes back, from 5 to 4"},
      {kHead + "5,\"a\nb\",1\n5,\"c,1\n6,a,0\n", "4:1: a quote that begins here does not end"},
  };
  for (const auto& [text, message] : says) EXPECT_THAT(refusal_of(text), HasSubstr(message));
}

TEST(CsvReader, MoreOutputsThanADeviceHasAreRefusedWhereTheyBegin) {
  std::string text = kHead;
  for (int i = 0; i < 33; ++i) text += "0,o" + std::to_string(i) + ",1\n";
  EXPECT_THAT(refusal_of(text), HasSubstr("34:3: a trace has at most 32"));
  text = kHead;
  for (int i = 0; i < 9; ++i) text += "0,o" + std::to_string(i) + ",2\n";
  EXPECT_THAT(refusal_of(text), HasSubstr("10:6: 'o8' would be analog output 9"));
}

/// A kill may cut a trace anywhere.
TEST(CsvReader, EveryBeginningOfATraceIsReadUpToItsLastWholeLine) {
  const std::string text = kHead + "5,\"a,\"\"b\"\"\",1\r\n10,pump,1\r\n100,pump,0\r\n";
  for (std::size_t size = kHead.size(); size <= text.size(); ++size) {
    const std::string cut = text.substr(0, size);
    SCOPED_TRACE(cut);
    const PlayedTrace trace = read(cut);
    const auto lines = static_cast<std::size_t>(std::count(cut.begin(), cut.end(), '\n'));
    EXPECT_EQ(trace.rows.size(), lines - 1);
    EXPECT_EQ(trace.cut_line, cut.back() == '\n' ? 0 : lines + 1);
    if (lines > 1) {
      EXPECT_EQ(trace.outputs[0].id, "a,\"b\"");
    }
  }
}

TEST(CsvReader, WhatWasWrittenIsWhatIsRead) {
  const unsigned first_seed = std::random_device{}();
  std::string folder = (std::filesystem::temp_directory_path() / "takt_csv_XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const std::string path = folder + "/a.csv";
  std::array<Output, 3> outputs;
  outputs[0].id = "plain";
  outputs[1].id = "with, \"quotes\"\nand\r\nlines";
  outputs[2].id = "\"";
  outputs[2].kind = OutputKind::kAnalog;
  outputs[2].range = 0xFFFF;
  for (unsigned seed = first_seed; seed < first_seed + 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random{seed};
    std::map<std::int64_t, Levels> written;
    std::string error;
    const std::unique_ptr<TraceWriter> out = std::move(open_trace(path, outputs, error).value());
    std::int64_t at = 0;
    for (Levels levels; written.size() < 50;
         at += 1 + static_cast<std::int64_t>(random() % 1'000)) {
      const Levels before = levels;
      levels.on = random() % 4;
      levels.analog[0] = static_cast<std::uint16_t>(random() % 3 == 0 ? random() : 0);
      ASSERT_EQ(out->note(Micros{at}, levels), Status::kOk);
      if (levels != before) written[at] = levels;
    }
    ASSERT_EQ(out->close(Micros{at}), Status::kOk);
    std::ostringstream text;
    text << std::ifstream{path}.rdbuf();
    const PlayedTrace trace = read(text.str(), outputs);
    ASSERT_EQ(trace.rows.size(), written.size());
    for (const PlayedTrace::Row& row : trace.rows) {
      ASSERT_TRUE(written.contains(row.at.count()));
      ASSERT_EQ(row.levels, written[row.at.count()]);
    }
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace takt
