// SPDX-License-Identifier: Apache-2.0
#include "takt/app/metrics/bus_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <string>

#include "tests/support/bus_snapshot.h"

namespace takt {
namespace {

using ::testing::HasSubstr;

class BusReport : public bus::BusSnapshotTest {
 protected:
  /// What the console answers; empty if it knows no such words.
  std::string said(std::string_view words) {
    std::string text;
    TextInto out{text};
    const Status status = run_bus_command(words, snapshot(), out);
    EXPECT_EQ(status == Status::kOk, !text.empty());
    return text;
  }
};

TEST_F(BusReport, AllThreeFormsSayTheSame) {
  static_cast<void>(rig_.publish(1));
  const std::string prometheus = said("prometheus");
  EXPECT_THAT(said("json"),
              HasSubstr(R"("module":"display","lane":"normal","depth":4,"length":1)"));
  EXPECT_THAT(prometheus, HasSubstr("# TYPE takt_bus_queue_length gauge\n"
                                    "takt_bus_queue_length{queue=\"0\",module=\"display\"} 1\n"));
  EXPECT_THAT(prometheus, HasSubstr("le=\"0.000004\"} 0\n"));
  EXPECT_THAT(said(""), HasSubstr("module=\"display\""));
}

TEST_F(BusReport, OtherWordsAreRefused) { EXPECT_EQ(said("xml"), ""); }

TEST_F(BusReport, TheJsonIsOneObjectWithEveryPartOfTheSnapshot) {
  ASSERT_EQ(rig_.registry.open(bus::kOther, {.quota = 3}), Status::kOk);
  for (std::uint32_t i = 0; i < 6; ++i) static_cast<void>(rig_.publish(i));
  rapidjson::Document read;
  read.Parse(said("json").c_str());
  ASSERT_TRUE(read.IsObject());
  const bus::Snapshot& figures = snapshot();
  EXPECT_EQ(read["pool"].Size(), figures.size_count);
  EXPECT_EQ(read["queues"].Size(), 1U);
  EXPECT_EQ(read["queues"][0]["dropped"].GetUint(), 2U);
  EXPECT_EQ(read["queues"][0]["age"].Size(), bus::Histogram::kBuckets);
  EXPECT_EQ(read["modules"].Size(), 1U);
  EXPECT_TRUE(read["modules"][0]["ready"].GetBool());
  EXPECT_EQ(read["topics"].Size(), figures.topic_count);
  EXPECT_STREQ(read["topics"][1]["topic"].GetString(), "other");
  EXPECT_EQ(read["topics"][1]["quota"].GetUint(), 3U);
  EXPECT_EQ(read["faults"]["stale_reads"].GetUint(), 0U);
}

}  // namespace
}  // namespace takt
