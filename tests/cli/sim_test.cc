// SPDX-License-Identifier: Apache-2.0
// Simulated sessions, and the comparison of clocks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/run.h"

namespace takt::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
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
  EXPECT_THAT(
      keys_of(json),
      ElementsAre("sessions", "seed", "overlaps", "bound_samples", "dishonest_bounds", "changes",
                  "non_atomic_changes", "unrecovered", "edge_error_us", "start_skew_us", "settle_s",
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

TEST(Bench, ComparesClocksAndKeepsItsRatios) {
  const Outcome outcome = takt({"bench", "sync", "--json"});
  EXPECT_EQ(outcome.exit, 0);
  const auto json = outcome.json();
  EXPECT_EQ(json["runs"].Size(), 9U);
  EXPECT_GE(json["ratios"]["2"]["holdover_vs_median"].GetDouble(), 1);
  EXPECT_GE(json["ratios"]["10"]["p99_vs_median"].GetDouble(), 10);
  EXPECT_GE(json["ratios"]["40"]["p99_vs_median"].GetDouble(), 35);
}

}  // namespace
}  // namespace takt::testing
