// SPDX-License-Identifier: Apache-2.0
#include "takt/core/base/levels.h"

#include <gtest/gtest.h>

namespace takt {
namespace {

TEST(Levels, TheDefaultIsEverythingOff) {
  const Levels levels;
  for (unsigned i = 0; i < kMaxOutputs; ++i) EXPECT_FALSE(levels.is_on(i)) << i;
  for (const std::uint16_t value : levels.analog) EXPECT_EQ(value, 0);
}

TEST(Levels, EachOutputIsOneBit) {
  for (unsigned i = 0; i < kMaxOutputs; ++i) {
    const Levels levels{.on = std::uint32_t{1} << i};
    for (unsigned k = 0; k < kMaxOutputs; ++k) EXPECT_EQ(levels.is_on(k), i == k) << i << ' ' << k;
  }
}

TEST(Levels, ChangesCountSwitchedAndAnalogOutputsInEitherDirection) {
  const Levels a{.on = 0b0011};
  Levels b{.on = 0b0110};
  b.analog[0] = 1;
  b.analog[kMaxAnalogOutputs - 1] = 65'535;
  EXPECT_EQ(count_changes(a, b), 4U);
  EXPECT_EQ(count_changes(b, a), 4U);
}

TEST(Levels, NoChangesIsTheSameAsEqual) {
  Levels a{.on = 0xFFFF'FFFF};
  EXPECT_EQ(count_changes(a, a), 0U);
  Levels b = a;
  EXPECT_EQ(a, b);
  b.analog[3] = 7;
  EXPECT_NE(a, b);
  EXPECT_EQ(count_changes(a, b), 1U);
}

}  // namespace
}  // namespace takt
