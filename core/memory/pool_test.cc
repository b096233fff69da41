// SPDX-License-Identifier: Apache-2.0
#include "takt/core/memory/pool.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <random>
#include <set>
#include <utility>
#include <vector>

namespace takt {
namespace {

TEST(BlockPool, HandsOutEachBlockOnceAndCountsWhatItRefuses) {
  alignas(16) std::array<std::byte, 1'024> storage;
  BlockPool pool(storage, 50, 16);
  EXPECT_EQ(pool.block_bytes(), 64U);
  EXPECT_EQ(pool.capacity(), 15U);
  EXPECT_LE(BlockPool::storage_for(15, 50, 16), storage.size());
  std::set<void*> out;
  while (void* block = pool.acquire()) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % 16, 0U);
    std::memset(block, 0xFF, pool.block_bytes());
    EXPECT_TRUE(out.insert(block).second);
  }
  EXPECT_EQ(out.size(), 15U);
  EXPECT_EQ(pool.failures(), 1U);
  for (void* block : out) pool.release(block);
  EXPECT_EQ(pool.in_use(), 0U);
  EXPECT_EQ(pool.peak(), 15U);
}

TEST(BlockPool, NeverLendsABlockTwiceInAnyOrder) {
  std::mt19937 random(3);
  std::vector<std::byte> storage(BlockPool::storage_for(100, 8, 8));
  BlockPool pool(storage, 8, 8);
  ASSERT_EQ(pool.capacity(), 100U);
  std::vector<void*> out;
  std::set<void*> held;
  for (int i = 0; i < 100'000; ++i) {
    if (random() % 2 == 0) {
      if (void* block = pool.acquire()) {
        ASSERT_TRUE(held.insert(block).second);
        out.push_back(block);
      }
    } else if (!out.empty()) {
      std::swap(out[random() % out.size()], out.back());
      held.erase(out.back());
      pool.release(out.back());
      out.pop_back();
    }
    ASSERT_EQ(pool.in_use(), out.size());
  }
}

TEST(BlockPool, ReturningTwiceOrWhatIsNoBlockIsCaught) {
  alignas(8) std::array<std::byte, 256> storage;
  BlockPool pool(storage, 16, 8);
  auto* block = static_cast<std::byte*>(pool.acquire());
  EXPECT_DEATH(pool.release(block + 1), "");
  EXPECT_DEATH(pool.release(storage.data() + storage.size()), "");
  pool.release(block);
  EXPECT_DEATH(pool.release(block), "");
}

}  // namespace
}  // namespace takt
