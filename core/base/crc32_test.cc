// SPDX-License-Identifier: Apache-2.0
#include "takt/core/base/crc32.h"

#include <gtest/gtest.h>

namespace takt {
namespace {

TEST(Crc32, OfPartsIsThatOfTheWhole) {
  constexpr std::string_view kText = "The quick brown fox jumps over the lazy dog";
  static_assert(crc32(kText) == 0x414FA339U);
  for (std::size_t cut = 0; cut <= kText.size(); ++cut) {
    EXPECT_EQ(crc32(kText.substr(cut), crc32(kText.substr(0, cut))), crc32(kText));
  }
}

}  // namespace
}  // namespace takt
