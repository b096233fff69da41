// SPDX-License-Identifier: Apache-2.0
// Two real processes, what is done to them, and what the referee says of their records. Half
// cycles are a second long and pulses leave 400 ms at both ends, so that a busy machine that runs a
// thread late breaks no law.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/on_terminal.h"
#include "tests/cli/run.h"

namespace takt::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kSlow = R"({"takt":1,"name":"Slow","outputs":[
  {"id":"left_motor","pin":1},{"id":"left_drive","pin":2,"kind":"analog","range":1000},
  {"id":"right_motor","pin":3},{"id":"right_drive","pin":4,"kind":"analog","range":1000}],
  "interlocks":[{"never_together":["left_motor","right_motor"],"dead_time":"1ms"}],
  "bilateral":{"cycle":"2s","intensity":60,"session":"20m",
               "left":{"motor":"left_motor","drive":"left_drive"},
               "right":{"motor":"right_motor","drive":"right_drive"}}})";

/// Whose sides may be on together.
constexpr const char* kLight = R"({"takt":1,"name":"Light","outputs":[
  {"id":"left_light","pin":1},{"id":"right_light","pin":2}],
  "pattern":{"length":"20m","segments":[{"at":"0s","rate":"5Hz","duty":50,"sides":"alternate"}],
             "left":{"light":"left_light"},"right":{"light":"right_light"}}})";

TEST(Pair, PlaysOnInTurnWhateverIsDoneToIt) {
  const Folder folder;
  const Outcome pair = takt({"pair",
                             folder.file("slow.json", kSlow),
                             "--seconds",
                             "16",
                             "--late",
                             "400",
                             "--at",
                             "4s=kill:left",
                             "--at",
                             "5s=start:left",
                             "--at",
                             "9s=loss:20",
                             "--at",
                             "10s=right:play cycle=1900ms",
                             "--at",
                             "13s=cut",
                             "--at",
                             "14s=heal",
                             "--json",
                             "--record",
                             folder.path("run")});
  ASSERT_EQ(pair.exit, 0) << pair.out << pair.err;
  const auto judged = pair.json();
  EXPECT_EQ(judged["overlaps"].GetInt(), 0);
  EXPECT_EQ(judged["short_gaps"].GetInt(), 0);
  EXPECT_EQ(judged["non_atomic_changes"].GetInt(), 0);
  EXPECT_EQ(judged["changes"].GetInt(), 1);
  EXPECT_GT(judged["bound_samples"].GetInt(), 20);
  EXPECT_THAT(pair.err, HasSubstr("left  leading"));
  EXPECT_THAT(pair.err, HasSubstr("left  following")) << "a device that returns follows";
  const Outcome again =
      takt({"sim", "check", folder.path("run/left.csv"), folder.path("run/right.csv"), "--json"});
  EXPECT_EQ(again.exit, 0);
  EXPECT_EQ(again.out, pair.out);
}

TEST(Pair, ADeviceThatHadFaultsIsJudgedAllTheSame) {
  const Folder folder;
  // A device that stands still has no next frame in time, unless its threads wake up in luck.
  const std::string standstill = R"(
      "$0" pair "$1" --json --record "$2" 2>"$3" & pair=$!
      until grep -q ', playing' "$3"; do sleep 0.1; done
      for try in {1..30}; do
        for child in $(< /proc/$pair/task/$pair/children); do
          if grep -qa device /proc/$child/cmdline; then device=$child; break; fi
        done
        kill -STOP $device; sleep 0.5; kill -CONT $device; sleep 0.5
        if grep -q 'fault: the next frame was not queued in time' "$3"; then break; fi
      done
      sleep 1
      kill -INT $pair
      wait $pair)";
  const std::string said = folder.path("said");
  const Outcome pair = run({"bash", "-c", standstill, takt_path(),
                            folder.file("light.json", kLight), folder.path("run"), said});
  EXPECT_EQ(pair.exit, 0) << pair.out << read_file(said);
  EXPECT_THAT(read_file(said), HasSubstr("fault: the next frame was not queued in time"));
  EXPECT_GT(pair.json()["judged_s"].GetDouble(), 1);
}

TEST(Pair, ShowsBothSidesAndObeysKeys) {
  const Folder folder;
  OnTerminal takt{{"pair", folder.file("slow.json", kSlow), "--late", "400"}};
  EXPECT_TRUE(takt.shows("Slow, lan link"));
  EXPECT_TRUE(takt.shows("following, hears 1, playing"));
  EXPECT_TRUE(takt.shows("█"));
  takt.press("r");
  EXPECT_TRUE(takt.shows("no power"));
  takt.press("r");
  EXPECT_TRUE(takt.shows("following, hears 1, playing"));
  takt.press("c");
  EXPECT_TRUE(takt.shows("CUT"));
  takt.press("c+>");
  EXPECT_TRUE(takt.shows("joined, 10 ms more latency, 5 % more loss"));
  takt.press(" ");
  EXPECT_TRUE(takt.shows("stopped"));
  EXPECT_TRUE(takt.shows("space play   e emergency stop   R release   q quit"));
  takt.press("e");
  EXPECT_TRUE(takt.shows("fault: emergency stop"));
  takt.press("R ");
  EXPECT_TRUE(takt.shows("leading, hears 1, playing"));
  EXPECT_TRUE(takt.shows("space stop"));
  takt.press("q");
  EXPECT_EQ(takt.end(), 0) << takt.shown();
  EXPECT_TRUE(takt.has_left_screen());
  EXPECT_THAT(takt.shown(), HasSubstr("both sides on"));
}

TEST(Pair, GoesOnWithNobodyLeftIfThatIsWanted) {
  const Folder folder;
  const Outcome pair =
      takt({"pair", folder.file("slow.json", kSlow), "--seconds", "5", "--at", "1s=right:quit",
            "--at", "2s=start:right", "--at", "3s=kill:left", "--at", "4s=kill:right"});
  EXPECT_EQ(pair.exit, 0) << pair.err << pair.out;
  EXPECT_THAT(pair.out, HasSubstr("takt  kill:right"));
  EXPECT_THAT(pair.out, HasSubstr("both sides on"));
}

TEST(Pair, WordsThatAreWrongSayWhich) {
  const Folder folder;
  const std::string program = folder.file("slow.json", kSlow);
  for (const std::string action :
       {"5s", "5s=explode", "5s=kill:middle", "5s=loss:101", "5s=latency:1h", "5s=left:dance"}) {
    const Outcome outcome = takt({"pair", program, "--at", action});
    EXPECT_EQ(outcome.exit, 2) << action;
    EXPECT_THAT(outcome.err, StartsWith("takt: --at")) << action;
  }
  const std::string one = folder.file("one.json", R"({"takt":1,"outputs":[{"id":"a","pin":1}],
      "phases":[{"name":"p","components":[{"output":"a","on":"1s"}]}]})");
  const Outcome outcome = takt({"pair", one});
  EXPECT_EQ(outcome.exit, 1);
  EXPECT_THAT(outcome.err, HasSubstr("two sides"));
}

}  // namespace
}  // namespace takt::testing
