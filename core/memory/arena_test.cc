// SPDX-License-Identifier: Apache-2.0
#include "takt/core/memory/arena.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>

namespace takt {
namespace {

constexpr Placement kAnywhere = Placement::kPreferExternal;

TEST(Arena, AlignsGrowsTheNewestInPlaceAndKeepsItsHighWater) {
  alignas(16) std::array<std::byte, 1'000> storage;
  Arena arena(storage);
  void* first = arena.allocate({10, kAnywhere, Tag{}, 1});
  void* second = arena.allocate({10, kAnywhere, Tag{}, 16});
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(second) % 16, 0U);
  EXPECT_EQ(arena.reallocate(second, 500, kAnywhere, 16), second);
  std::memset(first, 7, 10);
  auto* moved = static_cast<std::byte*>(arena.reallocate(first, 20, kAnywhere, 1));
  ASSERT_NE(moved, nullptr);
  EXPECT_EQ(moved[9], std::byte{7});
  EXPECT_EQ(arena.allocate({2'000, kAnywhere, Tag{}}), nullptr);
  EXPECT_EQ(arena.allocate({SIZE_MAX, kAnywhere, Tag{}}), nullptr);
  EXPECT_EQ(arena.failures(), 2U);
  const std::size_t high = arena.high_water();
  EXPECT_GT(high, 520U);
  arena.reset();
  EXPECT_EQ(arena.used(), 0U);
  EXPECT_EQ(arena.high_water(), high);
}

TEST(Arena, FreeingTheNewestGivesItsRoomBack) {
  alignas(16) std::array<std::byte, 100> storage;
  Arena arena(storage);
  for (int i = 0; i < 1'000; ++i) {
    void* block = arena.allocate({80, kAnywhere, Tag{}});
    ASSERT_NE(block, nullptr);
    arena.free(block);
  }
}

}  // namespace
}  // namespace takt
