// SPDX-License-Identifier: Apache-2.0
// The words of the command line, and what is said about wrong ones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "tests/cli/run.h"

namespace takt::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kWasher = "examples/washer.json";

using Command = std::vector<std::string>;  // Its words: {"sim", "pair"}.

std::vector<std::string> help_of(Command command) {
  command.emplace_back("--help");
  std::istringstream help{takt(command).out};
  std::vector<std::string> lines;
  for (std::string line; std::getline(help, line);) lines.push_back(line);
  return lines;
}

/// The command and all below it, as its help names them.
std::vector<Command> commands_from(const Command& command) {
  std::vector<Command> all{command};
  bool are_commands = false;
  for (const std::string& line : help_of(command)) {
    if (are_commands && line.starts_with("  ")) {
      Command sub = command;
      sub.push_back(line.substr(2, line.find(' ', 2) - 2));
      for (const Command& below : commands_from(sub)) all.push_back(below);
    }
    are_commands = line == "Subcommands:" || (are_commands && !line.empty());
  }
  return all;
}

/// Names of the options of the command that take a number.
std::vector<std::string> numbers_of(const Command& command) {
  std::vector<std::string> names;
  for (const std::string& line : help_of(command)) {
    const std::size_t name = line.find("--");
    const std::size_t end = line.find(' ', name);
    if (!line.starts_with("  ") || name == std::string::npos || end == std::string::npos) continue;
    const std::string type = line.substr(end + 1, line.find_first_of(" :", end + 1) - end - 1);
    if (type == "FLOAT" || type == "INT" || type == "UINT") {
      names.push_back(line.substr(name, end - name));
    }
  }
  return names;
}

TEST(Words, WrongOnesExitWithTwoAndSayWhatIsWrong) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> calls{
      {{}, "which command"},
      {{"dance"}, "no command 'dance'"},
      {{"check"}, "FILE"},
      {{"check", kWasher, "--board", "pdp-11"}, "esp32-c3"},
      {{"check", kWasher, "--colour"}, "--colour"},
      {{"check", kWasher, "--map", "x"}, "NAME=ID"},
      {{"play", kWasher, "--speed", "0"}, "--speed"},
      {{"play", kWasher, "--speed", "fast"}, "--speed"},
      {{"play", kWasher, "--virtual", "--speed", "2"}, "--virtual"},
      {{"play", kWasher, "--virtual", "--loops", "0"}, "--loops"},
      {{"play", kWasher, "--virtual", "--loops", "-1"}, "--loops"},
      {{"play", kWasher, "--virtual", "--window", "63"}, "--window"},
      {{"play", kWasher, "--virtual", "--window", ""}, "--window"},
      {{"play", kWasher, "--virtual", "--at", "soon=skip"}, "--at"},
      {{"play", kWasher, "--virtual", "--sensor", "rpm"}, "--sensor"},
      {{"play", kWasher, "--virtual", "--trace", "trace.txt"}, ".csv"},
      {{"plot", kWasher}, "--output"},
      {{"plot", kWasher, "-o", "picture.gif"}, ".svg"},
      {{"compile", kWasher}, "--output"},
      {{"import", "punchcards", kWasher, "-o", "x.json"}, "cycleoptima"},
      {{"bench"}, "schedulers"},
      {{"bench", "schedulers", "--events", "3"}, "--events"},
      {{"bench", "memory", "--seed", "-1"}, "--seed"},
      {{"bench", "sync", "--seeds", "0"}, "--seeds"},
      {{"sim"}, "pair"},
      {{"sim", "pair", "--link", "string"}, "--link"},
      {{"sim", "pair", "--faults", "some"}, "--faults"},
      {{"sim", "pair", "--sessions", "0"}, "--sessions"},
      {{"sim", "pair", "--seed", "-1"}, "--seed"},
      {{"sim", "pair", "--seed", "18446744073709551616"}, "--seed"},
      {{"sim", "pair", "--minutes", "2"}, "--minutes"},
      {{"sim", "pair", "--minutes", "91"}, "--minutes"},
      {{"sim", "pair", "--minutes", "20..91"}, "--minutes"},
      {{"sim", "pair", "--minutes", "90..20"}, "--minutes"},
      {{"sim", "pair", "--minutes", "20.."}, "--minutes"},
      {{"sim", "pair", "--minutes", "..90"}, "--minutes"},
      {{"sim", "pair", "--minutes", "20...90"}, "--minutes"},
      {{"sim", "pair", "--minutes", "20..30..40"}, "--minutes"},
      {{"sim", "pair", "--minutes", "20.5"}, "--minutes"},
      {{"sim", "pair", "--minutes", " 20"}, "--minutes"},
      {{"sim", "pair", "--minutes", ""}, "--minutes"},
      {{"sim", "pair", "--minutes", "long", "--trace", "/nowhere/out.vcd"}, "--minutes"},
      {{"sim", "check", "left.csv"}, "RIGHT"},
      {{"sim", "check", "left.csv", "right.csv", "--least", "101"}, "--least"},
  };
  for (auto [words, part] : calls) {
    SCOPED_TRACE(words.empty() ? "" : words.back());
    const Outcome plain = takt(words);
    EXPECT_EQ(plain.exit, 2);
    EXPECT_THAT(plain.err, HasSubstr(part));
    EXPECT_THAT(plain.err, HasSubstr("takt"));
    EXPECT_THAT(plain.out, IsEmpty());
  }
}

