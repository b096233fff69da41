// SPDX-License-Identifier: Apache-2.0
#include "takt/core/base/bits.h"

#include <gtest/gtest.h>

#include <bitset>
#include <random>
#include <set>
#include <vector>

namespace takt {
namespace {

/// Every set of at most two members, the full set, and some others.
std::set<std::uint32_t> sample_sets() {
  std::set<std::uint32_t> sets{0, ~0U};
  for (unsigned i = 0; i < 32; ++i) {
    for (unsigned k = 0; k < 32; ++k) sets.insert(bit(i) | bit(k));
  }
  std::mt19937 random;  // The default seed, so always the same ones.
  for (int i = 0; i < 1'000; ++i) sets.insert(static_cast<std::uint32_t>(random()));
  return sets;
}

TEST(Bits, ASetHasExactlyTheMembersThatItWasMadeOf) {
  for (const std::uint32_t set : sample_sets()) {
    const std::bitset<32> oracle{set};
    std::uint32_t made = 0;
    for (unsigned i = 0; i < 32; ++i) {
      EXPECT_EQ(has(set, i), oracle[i]) << set << ' ' << i;
      if (oracle[i]) made |= bit(i);
    }
    EXPECT_EQ(made, set);
  }
}

TEST(Bits, ALoopOverTheMembersVisitsEachOnceInRisingOrder) {
  for (const std::uint32_t set : sample_sets()) {
    const std::bitset<32> oracle{set};
    std::vector<unsigned> expected;
    for (unsigned i = 0; i < 32; ++i) {
      if (oracle[i]) expected.push_back(i);
    }
    std::vector<unsigned> visited;
    for (const std::uint8_t member : Members{set}) visited.push_back(member);
    ASSERT_EQ(visited, expected) << set;
    EXPECT_EQ(count_few(set), expected.size());
    if (expected.empty()) continue;
    EXPECT_EQ(lowest(set), expected.front());
    EXPECT_EQ(without_lowest(set) | bit(lowest(set)), set);
    EXPECT_FALSE(has(without_lowest(set), lowest(set)));
  }
}

TEST(Bits, TheEmptySetStaysEmpty) { EXPECT_EQ(without_lowest(0), 0U); }

TEST(Bits, WordsOfAnyWidthAreSets) {
  EXPECT_TRUE(has(std::uint8_t{0x80}, 7));
  EXPECT_TRUE(has(std::uint64_t{1} << 63U, 63));
  EXPECT_FALSE(has(std::uint64_t{1} << 63U, 62));
}

}  // namespace
}  // namespace takt
