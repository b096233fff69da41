// SPDX-License-Identifier: Apache-2.0
#include "tools/trace/trace_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

namespace takt {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

Levels levels_of(std::uint32_t on, std::uint16_t fan = 0) {
  Levels levels;
  levels.on = on;
  levels.analog[0] = fan;
  return levels;
}

class TraceTest : public ::testing::Test {
 protected:
  TraceTest() {
    std::string name = (fs::temp_directory_path() / "takt_trace_XXXXXX").string();
    folder = ::mkdtemp(name.data());
    outputs[0].id = "pump";
    outputs[1].id = "fan";
    outputs[1].kind = OutputKind::kAnalog;
    outputs[1].range = 1000;
    outputs[2].id = "valve";
  }
  ~TraceTest() override { fs::remove_all(folder); }

  std::string path(const char* name) const { return (folder / name).string(); }

  std::unique_ptr<TraceWriter> open(const char* name) {
    std::string error;
    auto trace = open_trace(path(name), outputs, error);
    EXPECT_TRUE(trace.ok()) << error;
    return std::move(trace.value());
  }

  std::string text(const char* name) const {
    std::ostringstream text;
    text << std::ifstream(path(name)).rdbuf();
    return text.str();
  }

  fs::path folder;
  std::array<Output, 3> outputs;
};

TEST_F(TraceTest, CsvHasOneRowForEachChangeByTimeThenByPlaceInTheProgram) {
  const auto trace = open("a.csv");
  ASSERT_EQ(trace->note(Micros{0}, levels_of(0b101, 7)), Status::kOk);
  ASSERT_EQ(trace->note(Micros{2'500'000}, levels_of(0b100, 7)), Status::kOk);
  ASSERT_EQ(trace->note(Micros{2'500'001}, levels_of(0b100, 0)), Status::kOk);
  ASSERT_EQ(trace->note(Micros{3'000'000}, levels_of(0)), Status::kOk);
  ASSERT_EQ(trace->close(Micros{4'000'000}), Status::kOk);
  EXPECT_EQ(text("a.csv"),
            "time_us,output,value\n0,pump,1\n0,fan,7\n0,valve,1\n2500000,pump,0\n"
            "2500001,fan,0\n3000000,valve,0\n");
}

TEST_F(TraceTest, OfSeveralChangesAtOneInstantOnlyTheLastCounts) {
  const auto trace = open("a.csv");
  for (const std::uint32_t on : {0b100U, 0b001U, 0b101U}) {
    ASSERT_EQ(trace->note(Micros{5}, levels_of(on)), Status::kOk);
  }
  for (const std::uint32_t on : {0b000U, 0b101U}) {
    ASSERT_EQ(trace->note(Micros{6}, levels_of(on)), Status::kOk);
  }
  ASSERT_EQ(trace->close(Micros{9}), Status::kOk);
  EXPECT_EQ(text("a.csv"), "time_us,output,value\n5,pump,1\n5,valve,1\n");
}

TEST_F(TraceTest, CsvQuotesNamesThatNeedIt) {
  outputs[0].id = "a,\"b\"";
  const auto trace = open("a.csv");
  ASSERT_EQ(trace->note(Micros{5}, levels_of(1)), Status::kOk);
  ASSERT_EQ(trace->close(Micros{9}), Status::kOk);
  EXPECT_EQ(text("a.csv"), "time_us,output,value\n5,\"a,\"\"b\"\"\",1\n");
}

TEST_F(TraceTest, VcdHasAHeaderAllFirstValuesThenChangesThenTheEnd) {
  const auto trace = open("a.vcd");
  ASSERT_EQ(trace->note(Micros{0}, levels_of(0b001)), Status::kOk);
  ASSERT_EQ(trace->note(Micros{12}, levels_of(0b100, 300)), Status::kOk);
  ASSERT_EQ(trace->close(Micros{20}), Status::kOk);
  EXPECT_EQ(text("a.vcd"),
            "$timescale 1 us $end\n$scope module takt $end\n$var wire 1 ! pump $end\n"
            "$var real 64 \" fan $end\n$var wire 1 # valve $end\n$upscope $end\n"
            "$enddefinitions $end\n#0\n$dumpvars\n0!\nr0 \"\n0#\n$end\n1!\n#12\n0!\nr300 \"\n1#\n"
            "#20\n");
}

TEST_F(TraceTest, VcdNamesAreIdentifiersAndDiffer) {
  outputs[0].id = "hot valve";
  outputs[1].id = "hot-valve";
  outputs[2].id = "2nd";
  ASSERT_EQ(open("a.vcd")->close(Micros{1}), Status::kOk);
  EXPECT_THAT(text("a.vcd"), HasSubstr(" ! hot_valve $end"));
  EXPECT_THAT(text("a.vcd"), HasSubstr(" \" hot_valve_2 $end"));
  EXPECT_THAT(text("a.vcd"), HasSubstr(" # _2nd $end"));
}

TEST_F(TraceTest, ARemarkIsACommentOfVcdAndNoRowOfCsv) {
  for (const char* const name : {"a.vcd", "a.csv"}) {
    const auto trace = open(name);
    EXPECT_EQ(trace->note(millis(1), levels_of(1)), Status::kOk);
    trace->remark("fill $end #9 ended: skip");
    EXPECT_EQ(trace->note(millis(2), levels_of(0)), Status::kOk);
    EXPECT_EQ(trace->close(millis(2)), Status::kOk);
  }
  EXPECT_THAT(text("a.vcd"), HasSubstr("$comment fill _end #9 ended: skip $end\n"));
  EXPECT_EQ(text("a.csv"), "time_us,output,value\n1000,pump,1\n2000,pump,0\n");
}

TEST_F(TraceTest, WhatIsReadBackIsWhatWasNoted) {
  std::mt19937 random(13);
  const auto trace = open("a.csv");
  std::ostringstream expected;
  expected << "time_us,output,value\n";
  Levels before;
  std::int64_t at = 0;
  for (int i = 0; i < 200'000; ++i) {
    at += 1 + random() % (i % 1'000 == 0 ? 1'000'000'000'000 : 50);
    const Levels levels =
        levels_of(random() & 0b101U, static_cast<std::uint16_t>(random() % 3 * 32'767));
    ASSERT_EQ(trace->note(Micros{at}, levels), Status::kOk);
    if (levels.is_on(0) != before.is_on(0)) expected << at << ",pump," << levels.is_on(0) << '\n';
    if (levels.analog != before.analog) expected << at << ",fan," << levels.analog[0] << '\n';
    if (levels.is_on(2) != before.is_on(2)) expected << at << ",valve," << levels.is_on(2) << '\n';
    before = levels;
  }
  ASSERT_EQ(trace->close(Micros{at}), Status::kOk);
  EXPECT_TRUE(text("a.csv") == expected.str());
}

TEST_F(TraceTest, SigrokReadsTheVcdFile) {
  if (std::system("command -v sigrok-cli >/dev/null") != 0) GTEST_SKIP() << "no sigrok-cli";
  const auto trace = open("a.vcd");
  ASSERT_EQ(trace->note(Micros{2}, levels_of(0b001, 9)), Status::kOk);
  ASSERT_EQ(trace->note(Micros{3}, levels_of(0b101, 10)), Status::kOk);
  ASSERT_EQ(trace->note(Micros{6}, levels_of(0b000)), Status::kOk);
  trace->remark("phase 1 of 2, fill, ended: skip");
  ASSERT_EQ(trace->close(Micros{8}), Status::kOk);
  const std::string command =
      "sigrok-cli -I vcd -O bits -i " + path("a.vcd") + " >" + path("bits") + " 2>&1";
  ASSERT_EQ(std::system(command.c_str()), 0);
  EXPECT_THAT(text("bits"), HasSubstr("pump:00111100"));
  EXPECT_THAT(text("bits"), HasSubstr("valve:00011100"));
}

TEST_F(TraceTest, AFullDiskIsReportedWithItsNameAndTheTraceGoesOnTakingChanges) {
  fs::create_symlink("/dev/full", folder / "a.csv");
  const auto trace = open("a.csv");
  Status status = Status::kOk;
  for (std::int64_t i = 1; i < 100'000; ++i) {
    status = trace->note(Micros{i}, levels_of(static_cast<std::uint32_t>(i) & 1U));
  }
  EXPECT_EQ(status, Status::kIo);
  EXPECT_EQ(trace->close(Micros{100'000}), Status::kIo);
  EXPECT_EQ(trace->error(), path("a.csv") + ": No space left on device");
}

TEST_F(TraceTest, AFullDiskIsNoticedWhenAShortTraceIsClosed) {
  fs::create_symlink("/dev/full", folder / "a.vcd");
  EXPECT_EQ(open("a.vcd")->close(Micros{1}), Status::kIo);
}

TEST_F(TraceTest, FilesThatCannotBeWrittenAndUnknownFormatsAreRefused) {
  std::string error;
  EXPECT_EQ(open_trace(path("none/a.csv"), outputs, error).status(), Status::kIo);
  EXPECT_EQ(error, path("none/a.csv") + ": No such file or directory");
  EXPECT_EQ(open_trace(path("a.png"), outputs, error).status(), Status::kUnsupported);
  EXPECT_EQ(error, path("a.png") + ": a trace is a .csv or a .vcd file");
}

}  // namespace
}  // namespace takt
