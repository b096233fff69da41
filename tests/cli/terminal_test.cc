// SPDX-License-Identifier: Apache-2.0
// takt play on a terminal, as a person sees it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "tests/cli/on_terminal.h"
#include "tests/cli/run.h"

namespace takt::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kLong = R"({"takt":1,"name":"Long wash","outputs":[{"id":"pump","pin":1}],
  "phases":[{"name":"first","components":[
              {"output":"pump","on":"400ms","pause":"100ms","repeat":1000}]},
            {"name":"second","components":[{"output":"pump","on":"500s"}]}]})";

TEST(Terminal, ShowsLanesPhaseClockAndFigures) {
  const Folder folder;
  OnTerminal takt{{"play", folder.file("long.json", kLong), "--speed", "10"}};
  EXPECT_TRUE(takt.shows("Long wash"));
  EXPECT_TRUE(takt.shows("phase 1 of 2: first"));
  EXPECT_TRUE(takt.shows("pump"));
  EXPECT_TRUE(takt.shows("▆"));
  EXPECT_TRUE(takt.shows("late p50"));
  takt.press("q");
  EXPECT_EQ(takt.end(), 0);
  EXPECT_THAT(takt.shown(), HasSubstr("stopped after"));
}

TEST(Terminal, LanesHaveTheLabelsOfTheirOutputs) {
  const Folder folder;
  std::string labelled = kLong;
  labelled.replace(labelled.find(R"("pin":1)"), 7, R"("label":"Drain pump \u0085")");
  OnTerminal takt{{"play", folder.file("long.json", labelled), "--speed", "10"}};
  EXPECT_TRUE(takt.shows("Drain pump ?"));
  takt.press("q");
  EXPECT_EQ(takt.end(), 0);
}

TEST(Terminal, KeysPauseSkipAndStop) {
  const Folder folder;
  OnTerminal takt{{"play", folder.file("long.json", kLong)}};
  ASSERT_TRUE(takt.shows("phase 1 of 2"));
  takt.press(" ");
  ASSERT_TRUE(takt.shows("PAUSED"));
  takt.press(" ");
  ASSERT_TRUE(takt.shows("late"));
  takt.press("n");
  ASSERT_TRUE(takt.shows("phase 2 of 2: second"));
  takt.press("n");
  EXPECT_EQ(takt.end(), 0);
  EXPECT_THAT(takt.shown(), HasSubstr("finished after"));
}

TEST(Terminal, TheEmergencyStopIsAFault) {
  const Folder folder;
  OnTerminal takt{{"play", folder.file("long.json", kLong)}};
  ASSERT_TRUE(takt.shows("phase 1 of 2"));
  takt.press("e");
  const int status = takt.end();
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 1);
  EXPECT_THAT(takt.shown(), HasSubstr("emergency stop"));
  EXPECT_TRUE(takt.is_as_before() && takt.has_left_screen());
}

TEST(Terminal, IsGivenBackHoweverItEnds) {
  const Folder folder;
  const std::string program = folder.file("long.json", kLong);
  const auto run = [&](const std::function<void(OnTerminal&)>& act) {
    OnTerminal takt{{"play", program}};
    EXPECT_TRUE(takt.shows("phase 1 of 2"));
    EXPECT_FALSE(takt.is_as_before());
    act(takt);
    const int status = takt.end();
    EXPECT_TRUE(takt.is_as_before());
    EXPECT_TRUE(takt.has_left_screen());
    return status;
  };
  EXPECT_EQ(run([](OnTerminal& takt) { takt.press("q"); }), 0);
  const auto status_of = [](int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : -1; };
  EXPECT_EQ(status_of(run([](OnTerminal& takt) { takt.press("\x03"); })), 128 + SIGINT);
  for (const int number : {SIGTERM, SIGHUP, SIGQUIT, SIGUSR1}) {
    EXPECT_EQ(status_of(run([number](OnTerminal& takt) { takt.signal(number); })), 128 + number);
  }
  const int crashed = run([](OnTerminal& takt) { takt.signal(SIGSEGV); });
  EXPECT_TRUE(!WIFEXITED(crashed) || WEXITSTATUS(crashed) != 0);
}

TEST(Terminal, ThatIsDumbShowsLinesAndItsKeysAreSignals) {
  const Folder folder;
  const std::string program = folder.file("long.json", kLong);
  for (const auto& [key, number] : {std::pair{"\x03", SIGINT}, std::pair{"\x1c", SIGQUIT}}) {
    OnTerminal takt{{"play", program}, "dumb"};
    EXPECT_TRUE(takt.shows("phase 1 of 2"));
    takt.press("\x1a");
    EXPECT_TRUE(takt.shows("paused, with all outputs off"));
    // No shell waits for it, so the system lets it go on at once.
    EXPECT_TRUE(takt.shows("goes on"));
    takt.press(key);
    const int status = takt.end();
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 128 + number);
    EXPECT_THAT(takt.shown(), Not(HasSubstr("\x1b")));
    EXPECT_TRUE(takt.is_as_before());
  }
}

TEST(Terminal, CannotBeStoppedWithOutputsOn) {
  const Folder folder;
  OnTerminal takt{{"play", folder.file("long.json", kLong), "--speed", "100"}};
  ASSERT_TRUE(takt.shows("phase 1 of 2"));
  takt.press("\x1a");
  EXPECT_TRUE(takt.shows("phase 2 of 2"));
  takt.press("q");
  EXPECT_EQ(takt.end(), 0);
}

TEST(Terminal, WithoutOneThereAreLinesAndNoEscapes) {
  const Outcome outcome = takt({"play", "-", "--speed", "1000", "--window", "256"}, kLong);
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("phase 1 of 2: first"));
  EXPECT_THAT(outcome.out, HasSubstr("phase 2 of 2: second"));
  EXPECT_THAT(outcome.out, HasSubstr("finished after"));
  EXPECT_THAT(outcome.out + outcome.err, Not(HasSubstr("\x1b")));
}

TEST(Terminal, BothSidesAreShownWithTheirBoundaries) {
  OnTerminal terminal{{"play", "examples/bilateral.json"}};
  EXPECT_TRUE(terminal.shows("boundaries"));
  // Half a second is five cells.
  EXPECT_TRUE(terminal.shows("L    R    L    R"));
  EXPECT_TRUE(terminal.shows("left_motor"));
  EXPECT_TRUE(terminal.shows("right_motor"));
  terminal.press("q");
  EXPECT_EQ(terminal.end(), 0);
}

}  // namespace
}  // namespace takt::testing
