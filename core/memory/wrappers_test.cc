// SPDX-License-Identifier: Apache-2.0
#include "takt/core/memory/wrappers.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/memory_device.h"

namespace takt {
namespace {

constexpr Placement kAnywhere = Placement::kPreferExternal;

TEST(Wrappers, CountWhatPasses) {
  TestDevice device;
  CountingAllocator counting(device.memory);
  void* a = counting.allocate({100, kAnywhere, Tag{}});
  void* b = counting.allocate({200, kAnywhere, Tag{}});
  a = counting.reallocate(a, 1'000, kAnywhere, 1);
  EXPECT_EQ(counting.allocate({1 << 30, kAnywhere, Tag{}}), nullptr);
  EXPECT_EQ(counting.requests(), 4U);
  EXPECT_EQ(counting.failures(), 1U);
  EXPECT_EQ(counting.live_blocks(), 2U);
  EXPECT_EQ(counting.live_bytes(), device.memory.usable_size(a) + device.memory.usable_size(b));
  counting.free(a);
  counting.free(b);
  counting.free(nullptr);
  EXPECT_EQ(counting.live_bytes(), 0U);
  EXPECT_GE(counting.peak_bytes(), 1'200U);
}

TEST(Wrappers, CapTheLiveBytes) {
  TestDevice device;
  CountingAllocator counting(device.memory);
  CappedAllocator capped(counting, 1'000);
  void* a = capped.allocate({600, kAnywhere, Tag{}});
  EXPECT_EQ(capped.allocate({600, kAnywhere, Tag{}}), nullptr);
  EXPECT_EQ(counting.requests(), 1U);  // Or it would leave its mark in the minima.
  EXPECT_EQ(capped.reallocate(a, 1'200, kAnywhere, 1), nullptr);
  capped.free(a);
  EXPECT_EQ(capped.live_bytes(), 0U);
  EXPECT_NE(capped.allocate({900, kAnywhere, Tag{}}), nullptr);
}

TEST(Wrappers, FailTheNthAndEveryMultiple) {
  TestDevice device;
  FailingAllocator failing(device.memory, {.nth = 2, .every = 5});
  std::string seen;
  for (int i = 1; i <= 11; ++i) {
    seen += failing.allocate({8, kAnywhere, Tag{}}) == nullptr ? 'x' : '.';
  }
  EXPECT_EQ(seen, ".x..x....x.");
}

}  // namespace
}  // namespace takt
