// SPDX-License-Identifier: Apache-2.0
#include "takt/core/memory/scratch.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <span>
#include <thread>
#include <vector>

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

TEST(Scratch, OfManyTasksOneHasIt) {
  unsigned unguarded = 0;  // But for the lease.
  Scratch scratch(std::as_writable_bytes(std::span(&unguarded, 1)));
  std::atomic<unsigned> leases{0};
  std::atomic<unsigned> refusals{0};
  const auto work = [&] {
    for (int i = 0; i < 20'000; ++i) {
      const auto lease = scratch.lease(sizeof unguarded);
      if (lease.ok()) {
        ++unguarded;
        ++leases;
      } else {
        ++refusals;
      }
    }
  };
  {
    std::vector<std::jthread> tasks;
    for (int i = 0; i < 4; ++i) tasks.emplace_back(work);
  }
  EXPECT_EQ(unguarded, leases);
  EXPECT_EQ(scratch.refusals(), refusals);
  EXPECT_EQ(leases + refusals, 80'000U);
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
