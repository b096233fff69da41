// SPDX-License-Identifier: Apache-2.0
#include "takt/core/base/text_out.h"

#include <gtest/gtest.h>

#include <string>

#include "takt/core/base/text.h"

namespace takt {
namespace {

void speak(TextOut& out) {
  for (const std::string_view piece : {"ab", "", "c\n", "d"}) out.write(piece);
}

TEST(TextOut, PiecesArriveInOrderAndWhole) {
  std::string text = "before ";
  TextInto into{text};
  speak(into);
  EXPECT_EQ(text, "before abc\nd");
}

TEST(TextOut, ATextThatIsTooLongForItsPlaceShowsTheCut) {
  FixedText<5> text;
  TextInto into{text};
  speak(into);
  EXPECT_EQ(text.view(), "abc\nd");
  into.write("e");
  EXPECT_EQ(text.view(), "ab...");
}

}  // namespace
}  // namespace takt
