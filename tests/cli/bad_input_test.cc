// SPDX-License-Identifier: Apache-2.0
// Files that are no programs. None may crash the command, hang it, or be half understood.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/cli/run.h"

namespace takt::testing {
namespace {

using ::testing::HasSubstr;

/// A CycleOptima cycle of one component with `fields` in it.
std::string cycle_with(const std::string& fields) {
  return R"({"phases":[{"id":"p","components":[{"compId":"Cold Valve",)" + fields + "}]}]}";
}

struct Bad {
  std::string name;
  std::string content;
  std::string says;  ///< Part of the message; also where.
};

std::vector<Bad> bad_programs() {
  std::vector<Bad> all{
      {"empty", "", ""},
      {"blank", "   \n\n", ""},
      {"no program", "42", ""},
      {"another object", R"({"name":"x"})", "phases"},
      {"garbage", "\x01\x02\x03", ""},
      {"truncated", R"({"phases":[{"id":"p","components":[{"compId":"Cold)", ":1:"},
      {"wrong type", cycle_with(R"("start":"soon","duration":5)"), "/phases/0/components/0/start"},
      {"negative", cycle_with(R"("start":-1,"duration":5)"), "/phases/0/components/0/start"},
      {"fraction", cycle_with(R"("start":0,"duration":1.5)"), "/phases/0/components/0/duration"},
      {"huge", cycle_with(R"("start":0,"duration":99999999999999999999)"), "duration"},
      {"huge exponent", cycle_with(R"("start":0,"duration":1e400)"), "duration"},
      {"null", cycle_with(R"("start":null,"duration":5)"), "start"},
      {"unknown component", R"({"phases":[{"id":"p","components":[{"compId":"Toaster"}]}]})",
       "/phases/0/components/0/compId"},
      {"phases is no array", R"({"phases":{}})", "/phases"},
      {"non-UTF-8", "{\"phases\":[{\"id\":\"\xff\xfe\",\"components\":[]}]}", ""},
      {"overlong UTF-8", "{\"phases\":[{\"id\":\"\xc0\xaf\",\"components\":[]}]}", ""},
      {"lone surrogate", R"({"phases":[{"id":"\ud800","components":[]}]})", ""},
      {"no phases", R"({"phases":[]})", "phase"},
      {"trailing text", cycle_with(R"("start":0,"duration":5)") + "x", ":1:"},
      {"duplicate output", R"({"takt":1,"outputs":[{"id":"a","pin":1},{"id":"a","pin":2}],
        "phases":[{"name":"p","components":[{"output":"a","on":"1s"}]}]})",
       ":1:"},
      {"unknown output", R"({"takt":1,"outputs":[{"id":"a","pin":1}],
        "phases":[{"name":"p","components":[{"output":"b","on":"1s"}]}]})",
       "/phases/0/components/0/output"},
      {"compiled and cut", "TAKT\x01", ""},
      {"compiled of tomorrow", "TAKT\x7f" + std::string(40, '\0'), "version"},
      {"deep", std::string(100'000, '['), ""},
      {"deep in phases", "{\"phases\":" + std::string(5'000, '[') + std::string(5'000, ']') + "}",
       ""},
      {"oldest schema", R"({"phases":[{"phaseName":"x","phaseStartTime":0}]})", "oldest"},
  };
  return all;
}

void expect_refused(const Bad& bad, const std::vector<std::string>& words) {
  SCOPED_TRACE(bad.name + ", " + words[0]);
  const Outcome outcome = takt(words);
  EXPECT_EQ(outcome.exit, 1) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("error: "));
  EXPECT_THAT(outcome.err, HasSubstr(bad.says));
}

TEST(BadInput, ExitsWithOneAndSaysWhere) {
  const Folder folder;
  for (const Bad& bad : bad_programs()) {
    const std::string file = folder.file("bad", bad.content);
    expect_refused(bad, {"check", file});
    expect_refused(bad, {"play", file, "--virtual"});
    expect_refused(bad, {"plot", file, "-o", folder.path("out.svg")});
    expect_refused(bad, {"compile", file, "-o", folder.path("out.takt")});
    expect_refused(bad, {"import", "cycleoptima", file, "-o", folder.path("out.json")});
    EXPECT_EQ(folder.list(), std::vector<std::string>{"bad"});
  }
}

TEST(BadInput, JsonHasThePlacesToo) {
  const Folder folder;
  for (const Bad& bad : bad_programs()) {
    SCOPED_TRACE(bad.name);
    const std::string file = folder.file("bad", bad.content);
    const Outcome checked = takt({"check", file, "--json"});
    EXPECT_EQ(checked.exit, 1);
    const rapidjson::Document document = checked.json();
    EXPECT_FALSE(document["valid"].GetBool());
    ASSERT_GE(document["errors"].Size(), 1U);
    const auto& error = document["errors"][0];
    EXPECT_TRUE(error["pointer"].IsString() && error["line"].IsUint() && error["column"].IsUint());
    EXPECT_GT(error["message"].GetStringLength(), 5U);
    const Outcome played = takt({"play", file, "--virtual", "--json"});
    EXPECT_EQ(played.exit, 1);
    EXPECT_GE(played.json()["errors"].Size(), 1U);
  }
}

TEST(BadInput, EveryBeginningOfAProgramIsRefused) {
  const std::string whole = read_file("examples/cycleoptima-washer.json");
  for (std::size_t size = 0; size < whole.size() - 2; size += 97) {
    const Outcome outcome = takt({"check", "-", "--json"}, whole.substr(0, size));
    ASSERT_EQ(outcome.exit, 1) << size;
    ASSERT_FALSE(outcome.json()["valid"].GetBool());
  }
}

TEST(BadInput, WhatIsNoFileIsAFailureOfTheWorldAtOnce) {
  const Folder folder;
  const std::string fifo = folder.path("fifo");
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  std::filesystem::create_symlink(folder.path("nowhere"), folder.path("dangling"));
  std::filesystem::create_symlink(folder.path("loop"), folder.path("loop"));
  for (const std::string& path :
       {folder.path(""), folder.path("missing"), fifo, folder.path("dangling"), folder.path("loop"),
        std::string{"/dev/zero"}, std::string{"/dev/tty"}, std::string(5'000, 'x')}) {
    SCOPED_TRACE(path.substr(0, 60));
    for (const char* const command : {"check", "play"}) {
      const Outcome outcome = takt({command, path, "--json"});
      EXPECT_EQ(outcome.exit, 3);
      EXPECT_THAT(outcome.err, HasSubstr(path.substr(0, 60)));
      EXPECT_EQ(outcome.json()["exit"].GetInt(), 3);
    }
  }
}

TEST(BadInput, AnUnreadableFileIsAFailureOfTheWorld) {
  const Folder folder;
  const std::string file = folder.file("secret", "{}");
  ASSERT_EQ(::chmod(file.c_str(), 0), 0);
  const Outcome outcome = takt_without_privileges({"check", file});
  EXPECT_EQ(outcome.exit, 3);
  EXPECT_THAT(outcome.err, HasSubstr("Permission denied"));
}

TEST(BadInput, AGigabyteIsRefusedWithoutReadingIt) {
  const Folder folder;
  const std::string file = folder.file("large", "{");
  std::filesystem::resize_file(file, 1U << 30U);
  const Outcome outcome = takt({"check", file, "--json"});
  EXPECT_EQ(outcome.exit, 1);
  EXPECT_THAT(outcome.err, HasSubstr("1,073,741,824"));
  EXPECT_THAT(outcome.err, HasSubstr("16,777,216"));
  EXPECT_FALSE(outcome.json()["valid"].GetBool());
}

TEST(BadInput, AnEndlessPipeIsRefusedToo) {
  const Outcome outcome = run(
      {"bash", "-c", "head -c 40000000 /dev/zero | tr '\\0' '[' | '" + takt_path() + "' check -"});
  EXPECT_EQ(outcome.exit, 1);
  EXPECT_THAT(outcome.err, HasSubstr("16,777,216"));
}

TEST(BadInput, TerminalsAreNotSteeredByIt) {
  const Outcome outcome = takt(
      {"check", "-"}, "{\"phases\":[{\"id\":\"p\",\"components\":[{\"compId\":\"\\u001b[2J\"}]}]}");
  EXPECT_EQ(outcome.exit, 1);
  EXPECT_EQ(outcome.err.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace takt::testing
