// SPDX-License-Identifier: Apache-2.0
// What a command reads, it does not write over.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/cli/run.h"

namespace takt::testing {
namespace {

using ::testing::HasSubstr;

struct Case {
  std::string file;                ///< What is read: a program by this name.
  std::vector<std::string> words;  ///< IN is the file, OUT the same by another name.
};

const std::vector<Case> kCases{
    {"in.csv", {"play", "IN", "--virtual", "--trace", "OUT"}},
    {"in.vcd", {"play", "IN", "--speed", "100", "--trace", "OUT"}},
    {"in.takt", {"compile", "IN", "-o", "OUT"}},
    {"in.json", {"import", "cycleoptima", "IN", "-o", "OUT"}},
    {"in.svg", {"plot", "IN", "-o", "OUT"}},
    {"in.png", {"plot", "IN", "-o", "OUT"}},
    {"in.rec",
     {"device", "IN", "--record", "OUT", "--peer", "127.0.0.1:1", "--code", "moonlight7",
      "--listen", "127.0.0.1:0", "--data", "DATA"}},
};

std::vector<std::string> filled(std::vector<std::string> words, const std::string& in,
                                const std::string& out, const std::string& data) {
  for (std::string& word : words) {
    if (word == "IN") word = in;
    if (word == "OUT") word = out;
    if (word == "DATA") word = data;
  }
  return words;
}

TEST(Overwriting, IsRefusedByWhateverNameTheFileGoes) {
  const std::string bilateral = read_file("examples/bilateral.json");
  const std::string cycle = read_file("examples/cycleoptima-washer.json");
  for (const Case& one : kCases) {
    const std::string content = one.words[0] == "import" ? cycle : bilateral;
    const Folder folder;
    const std::string in = folder.file(one.file, content);
    const std::string end = in.substr(in.rfind('.'));
    std::filesystem::create_symlink(one.file, folder.path("symbolic" + end));
    std::filesystem::create_hard_link(in, folder.path("hard" + end));
    const std::vector<std::string> before = folder.list();
    for (const std::string& out : {in, folder.path("./" + one.file), folder.path("symbolic" + end),
                                   folder.path("hard" + end)}) {
      SCOPED_TRACE(one.words[0] + " " + out);
      const Outcome outcome = takt(filled(one.words, in, out, folder.path("")));
      EXPECT_EQ(outcome.exit, 2);
      EXPECT_THAT(outcome.err, HasSubstr("would be written over"));
      EXPECT_EQ(read_file(in), content);
      EXPECT_EQ(folder.list(), before);
    }
  }
}

TEST(Overwriting, IsRefusedWhereStandardInputIsTheFile) {
  const Folder folder;
  const std::string content = read_file("examples/washer.json");
  const std::string in = folder.file("in.csv", content);
  const std::string command =
      "'" + takt_path() + "' play - --virtual --trace '" + in + "' < '" + in + "'";
  EXPECT_EQ(run({"bash", "-c", command}).exit, 2);
  EXPECT_EQ(read_file(in), content);
}

TEST(Overwriting, IsRefusedWhereAFolderOfRecordsHoldsTheProgram) {
  const Folder folder;
  const std::string content = read_file("examples/bilateral.json");
  const std::string in = folder.file("right.csv", content);
  const Outcome outcome = takt({"pair", in, "--seconds", "1", "--record", folder.path("")});
  EXPECT_EQ(outcome.exit, 2);
  EXPECT_EQ(read_file(in), content);
}

TEST(Overwriting, OfAnotherFileIsWhatWasAskedFor) {
  const Folder folder;
  const std::string out = folder.file("out.csv", "old");
  EXPECT_EQ(takt({"play", "examples/dimmer.json", "--virtual", "--trace", out}).exit, 0);
  EXPECT_THAT(read_file(out), HasSubstr("time_us"));
}

}  // namespace
}  // namespace takt::testing
