// SPDX-License-Identifier: Apache-2.0
// Orders on standard input and keys, while a program plays.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/cli/on_terminal.h"
#include "tests/cli/run.h"

namespace takt::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kLong = R"({"takt":1,"name":"Long wash","outputs":[{"id":"pump","pin":1}],
  "phases":[{"name":"first","components":[{"output":"pump","on":"500s"}]},
            {"name":"second","components":[{"output":"pump","on":"500s"}]}]})";
constexpr const char* kQuick = R"({"takt":1,"name":"Quick","outputs":[{"id":"pump","pin":1}],
  "phases":[{"name":"only","components":[{"output":"pump","on":"100ms"}]}]})";

/// takt play with a pipe for its orders.
class Orders : public ::testing::Test {
 protected:
  void play(const std::string& program, const std::vector<std::string>& more = {}) {
    std::vector<std::string> words{"play", program};
    words.insert(words.end(), more.begin(), more.end());
    takt_.emplace(words);
  }
  void play_long() {
    play(folder_.file("long.json", kLong));
    ASSERT_TRUE(takt_->says("phase 1 of 2: first"));
  }
  /// Whether it is answered so.
  ::testing::AssertionResult answers(const std::string& order, const std::string& answer) {
    takt_->tell(order);
    if (takt_->says(answer + '\n')) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << order << ": " << takt_->said();
  }

  const Folder folder_;
  std::optional<Running> takt_;
};

TEST_F(Orders, PauseAndResumeKeepThePlace) {
  play_long();
  EXPECT_TRUE(answers("pause", "done"));
  EXPECT_TRUE(answers("pause", "not done: it is paused"));
  takt_->tell("status");
  EXPECT_TRUE(takt_->says("paused: phase 1 of 2: first, 0:0"));
  EXPECT_TRUE(answers("resume", "done"));
  EXPECT_TRUE(answers("resume", "not done: nothing is paused"));
  takt_->tell("status");
  EXPECT_TRUE(takt_->says("playing: phase 1 of 2: first, 0:0"));
}

TEST_F(Orders, SkipGoesOnAndAfterTheLastPhaseEnds) {
  play_long();
  EXPECT_TRUE(answers("skip", "done"));
  ASSERT_TRUE(takt_->says("phase 2 of 2: second"));
  EXPECT_TRUE(answers("skip", "done"));
  EXPECT_EQ(takt_->end(), 0);
  EXPECT_THAT(takt_->said(), HasSubstr("finished after"));
}

TEST_F(Orders, SkipToGoesBackToo) {
  play_long();
  EXPECT_TRUE(answers("skip-to:2", "done"));
  ASSERT_TRUE(takt_->says("phase 2 of 2: second"));
  EXPECT_TRUE(answers("skip-to 1", "done"));
  ASSERT_TRUE(takt_->says("phase 1 of 2: first"));
  EXPECT_TRUE(answers("skip-to:3", "not done: there is no such phase; this program has 2 phases"));
}

TEST_F(Orders, StopAndQuitEndTheRunAndAreNoFault) {
  for (const char* const order : {"stop", "quit"}) {
    play_long();
    EXPECT_TRUE(answers(order, "done"));
    EXPECT_EQ(takt_->end(), 0);
    EXPECT_THAT(takt_->said(), HasSubstr("stopped after"));
  }
}

TEST_F(Orders, TheEmergencyStopIsAFault) {
  play_long();
  EXPECT_TRUE(answers("estop", "done"));
  EXPECT_EQ(takt_->end(), 1);
  EXPECT_THAT(takt_->said(), HasSubstr("emergency stop"));
}

