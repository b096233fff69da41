// SPDX-License-Identifier: Apache-2.0
// Simulated sessions, and the comparison of clocks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "tests/cli/run.h"

namespace takt::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

std::vector<std::string> keys_of(const rapidjson::Value& object) {
  std::vector<std::string> keys;
  for (const auto& member : object.GetObject()) keys.emplace_back(member.name.GetString());
  return keys;
}

TEST(Sim, SaysWhatIsPromised) {
  const Outcome outcome = takt({"sim", "pair", "--sessions", "4", "--faults", "all", "--json"});
  EXPECT_EQ(outcome.exit, 0) << outcome.out;
  const auto json = outcome.json();
  EXPECT_THAT(keys_of(json),
              ElementsAre("sessions", "seed", "overlaps", "short_gaps", "bound_samples",
                          "dishonest_bounds", "changes", "non_atomic_changes", "unsafe_silences",
                          "slow_stops", "unrecovered", "edge_error_us", "start_skew_us", "settle_s",
                          "pulse_kept", "realtime_factor", "failing_seeds"));
  for (const char* const name : {"edge_error_us", "start_skew_us", "settle_s"}) {
    EXPECT_THAT(keys_of(json[name]), ElementsAre("p50", "p99", "max"));
  }
  EXPECT_THAT(keys_of(json["pulse_kept"]), ElementsAre("p50", "min"));
  EXPECT_EQ(json["sessions"].GetInt(), 4);
  EXPECT_EQ(json["overlaps"].GetInt(), 0);
  EXPECT_EQ(json["failing_seeds"].Size(), 0U);
}

TEST(Sim, IsTheSameForTheSameSeedAndAnotherForAnother) {
  const auto of = [](const std::string& seed) {
    const auto json =
        takt({"sim", "pair", "--sessions", "2", "--seed", seed, "--link", "ble", "--json"}).json();
    return std::pair{json["bound_samples"].GetInt(), json["edge_error_us"]["max"].GetDouble()};
  };
  EXPECT_EQ(of("7"), of("7"));
  EXPECT_NE(of("7"), of("8"));
}

TEST(Sim, ASessionIsAsLongAsItsSeedSaysOrAsTheCall) {
  const Folder folder;
  const auto span_of = [&folder](const std::string& seed, const std::string& minutes) {
    const Outcome outcome = takt({"sim", "pair", "--sessions", "1", "--seed", seed, "--faults",
                                  "none", "--minutes", minutes, "--record", folder.path("")});
    EXPECT_EQ(outcome.exit, 0) << outcome.err;
    return takt({"sim", "check", folder.path("left.csv"), folder.path("right.csv"), "--json"})
               .json()["span_s"]
               .GetDouble() /
           60;
  };
  EXPECT_NEAR(span_of("3", "4"), 4, 0.1);
  EXPECT_NEAR(span_of("4", "90"), 90, 0.1);
  const double third = span_of("3", "20..30");
  const double fourth = span_of("4", "20..30");
  EXPECT_GT(std::min(third, fourth), 19.9);
  EXPECT_LE(std::max(third, fourth), 30);
  EXPECT_GT(std::abs(third - fourth), 0.1);
  EXPECT_EQ(span_of("4", "20..30"), fourth);
}

