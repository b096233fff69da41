// SPDX-License-Identifier: Apache-2.0
// What happened is told: why phases ended, what a stall cost, what a program or a call drops.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <string>
#include <vector>

#include "tests/cli/run.h"

namespace takt::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* kFill = R"({"takt":1,"name":"Fill","outputs":[{"id":"valve"},{"id":"lamp"}],
 "phases":[
  {"name":"fill","components":[{"output":"valve","on":"2s"}],
   "end":{"sensor":"level","above":50,"timeout":"1500ms","on_timeout":"ON_TIMEOUT"}},
  {"name":"soak","components":[{"output":"lamp","on":"1s"}]},
  {"name":"rinse","components":[{"output":"valve","on":"1s"}]},
  {"name":"rest","delay":"1s"}]})";

std::string fill(const std::string& on_timeout) {
  std::string text = kFill;
  const std::string mark = "ON_TIMEOUT";
  return text.replace(text.find(mark), mark.size(), on_timeout);
}

/// "fill:sensor/level/63 soak:plan rest:-".
std::string ends_of(const rapidjson::Document& document) {
  std::string text;
  for (const auto& phase : document["phases"].GetArray()) {
    text += std::string{text.empty() ? "" : " "} + phase["name"].GetString() + ":";
    text += phase["end"].IsNull() ? "-" : phase["end"].GetString();
    if (!phase["sensor"].IsNull()) text += std::string{"/"} + phase["sensor"].GetString();
    if (!phase["value"].IsNull()) text += "/" + std::to_string(phase["value"].GetInt());
  }
  return text;
}

std::string ends_of(const std::vector<std::string>& words, const std::string& on_timeout) {
  std::vector<std::string> all{"play", "-", "--virtual", "--json"};
  all.insert(all.end(), words.begin(), words.end());
  return ends_of(takt(all, fill(on_timeout)).json());
}

TEST(Told, EachPhaseSaysWhyItEnded) {
  EXPECT_EQ(ends_of({"--sensor", "level=63@1s"}, "fault"),
            "fill:sensor/level/63 soak:plan rinse:plan rest:plan");
  EXPECT_EQ(ends_of({}, "continue"), "fill:timeout soak:plan rinse:plan rest:plan");
  EXPECT_EQ(ends_of({}, "fault"), "fill:fault soak:- rinse:- rest:-");
  EXPECT_EQ(ends_of({"--at", "1s=skip", "--at", "1.5s=skip-to:4", "--at", "2s=stop"}, "fault"),
            "fill:skip soak:jump rinse:- rest:stop");
  EXPECT_EQ(ends_of({"--at", "1s=estop"}, "fault"), "fill:fault soak:- rinse:- rest:-");
}

TEST(Told, OfAPhaseThatIsPlayedAgainTheLatestRunSaysIt) {
  EXPECT_EQ(ends_of({"--at", "1s=skip", "--at", "1.5s=skip-to:1"}, "continue"),
            "fill:timeout soak:plan rinse:plan rest:plan");
}

TEST(Told, PeopleReadWhyInReportAndLogAndTrace) {
  const Folder folder;
  const Outcome played = takt({"play", "-", "--virtual", "--verbose", "--sensor", "level=63@1s",
                               "--trace", folder.path("out.vcd")},
                              fill("fault"));
  EXPECT_EQ(played.exit, 0);
  EXPECT_THAT(played.out, HasSubstr("phase 1 of 4, fill, ended: sensor level at 63\n"));
  EXPECT_THAT(played.out, HasSubstr("phase 4 of 4, rest, ended: plan\n"));
  EXPECT_THAT(played.out, HasSubstr("  sensor level at 63\n"));
  EXPECT_THAT(read_file(folder.path("out.vcd")),
              HasSubstr("$comment phase 1 of 4, fill, ended: sensor level at 63 $end\n"));
}

