// SPDX-License-Identifier: Apache-2.0
#include "takt/core/base/text.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace takt {
namespace {

TEST(FixedText, HoldsWhatFits) {
  FixedText<8> text{"ab"};
  text.append("cd").append(-12);
  EXPECT_EQ(text.view(), "abcd-12");
}

TEST(FixedText, ShowsWhereItWasCut) {
  FixedText<8> text{"abcdefghi"};
  EXPECT_EQ(text.view(), "abcde...");
}

TEST(FixedText, ExactlyFullIsNotCut) {
  FixedText<8> text{"abcdefgh"};
  EXPECT_EQ(text.view(), "abcdefgh");
}

TEST(FixedText, NeverCutsInsideACharacter) {
  for (std::size_t before = 0; before < 8; ++before) {
    const FixedText<8> text{std::string(before, 'a') + "\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC"};
    const std::string_view kept = text.view().substr(0, text.view().size() - 3);
    const std::string_view euros = kept.substr(std::min(before, kept.size()));
    EXPECT_EQ(euros.size() % 3, 0U) << text.view();
  }
}

TEST(FixedText, PrintsEveryNumber) {
  for (const std::int64_t number :
       {std::int64_t{0}, std::int64_t{7}, std::int64_t{-7}, std::int64_t{1234567890123},
        std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
    EXPECT_EQ(FixedText<32>{}.append(number).view(), std::to_string(number));
  }
}

}  // namespace
}  // namespace takt
