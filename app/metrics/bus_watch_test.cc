// SPDX-License-Identifier: Apache-2.0
#include "takt/app/metrics/bus_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/support/bus_snapshot.h"

namespace takt {
namespace {

using bus::at;
using ::testing::HasSubstr;

class Watching : public bus::BusSnapshotTest {};

TEST_F(Watching, EachSubjectIsSpokenOfOnceInTenSeconds) {
  BusWatch watch;
  std::string text;
  TextInto log{text};
  const auto lines = [&] { return std::count(text.begin(), text.end(), '\n'); };
  watch.report(snapshot(), at(0), log);
  EXPECT_EQ(lines(), 0);
  for (std::uint32_t i = 0; i < 100; ++i) static_cast<void>(rig_.publish(i));
  for (std::int64_t i = 1; i < 10; ++i) watch.report(snapshot(), at(i * 1'000'000), log);
  EXPECT_EQ(lines(), 2) << text;
  EXPECT_THAT(text, HasSubstr("display lost 96 messages"));
  EXPECT_THAT(text, HasSubstr("over 75 % full: 4 of 4"));
  static_cast<void>(rig_.publish(0));
  watch.report(snapshot(), at(11'000'000), log);
  EXPECT_THAT(text, HasSubstr("display lost 1 messages"));
}

}  // namespace
}  // namespace takt