TEST(Told, AFaultNamesPhaseOutputAndSensor) {
  const Outcome timed_out = takt({"play", "-", "--virtual", "--json"}, fill("fault"));
  EXPECT_EQ(timed_out.exit, 1);
  const rapidjson::Document document = timed_out.json();
  ASSERT_EQ(document["faults"].Size(), 1U);
  EXPECT_EQ(document["faults"][0]["at_us"].GetInt64(), 1'500'000);
  EXPECT_STREQ(document["faults"][0]["phase"].GetString(), "fill");
  EXPECT_STREQ(document["faults"][0]["sensor"].GetString(), "level");
  EXPECT_TRUE(document["faults"][0]["output"].IsNull());
  const Outcome too_long = takt({"play", "-", "--virtual", "--json"},
                                R"({"takt":1,"outputs":[{"id":"valve","longest_on":"1s"}],
    "phases":[{"name":"fine","components":[{"output":"valve","on":"1s","pause":"1s"}]},
              {"name":"long","components":[{"output":"valve","on":"2s"}]}]})");
  const rapidjson::Document second = too_long.json();
  EXPECT_STREQ(second["faults"][0]["phase"].GetString(), "long");
  EXPECT_STREQ(second["faults"][0]["output"].GetString(), "valve");
  EXPECT_TRUE(second["faults"][0]["sensor"].IsNull());
  EXPECT_EQ(ends_of(second), "fine:plan long:fault");
  EXPECT_THAT(
      takt({"play", "-", "--virtual"}, fill("fault")).out,
      HasSubstr("Fault      at 1.500 s in fill: the end condition of the phase did not come "
                "in time (sensor level)\n"));
}

TEST(Told, WhatTheProgramHasNoUseForIsKnownBeforeTheStart) {
  const Outcome sensor =
      takt({"play", "-", "--virtual", "--json", "--sensor", "rpm=3"}, fill("fault"));
  EXPECT_EQ(sensor.exit, 2);
  EXPECT_THAT(sensor.json()["error"].GetString(), HasSubstr("they ask for level"));
  const Outcome phase = takt({"play", "-", "--virtual", "--at", "1h=skip-to:5"}, fill("fault"));
  EXPECT_EQ(phase.exit, 2);
  EXPECT_THAT(phase.err, HasSubstr("there is no such phase; this program has 4 phases"));
  const Outcome tolerance = takt({"play", "-", "--virtual", "--tolerance", "3"}, fill("fault"));
  EXPECT_EQ(tolerance.exit, 2);
  EXPECT_THAT(tolerance.err, HasSubstr("--tolerance"));
}

std::vector<std::string> warnings_of(const std::string& program,
                                     const std::vector<std::string>& words = {}) {
  std::vector<std::string> all{"check", "-", "--json"};
  all.insert(all.end(), words.begin(), words.end());
  const Outcome checked = takt(all, program);
  EXPECT_EQ(checked.exit, 0);
  const rapidjson::Document document = checked.json();
  std::vector<std::string> warnings;
  for (const auto& warning : document["warnings"].GetArray()) {
    warnings.push_back(std::string{warning["pointer"].GetString()} + ": " +
                       warning["message"].GetString());
  }
  return warnings;
}

std::string with_motor(const std::string& components) {
  return R"({"takt":1,"outputs":[{"id":"drum","direction":"way"},{"id":"way","kind":"direction"}],
    "phases":[{"name":"p","components":[)" +
         components + "]}]}";
}

TEST(Told, CheckWarnsOfWhatIsDroppedInSilence) {
  EXPECT_THAT(warnings_of(with_motor(R"({"output":"drum","steps":[
                  {"on":"1s","direction":"cw"},{"pause":"1s","direction":"ccw"}]})")),
              ElementsAre(HasSubstr("/phases/0/components/0/steps/1/direction: the step only "
                                    "pauses")));
  EXPECT_THAT(warnings_of(with_motor(R"({"output":"drum","edges":[
                  {"at":"0s","value":1},{"at":"1s","value":0},{"at":"2s","value":1}]})")),
              ElementsAre(HasSubstr("its last edge leaves the output on")));
  EXPECT_THAT(warnings_of(with_motor(R"({"output":"drum","repeat":3,"steps":[
                  {"on":"1s","direction":"cw"},{"on":"1s","direction":"ccw"}]})")),
              ElementsAre(HasSubstr("/phases/0: drum reverses under power, first 1.000 s after")));
}

TEST(Told, CheckWarnsOfPulsesThatAreShorterThanThePortIsLate) {
  const auto pulses = [](const std::string& on) {
    return with_motor(R"({"output":"drum","on":")" + on + R"(","pause":"1s","repeat":3})");
  };
  EXPECT_THAT(warnings_of(pulses("4999us")),
              ElementsAre(HasSubstr("/phases/0/components/0: its shortest pulse is 0.004999 s")));
  EXPECT_THAT(warnings_of(pulses("5ms")), IsEmpty());
  EXPECT_THAT(warnings_of(pulses("499us"), {"--board", "esp32-c3"}),
              ElementsAre(HasSubstr("on esp32-c3")));
  EXPECT_THAT(warnings_of(pulses("500us"), {"--board", "esp32-c3"}), IsEmpty());
}

/// Plays `program` until it says so, is stopped for 0.4 s, and goes on.
std::string stalled(const std::string& program, int& exit) {
  const Folder folder;
  Running takt{{"play", folder.file("program.json", program)}};
  EXPECT_TRUE(takt.says("phase 2 of"));
  takt.signal(SIGSTOP);
  run({"sleep", "0.4"});
  takt.signal(SIGCONT);
  exit = takt.end();
  return takt.said();
}

