// SPDX-License-Identifier: Apache-2.0
#include "takt/app/metrics/sizing_text.h"

#include <gtest/gtest.h>

namespace takt {
namespace {

TEST(SizingText, ComesFromAFileWholeOrNotAtAll) {
  bus::Sizing sizing;
  EXPECT_EQ(load_sizing("# traffic of the lidar\n\nfanout = 0.5\r\nconcurrency=4\n", sizing),
            Status::kOk);
  EXPECT_EQ(sizing.entries_for(18), 36U);
  unsigned line = 0;
  EXPECT_EQ(load_sizing("fanout = 1\nleast = 9\nmost = 3\n", sizing, &line), Status::kOutOfRange);
  EXPECT_EQ(line, 3U);
  EXPECT_EQ(load_sizing("fan = 1", sizing), Status::kUnsupported);
  EXPECT_EQ(load_sizing("fanout = 1.2345", sizing), Status::kOutOfRange);
  EXPECT_EQ(sizing.entries_for(18), 36U);
}

}  // namespace
}  // namespace takt