TEST_F(Orders, WhatCannotBeDoneSaysWhyAndChangesNothing) {
  play_long();
  EXPECT_TRUE(answers("play", "not done: it plays already"));
  EXPECT_TRUE(answers("set duty=50", "not done: this program has no setting to change"));
  EXPECT_TRUE(answers("release", "not done: an emergency stop ends this run for good"));
  EXPECT_TRUE(answers("skp", "there is no order 'skp'; did you mean 'skip'?"));
  EXPECT_TRUE(answers("stop now", "column 6: 'now' is one word too many"));
  EXPECT_TRUE(answers(std::string(100'000, 'x') + " stop", "an order has 256 characters at most"));
  takt_->tell("help");
  EXPECT_TRUE(takt_->says("skip-to:PHASE: go on with this phase"));
  takt_->tell("status");
  EXPECT_TRUE(takt_->says("playing: phase 1 of 2"));
}

TEST_F(Orders, ASettingChangesWhileItPlays) {
  play("examples/bilateral.json");
  ASSERT_TRUE(takt_->says("phase 1 of 1"));
  EXPECT_TRUE(answers("set cycle=800ms", "done"));
  EXPECT_TRUE(answers("play duty=50", "done"));
  takt_->tell("set duty=1");
  EXPECT_TRUE(takt_->says("not done: duty: a duty is "));
  EXPECT_TRUE(answers("stop", "done"));
  EXPECT_EQ(takt_->end(), 0);
}

TEST(OrderSources, WithoutAnyTheProgramPlaysToItsEnd) {
  const Folder folder;
  const std::string play =
      "'" + takt_path() + "' play '" + folder.file("quick.json", kQuick) + "' ";
  for (const char* const input : {"</dev/null", "<&-", "< <(:)", "< <(printf '\\n \\n')"}) {
    const Outcome outcome = run({"bash", "-c", play + input});
    EXPECT_EQ(outcome.exit, 0) << input << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("finished after")) << input;
    EXPECT_EQ(outcome.err, "") << input;
  }
}

TEST(OrderSources, TheLastOrderNeedsNoEndOfLine) {
  const Folder folder;
  const Outcome outcome = takt({"play", folder.file("long.json", kLong)}, "skip\nstop");
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("done\ndone\n"));
  EXPECT_THAT(outcome.out, HasSubstr("stopped after"));
}

TEST(OrderSources, AnswersGoToStandardErrorSoJsonStaysOneObject) {
  const Folder folder;
  const Outcome outcome =
      takt({"play", folder.file("long.json", kLong), "--json"}, "dance\nstop\n");
  EXPECT_EQ(outcome.exit, 0);
  EXPECT_STREQ(outcome.json()["end"].GetString(), "stopped");
  EXPECT_THAT(outcome.err, HasSubstr("there is no order 'dance'; try help\n"));
}

TEST(OrderSources, ATerminalThatIsDumbGivesLines) {
  const Folder folder;
  OnTerminal takt{{"play", folder.file("long.json", kLong)}, "dumb"};
  ASSERT_TRUE(takt.shows("phase 1 of 2"));
  takt.press("skip\n");
  EXPECT_TRUE(takt.shows("done"));
  EXPECT_TRUE(takt.shows("phase 2 of 2"));
  takt.press("quit\n");
  EXPECT_EQ(takt.end(), 0);
}

TEST(OrderSources, InTheBackgroundOfATerminalLinesAreForTheShell) {
  const Folder folder;
  OnTerminal shell{{"bash", "-c",
                    "set -m; \"$0\" play \"$1\" & read line; echo \"shell has $line\"; fg; "
                    "echo \"status $?\"",
                    takt_path(), folder.file("long.json", kLong)},
                   "xterm",
                   OnTerminal::kAnyCommand};
  ASSERT_TRUE(shell.shows("phase 1 of 2"));
  shell.press("skip\n");
  ASSERT_TRUE(shell.shows("shell has skip")) << shell.shown();
  shell.press("skip\n");
  EXPECT_TRUE(shell.shows("phase 2 of 2")) << shell.shown();
  shell.press("stop\n");
  EXPECT_TRUE(shell.shows("status 0")) << shell.shown();
  EXPECT_EQ(shell.end(), 0);
}

TEST(OrderSources, KeysAreThoseThatTheLiveViewShows) {
  const Folder folder;
  OnTerminal takt{{"play", folder.file("long.json", kLong)}};
  ASSERT_TRUE(takt.shows("space pause   n next phase   e emergency stop   q quit"));
  takt.press(" ");
  ASSERT_TRUE(takt.shows("PAUSED"));
  ASSERT_TRUE(takt.shows("space resume"));
  takt.press(" ");
  ASSERT_TRUE(takt.shows("space pause"));
  takt.press("n");
  ASSERT_TRUE(takt.shows("phase 2 of 2"));
  // Lines are no orders here.
  takt.press("stop\n");
  takt.press("q");
  EXPECT_EQ(takt.end(), 0);
  EXPECT_THAT(takt.shown(), HasSubstr("stopped after"));
  EXPECT_THAT(takt.shown(), Not(HasSubstr("done")));
}

}  // namespace
}  // namespace takt::testing