TEST(Told, PulsesThatAStallSwallowedAreCountedAndAreABrokenPromise) {
  int exit = 0;
  const std::string said = stalled(R"({"takt":1,"outputs":[{"id":"lamp"},{"id":"fan"}],"phases":[
      {"name":"still","components":[{"output":"fan","on":"100ms"}]},
      {"name":"blink","components":[
        {"output":"lamp","on":"50ms","pause":"50ms","repeat":10}]}]})",
                                   exit);
  EXPECT_EQ(exit, 1);
  EXPECT_THAT(said, HasSubstr("finished after"));
  EXPECT_THAT(said, HasSubstr("pulses of lamp lost, the first at "));
  EXPECT_THAT(said, Not(HasSubstr("of fan lost")));
}

TEST(Told, AStallThatKeepsAnOutputOnBeyondItsLimitIsAFault) {
  int exit = 0;
  const std::string said = stalled(R"({"takt":1,"outputs":[{"id":"heater","longest_on":"300ms"}],
      "phases":[{"name":"still","delay":"100ms"},
      {"name":"heat","components":[{"output":"heater","on":"200ms"}]},
      {"name":"cool","delay":"1s"}]})",
                                   exit);
  EXPECT_EQ(exit, 1);
  EXPECT_THAT(said, HasSubstr("in heat: heater on for longer than its limit"));
  EXPECT_THAT(said, HasSubstr("phase 2 of 3, heat, ended: fault"));
}

TEST(Told, WhatTwoDevicesLostStandsInTheirRecords) {
  const Folder folder;
  const std::string header = "true_us,event,fields\n";
  const std::string left = folder.file("left.csv", header + R"(0,boot,0
10,state,leading,none,1,0,0,2
20,state,leading,none,1,0,0,3
30,down
40,boot,0
50,state,leading,none,1,0,0,1
)");
  const std::string right = folder.file("right.csv", header + R"(0,boot,1
10,state,following,none,1,0,0,0
)");
  const rapidjson::Document document = takt({"sim", "check", left, right, "--json"}).json();
  ASSERT_EQ(document["lost_pulses"].Size(), 1U);
  EXPECT_STREQ(document["lost_pulses"][0]["side"].GetString(), "left");
  EXPECT_EQ(document["lost_pulses"][0]["count"].GetUint(), 4U);
}

TEST(Told, EdgesThatARuleMadeWaitAreCounted) {
  constexpr const char* kTwoValves = R"({"takt":1,"outputs":[{"id":"hot"},{"id":"cold"}],
      "interlocks":[{"never_together":["hot","cold"],"dead_time":"100ms"}],
      "phases":[{"name":"a","components":[{"output":"hot","on":"2s","pause":"1s"}]},
                {"name":"b","components":[{"output":"cold","on":"2s"}]}]})";
  const Outcome whole = takt({"play", "-", "--virtual", "--json"}, kTwoValves);
  EXPECT_EQ(whole.json()["withheld"].GetUint(), 0U);
  const Outcome cut = takt({"play", "-", "--virtual", "--json", "--at", "1s=skip"}, kTwoValves);
  EXPECT_EQ(cut.json()["withheld"].GetUint(), 1U);
  EXPECT_THAT(takt({"play", "-", "--virtual", "--at", "1s=skip"}, kTwoValves).out,
              HasSubstr("Withheld   1 edge for as long as a rule asked\n"));
}

TEST(Told, EdgesOfTwoSidesBeyondTheToleranceAreCounted) {
  const auto play = [](const std::vector<std::string>& words) {
    std::vector<std::string> all{"play", "examples/bilateral.json", "--json", "--at", "3s=stop"};
    all.insert(all.end(), words.begin(), words.end());
    return takt(all).json();
  };
  const rapidjson::Document exact = play({"--virtual", "--tolerance", "0"});
  EXPECT_EQ(exact["beyond_tolerance"]["count"].GetUint(), 0U);
  EXPECT_TRUE(exact["beyond_tolerance"]["first_us"].IsNull());
  // Every real wake-up is late by some microseconds.
  const rapidjson::Document real = play({"--tolerance", "0"});
  ASSERT_GT(real["beyond_tolerance"]["count"].GetUint(), 0U);
  EXPECT_GE(real["beyond_tolerance"]["first_us"].GetInt64(), 0);
  EXPECT_LT(real["beyond_tolerance"]["first_us"].GetInt64(), 3'000'000);
}

}  // namespace
}  // namespace takt::testing
