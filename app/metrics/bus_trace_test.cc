// SPDX-License-Identifier: Apache-2.0
#include "takt/app/metrics/bus_trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <array>
#include <string>
#include <vector>

#include "tests/support/bus_snapshot.h"

namespace takt {
namespace {

using bus::at;
using ::testing::HasSubstr;

class BusTrace : public bus::BusSnapshotTest {};

TEST_F(BusTrace, EachModuleIsAThreadWithASliceForEachMessage) {
  std::array<bus::Trace::Entry, 64> entries;
  bus::Trace trace(entries);
  rig_.registry.set_trace(&trace);
  static_cast<void>(rig_.publish(1, at(10)));
  bus::Consumer consumer = rig_.registry.consumer(id_);
  consumer.finish(consumer.take(at(25)), at(40));
  rig_.registry.set_trace(nullptr);
  std::string text;
  TextInto out{text};
  write_chrome_trace(trace, snapshot(), out);
  EXPECT_THAT(text, HasSubstr(R"("args":{"name":"display"})"));
  EXPECT_THAT(text, HasSubstr(R"({"ph":"B","cat":"bus","name":"handle","pid":1,"tid":1,"ts":25)"));
  rapidjson::Document read;
  read.Parse(text.c_str());
  ASSERT_FALSE(read.HasParseError()) << text;
  std::string phases;
  for (const auto& event : read["traceEvents"].GetArray()) phases += event["ph"].GetString();
  EXPECT_EQ(phases, "MXsiBfE");
  EXPECT_EQ(read["traceEvents"][6]["ts"].GetInt64(), 40);
}

TEST_F(BusTrace, WithoutMessagesItIsStillATrace) {
  std::array<bus::Trace::Entry, 1> entries;
  std::string text;
  TextInto out{text};
  write_chrome_trace(bus::Trace{entries}, bus::Snapshot{}, out);
  rapidjson::Document read;
  read.Parse(text.c_str());
  ASSERT_FALSE(read.HasParseError()) << text;
  EXPECT_TRUE(read["traceEvents"].Empty());
}

}  // namespace
}  // namespace takt
