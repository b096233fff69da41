// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/text.h"

#include <gtest/gtest.h>

#include "takt/core/base/utf8.h"

namespace takt {
namespace {

TEST(Text, TimesAreWrittenInTheUnitsThatPeopleUse) {
  EXPECT_EQ(readable(seconds(54)), "54.000 s");
  EXPECT_EQ(readable(millis(427'200)), "7 min 7.200 s");
  EXPECT_EQ(readable(seconds(7'204)), "2 h 0 min 4.000 s");
  EXPECT_EQ(readable(seconds(90'000)), "1 d 1 h 0 min 0.000 s");
  EXPECT_EQ(readable(Micros{250}), "0.000250 s");
  EXPECT_EQ(clock_text(millis(427'250)), "7:07.2");
  EXPECT_EQ(clock_text(seconds(7'204)), "2:00:04.0");
}

TEST(Text, LargeNumbersHaveCommas) {
  EXPECT_EQ(with_commas(0), "0");
  EXPECT_EQ(with_commas(999), "999");
  EXPECT_EQ(with_commas(1'602), "1,602");
  EXPECT_EQ(with_commas(10'000'000), "10,000,000");
  EXPECT_EQ(counted(1, "edge"), "1 edge");
  EXPECT_EQ(counted(2, "edge"), "2 edges");
}

TEST(Text, PrintableTextIsUtf8WithoutControls) {
  EXPECT_EQ(printable("Spülen"), "Spülen");
  EXPECT_EQ(printable("a\x1b[31mb\xff"), "a?[31mb?");
  EXPECT_EQ(printable("\xc2\x9b"), "?");
  for (unsigned first = 0; first < 256; ++first) {
    for (unsigned second = 0; second < 256; ++second) {
      const std::string text{static_cast<char>(first), static_cast<char>(second)};
      EXPECT_TRUE(is_utf8(printable(text)));
    }
  }
}

TEST(Text, AFittedTextHasItsWidthAndShowsItsCut) {
  EXPECT_EQ(fitted("fill", 6), "fill  ");
  EXPECT_EQ(fitted("Spülen", 6), "Spülen");
  EXPECT_EQ(fitted("Spülgang", 5), "Spül…");
  EXPECT_EQ(fitted("x", 0), "");
}

}  // namespace
}  // namespace takt