TEST(Words, AnErrorWithJsonIsOneObjectToo) {
  const Outcome outcome = takt({"play", kWasher, "--json", "--speed", "0"});
  EXPECT_EQ(outcome.exit, 2);
  EXPECT_THAT(outcome.json()["error"].GetString(), HasSubstr("--speed"));
  EXPECT_EQ(outcome.json()["exit"].GetInt(), 2);
}

TEST(Words, WhatIsNoNumberIsRefusedWhereverOneIsTaken) {
  std::size_t options = 0;
  for (const Command& command : commands_from({})) {
    for (const std::string& option : numbers_of(command)) {
      ++options;
      for (const std::string text : {"nan", "-nan", "five", ""}) {
        Command words = command;
        words.insert(words.end(), {option, text});
        const Outcome outcome = takt(words);
        EXPECT_EQ(outcome.exit, 2);
        EXPECT_THAT(outcome.err, HasSubstr(option + ": " + text + " is not in the range"))
            << ::testing::PrintToString(command);
      }
    }
  }
  EXPECT_GE(options, 20U);
}

TEST(Words, EachCommandHasHelpWithAnExample) {
  for (const std::vector<std::string>& command : {std::vector<std::string>{},
                                                  {"check"},
                                                  {"play"},
                                                  {"plot"},
                                                  {"compile"},
                                                  {"import"},
                                                  {"import", "cycleoptima"},
                                                  {"bench"},
                                                  {"bench", "schedulers"},
                                                  {"bench", "memory"},
                                                  {"bench", "sync"},
                                                  {"device"},
                                                  {"sim"},
                                                  {"sim", "pair"},
                                                  {"sim", "check"},
                                                  {"completion"},
                                                  {"completion", "bash"}}) {
    std::vector<std::string> words = command;
    words.emplace_back("--help");
    const Outcome outcome = takt(words);
    EXPECT_EQ(outcome.exit, 0);
    EXPECT_THAT(outcome.out, HasSubstr("Example: "));
    EXPECT_THAT(outcome.err, IsEmpty());
  }
}

TEST(Words, BashCompletesThem) {
  const auto complete = [](const std::string& line) {
    const std::string script =
        "source <('" + takt_path() + "' completion bash) && COMP_WORDS=(" + line +
        ") && COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) && _takt && echo \"${COMPREPLY[*]}\"";
    const Outcome outcome = run({"bash", "-c", script});
    EXPECT_EQ(outcome.exit, 0);
    EXPECT_THAT(outcome.err, IsEmpty());
    return outcome.out;
  };
  EXPECT_EQ(complete("takt pl"), "play plot\n");
  EXPECT_EQ(complete("takt pla"), "play\n");
  EXPECT_EQ(complete("takt bench sc"), "schedulers\n");
  EXPECT_EQ(complete("takt sim p"), "pair\n");
  EXPECT_EQ(complete("takt play --sp"), "--speed\n");
  EXPECT_EQ(complete("takt play x.json --tr"), "--trace\n");
  EXPECT_EQ(complete("takt import cycleoptima --m"), "--map\n");
  // The shell takes = and : for words of their own.
  EXPECT_EQ(complete("takt play x.json --at 3s = sk"), "skip skip-to\n");
  EXPECT_EQ(complete("takt play x.json --at 3s ="),
            "play set stop pause resume skip skip-to estop release\n");
  EXPECT_EQ(complete("takt pair x.json --at 3s = left : re"), "resume release\n");
  EXPECT_EQ(complete("takt check examples/wash"), "examples/washer.json\n");
}

TEST(Words, NobodyWhoReadsStandardErrorChangesNoOtherExitStatus) {
  const std::string takt = "'" + takt_path() + "' ";
  for (const char* const closed : {" 2>/dev/full", " 2>&-"}) {
    EXPECT_EQ(run({"bash", "-c", takt + "check no-such-file" + closed}).exit, 3);
    EXPECT_EQ(run({"bash", "-c", takt + "check --json no-such-file" + closed}).exit, 3);
    EXPECT_EQ(run({"bash", "-c", takt + "dance" + closed}).exit, 2);
  }
  // What plays has somebody to talk to, or ends.
  const std::string play = "play examples/washer.json --speed 100 --json 2>/dev/full";
  const Outcome outcome = run({"bash", "-c", takt + play});
  EXPECT_EQ(outcome.exit, 3);
  EXPECT_EQ(outcome.json()["exit"].GetInt(), 3);
}

TEST(Words, AFullDiskBehindStandardOutputIsAFailureOfTheWorld) {
  const Outcome outcome =
      run({"bash", "-c", "'" + takt_path() + "' check --json examples/washer.json > /dev/full"});
  EXPECT_EQ(outcome.exit, 3);
  EXPECT_THAT(outcome.err, HasSubstr("standard output"));
}

}  // namespace
}  // namespace takt::testing
