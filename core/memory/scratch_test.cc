// SPDX-License-Identifier: Apache-2.0
#include "core/memory/scratch.h"

#include <gtest/gtest.h>

#include <array>

namespace takt {
namespace {

TEST(Scratch, IsNeverLentToTwo) {
  std::array<std::byte, 100> storage;
  Scratch scratch(storage);
  {
    auto lease = scratch.lease(60);
    ASSERT_TRUE(lease.ok());
    EXPECT_EQ(lease.value().bytes().size(), 60U);
    EXPECT_EQ(scratch.lease(10).status(), Status::kBusy);
  }
  EXPECT_TRUE(scratch.lease(100).ok());
  EXPECT_EQ(scratch.refusals(), 1U);
}

TEST(Scratch, SaysHowMuchWouldHaveBeenNeeded) {
  std::array<std::byte, 100> storage;
  Scratch scratch(storage);
  EXPECT_EQ(scratch.lease(250).status(), Status::kTooLarge);
  EXPECT_EQ(scratch.high_water(), 250U);
  EXPECT_TRUE(scratch.lease(100).ok());
}

}  // namespace
}  // namespace takt