TEST(Sim, WritesAWaveformOfBothDevices) {
  const Folder folder;
  const std::string path = folder.path("out.vcd");
  ASSERT_EQ(takt({"sim", "pair", "--sessions", "1", "--trace", path}).exit, 0);
  const std::string trace = read_file(path);
  EXPECT_THAT(trace, StartsWith("$timescale 1 us $end"));
  for (const char* const signal : {" left ", " right ", "left_session_ahead_us", "right_bound_us",
                                   "sent_to_left", "arrived_at_right"}) {
    EXPECT_THAT(trace, HasSubstr(signal));
  }
  EXPECT_GT(trace.size(), 100'000U);
  const Outcome nowhere =
      takt({"sim", "pair", "--sessions", "1", "--trace", folder.path("no/out.vcd")});
  EXPECT_EQ(nowhere.exit, 3);
  EXPECT_THAT(nowhere.err, HasSubstr("out.vcd"));
}

/// The records of one simulated session, and what was said of it then.
class RecordedSession {
 public:
  explicit RecordedSession(const std::string& seed, const std::string& link = "espnow")
      : said_(takt({"sim", "pair", "--sessions", "1", "--seed", seed, "--link", link, "--faults",
                    "all", "--json", "--record", folder_.path("")})) {
    EXPECT_EQ(said_.exit, 0) << said_.err;
  }

  std::string left() const { return folder_.path("left.csv"); }
  std::string right() const { return folder_.path("right.csv"); }
  const Folder& folder() const { return folder_; }

  const Outcome& said() const { return said_; }

 private:
  const Folder folder_;
  const Outcome said_;
};

TEST(SimCheck, SaysOfARecordedSessionWhatTheRefereeSaid) {
  for (const char* const link : {"ble", "espnow", "lan"}) {
    for (const char* const seed : {"1", "22", "333"}) {
      SCOPED_TRACE(std::string{link} + ", seed " + seed);
      const RecordedSession session{seed, link};
      const Outcome outcome = takt({"sim", "check", session.left(), session.right(), "--json"});
      EXPECT_EQ(outcome.exit, 0) << outcome.err;
      const auto got = outcome.json();
      const auto said = session.said().json();
      for (const char* const key :
           {"overlaps", "dishonest_bounds", "changes", "non_atomic_changes"}) {
        EXPECT_EQ(got[key].GetInt(), said[key].GetInt()) << key;
      }
      // Readings are whole microseconds on either side.
      EXPECT_NEAR(got["edge_error_us"]["p99"].GetDouble(), said["edge_error_us"]["p99"].GetDouble(),
                  4);
      EXPECT_NEAR(got["pulse_kept"]["p50"].GetDouble(), said["pulse_kept"]["p50"].GetDouble(),
                  1e-3);
      EXPECT_GT(got["bound_samples"].GetInt(), said["bound_samples"].GetInt());
    }
  }
}

TEST(SimCheck, SaysWhatIsPromised) {
  const RecordedSession session{"5"};
  const Outcome outcome = takt({"sim", "check", session.left(), session.right(), "--json"});
  EXPECT_THAT(outcome.err, IsEmpty());
  EXPECT_THAT(keys_of(outcome.json()),
              ElementsAre("sessions", "overlaps", "short_gaps", "bound_samples", "dishonest_bounds",
                          "changes", "non_atomic_changes", "unsafe_silences", "judged_s", "span_s",
                          "unproven", "edge_error_us", "start_skew_us", "settle_s", "pulse_kept",
                          "lost_pulses", "breaches", "cut_off"));
  EXPECT_GT(outcome.json()["judged_s"].GetDouble(), 0.5 * outcome.json()["span_s"].GetDouble());
  EXPECT_FALSE(outcome.json()["unproven"].GetBool());
  const Outcome text = takt({"sim", "check", session.left(), session.right()});
  EXPECT_EQ(text.exit, 0);
  EXPECT_THAT(text.out, HasSubstr("both sides on"));
}

TEST(SimCheck, NamesThePlaceWhereAPromiseWasBroken) {
  const RecordedSession session{"7"};
  // The right side with the output of the left one, and otherwise what it believed itself.
  std::string on = "true_us,event,fields\n0,boot,1\n";
  std::istringstream lines{read_file(session.left())};
  for (std::string line; std::getline(lines, line);) {
    if (line.find(",output,") != std::string::npos) on += line + '\n';
  }
  const std::string right = session.folder().file("on.csv", on);
  const Outcome outcome = takt({"sim", "check", session.left(), right, "--json"});
  EXPECT_EQ(outcome.exit, 1);
  const auto json = outcome.json();
  EXPECT_GT(json["overlaps"].GetInt(), 100);
  ASSERT_EQ(json["breaches"].Size(), 10U);
  const auto& first = json["breaches"][0];
  EXPECT_STREQ(first["what"].GetString(), "both sides on");
  EXPECT_THAT(on, HasSubstr("\n" + std::to_string(first["true_us"].GetInt64()) + ",output,1\n"));
  const Outcome text = takt({"sim", "check", session.left(), right});
  EXPECT_EQ(text.exit, 1);
  EXPECT_THAT(text.out, HasSubstr("at " + std::to_string(first["true_us"].GetInt64()) + " us"));
  EXPECT_THAT(text.out, HasSubstr(" more\n"));
}

TEST(SimCheck, ALineThatWasCutOffIsSaidAndNoFault) {
  const RecordedSession session{"9"};
  std::string cut = read_file(session.right());
  cut.resize(cut.size() / 2);
  cut.resize(cut.rfind(',') + 1);
  const std::string right = session.folder().file("cut.csv", cut);
  const Outcome outcome = takt({"sim", "check", session.left(), right, "--json"});
  EXPECT_EQ(outcome.exit, 0);
  EXPECT_THAT(outcome.err, HasSubstr("cut.csv: the last line was cut off"));
  EXPECT_EQ(outcome.json()["cut_off"].Size(), 1U);
}

TEST(SimCheck, RecordsInWhichHardlyAnythingWasJudgedProveNothing) {
  const RecordedSession session{"9"};
  const Folder& folder = session.folder();
  const std::string header = "true_us,event,fields\n";
  const std::string whole = read_file(session.right());
  const std::string half = whole.substr(0, whole.rfind('\n', whole.size() / 2) + 1);
  const std::string none = folder.file("none.csv", header + "5,boot,1\n9,output,0\n12,out");
  const std::string later = folder.file("later.csv", header + "86400000000,boot,1\n");
  const std::string cut = folder.file("half.csv", half);
  const auto check = [&](const std::string& right, const std::string& least) {
    return takt({"sim", "check", session.left(), right, "--least", least, "--json"});
  };
  for (const std::string& right : {none, later}) {
    const Outcome outcome = takt({"sim", "check", session.left(), right, "--json"});
    EXPECT_EQ(outcome.exit, 1) << right;
    EXPECT_EQ(outcome.json()["judged_s"].GetDouble(), 0);
    EXPECT_TRUE(outcome.json()["unproven"].GetBool());
    EXPECT_THAT(outcome.err, HasSubstr("proves nothing: both were judged for 0.0 s of"));
    EXPECT_THAT(outcome.err, HasSubstr("less than the 25 % of --least"));
    EXPECT_EQ(takt({"sim", "check", session.left(), right}).exit, 1);
    EXPECT_EQ(check(right, "0").exit, 0);
  }
  EXPECT_EQ(check(cut, "25").exit, 0);
  EXPECT_EQ(check(cut, "75").exit, 1);
  EXPECT_EQ(check(session.right(), "75").exit, 0);
}

TEST(SimCheck, WhatIsNoRecordIsAFailureOfTheWorldWithItsPlace) {
  const RecordedSession session{"11"};
  const Folder& folder = session.folder();
  const std::string header = "true_us,event,fields\n";
  const std::vector<std::pair<std::string, std::string>> cases{
      {folder.path("none.csv"), "none.csv: No such file"},
      {folder.file("empty.csv", ""), "empty.csv: there is no event"},
      {folder.file("bare.csv", header), "bare.csv: there is no event"},
      {folder.file("other.csv", "time_us,output,value\n0,x,1\n"), "line 1, column 1"},
      {folder.file("word.csv", header + "5,boot,1\n6,output,on\n"), "line 3, column 10"},
      {folder.file("back.csv", header + "5,boot,1\n4,heard\n"), "line 3, column 1: time goes back"},
      {session.left(), "is the record of the left side, not of the right one"},
      {folder.path(""), "is a directory"},
  };
  for (const auto& [right, part] : cases) {
    SCOPED_TRACE(right);
    const Outcome outcome = takt({"sim", "check", session.left(), right});
    EXPECT_EQ(outcome.exit, 3);
    EXPECT_THAT(outcome.err, HasSubstr(part));
    EXPECT_THAT(outcome.out, IsEmpty());
  }
  const Outcome nowhere =
      takt({"sim", "pair", "--sessions", "1", "--record", folder.file("file", "") + "/no"});
  EXPECT_EQ(nowhere.exit, 3);
  EXPECT_THAT(nowhere.err, HasSubstr("/file/no: Not a directory"));
}

TEST(Bench, ComparesClocksAndKeepsItsRatios) {
  const Outcome outcome = takt({"bench", "sync", "--seeds", "10", "--json"});
  EXPECT_EQ(outcome.exit, 0);
  const auto json = outcome.json();
  EXPECT_EQ(json["runs"].Size(), 12U);
  EXPECT_GE(json["ratios"]["2"]["holdover_vs_median"].GetDouble(), 1);
  EXPECT_GE(json["ratios"]["10"]["p99_vs_median"].GetDouble(), 10);
  EXPECT_GE(json["ratios"]["40"]["p99_vs_median"].GetDouble(), 35);
}

}  // namespace
}  // namespace takt::testing
