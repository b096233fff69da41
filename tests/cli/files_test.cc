// SPDX-License-Identifier: Apache-2.0
// Files that the command writes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "tests/cli/run.h"

namespace takt::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kWasher = "examples/washer.json";
constexpr const char* kCycle = "examples/cycleoptima-washer.json";

std::string trace_of(const std::string& program, const std::vector<std::string>& sensors,
                     const Folder& folder) {
  std::vector<std::string> words{"play", program, "--virtual", "--trace", folder.path("trace.csv")};
  words.insert(words.end(), sensors.begin(), sensors.end());
  const Outcome played = takt(words);
  EXPECT_EQ(played.exit, 0) << played.err;
  return read_file(folder.path("trace.csv"));
}

TEST(Files, ACompiledProgramPlaysTheSame) {
  const Folder folder;
  const std::vector<std::string> water{"--sensor", "pressure=20000@40s"};
  const std::vector<std::pair<std::string, std::vector<std::string>>> programs{
      {kWasher, water}, {kCycle, {}}, {"examples/dimmer.json", {}}};
  for (const auto& [program, sensors] : programs) {
    const Outcome compiled = takt({"compile", program, "-o", folder.path("out.takt")});
    ASSERT_EQ(compiled.exit, 0) << compiled.err;
    EXPECT_THAT(read_file(folder.path("out.takt")), StartsWith("TAKT"));
    EXPECT_EQ(trace_of(folder.path("out.takt"), sensors, folder),
              trace_of(program, sensors, folder));
  }
}

TEST(Files, AnyChangedByteOfACompiledProgramIsFound) {
  const Folder folder;
  ASSERT_EQ(takt({"compile", kWasher, "-o", folder.path("out.takt")}).exit, 0);
  const std::string whole = read_file(folder.path("out.takt"));
  for (std::size_t at = 0; at < whole.size(); at += 37) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 0x10);
    EXPECT_EQ(takt({"check", "-"}, changed).exit, 1) << at;
  }
}

TEST(Files, AnImportedCyclePlaysTheSame) {
  const Folder folder;
  const Outcome imported = takt({"import", "cycleoptima", kCycle, "-o", folder.path("out.json")});
  ASSERT_EQ(imported.exit, 0) << imported.err;
  EXPECT_EQ(takt({"check", folder.path("out.json"), "--json"}).json()["form"], "takt");
  EXPECT_EQ(trace_of(folder.path("out.json"), {}, folder), trace_of(kCycle, {}, folder));
}

TEST(Files, ImportTakesCyclesOnly) {
  const Folder folder;
  const Outcome outcome = takt({"import", "cycleoptima", kWasher, "-o", folder.path("out.json")});
  EXPECT_EQ(outcome.exit, 1);
  EXPECT_THAT(outcome.err, HasSubstr("no CycleOptima cycle"));
  EXPECT_TRUE(folder.list().empty());
}

TEST(Files, NamesCanBeMapped) {
  const std::string cycle =
      R"({"phases":[{"id":"p","components":[{"compId":"Drain Valve","start":0,"duration":5}]}]})";
  EXPECT_EQ(takt({"check", "-"}, cycle).exit, 1);
  const Folder folder;
  const Outcome played = takt({"play", "-", "--map", "Drain Valve=drain_pump", "--virtual",
                               "--trace", folder.path("out.csv")},
                              cycle);
  EXPECT_EQ(played.exit, 0) << played.err;
  EXPECT_THAT(read_file(folder.path("out.csv")), HasSubstr("0,drain_pump,1"));
}

TEST(Files, WhatCannotBeWrittenIsAFailureOfTheWorldAndLeavesNothing) {
  const Folder folder;
  for (const std::string& path : {folder.path("no/such/folder/out.svg"), folder.path("")}) {
    EXPECT_EQ(takt({"compile", kWasher, "-o", path}).exit, 3);
  }
  EXPECT_EQ(takt({"plot", kWasher, "-o", "/proc/out.svg"}).exit, 3);
  EXPECT_EQ(takt({"compile", kWasher, "-o", "/dev/full"}).exit, 3);
  EXPECT_EQ(takt({"play", kWasher, "--virtual", "--trace", folder.path("no/out.csv")}).exit, 3);
  EXPECT_TRUE(folder.list().empty());
}

TEST(Files, AFileIsReplacedWholeAndKeepsItsMode) {
  const Folder folder;
  const std::string path = folder.file("out.svg", "old");
  ASSERT_EQ(::chmod(path.c_str(), 0640), 0);
  std::filesystem::create_symlink("out.svg", folder.path("link.svg"));
  ASSERT_EQ(takt({"plot", kWasher, "-o", folder.path("link.svg")}).exit, 0);
  EXPECT_TRUE(std::filesystem::is_symlink(folder.path("link.svg")));
  EXPECT_THAT(read_file(path), StartsWith("<svg"));
  struct stat about {};
  ASSERT_EQ(::stat(path.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777U, 0640U);
  EXPECT_EQ(folder.list(), (std::vector<std::string>{"link.svg", "out.svg"}));
}

TEST(Files, AKilledCommandLeavesTheOldFileOrTheNew) {
  const Folder folder;
  const std::string path = folder.path("out.json");
  ASSERT_EQ(takt({"import", "cycleoptima", kCycle, "-o", path}).exit, 0);
  const std::string good = read_file(path);
  // Killed at moments spread over the few milliseconds that it takes.
  for (int i = 0; i < 30; ++i) {
    const std::string script = "'" + takt_path() + "' import cycleoptima " + kCycle + " -o '" +
                               path + "' & sleep 0.00" + std::to_string(i % 10) +
                               "; kill -KILL $! 2>/dev/null; wait; true";
    ASSERT_EQ(run({"bash", "-c", script}).exit, 0);
    ASSERT_EQ(read_file(path), good);
  }
}

TEST(Files, APlotIsSmallWhateverTheProgram) {
  const Folder folder;
  const std::string program = R"({"takt":1,"name":"A & B <fast>","outputs":[{"id":"led","pin":1}],
    "phases":[{"name":"p","components":[
    {"output":"led","on":"1ms","pause":"1ms","repeat":1000000000}]}]})";
  ASSERT_EQ(takt({"plot", "-", "-o", folder.path("out.svg")}, program).exit, 0);
  const std::string svg = read_file(folder.path("out.svg"));
  EXPECT_LT(svg.size(), 100'000U);
  EXPECT_THAT(svg, HasSubstr("A &amp; B &lt;fast&gt;"));
  EXPECT_THAT(svg, HasSubstr(">led</text>"));
  ASSERT_EQ(takt({"plot", "-", "-o", folder.path("out.png")}, program).exit, 0);
  EXPECT_THAT(read_file(folder.path("out.png")), StartsWith("\x89PNG\r\n"));
}

}  // namespace
}  // namespace takt::testing
