// SPDX-License-Identifier: Apache-2.0
#include "takt/core/bus/ring.h"

#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <random>

namespace takt::bus {
namespace {

template <std::size_t kCells>
struct TestRing {
  std::array<Ring::Cell, kCells> cells;
  Ring ring;

  TestRing(std::uint32_t depth, bool shared) {
    ring.use(cells, shared);
    ring.set_depth(depth);
    ring.open();
  }
};

TEST(Ring, BehavesLikeABoundedQueueAtEveryDepth) {
  for (const bool shared : {false, true}) {
    for (std::uint32_t depth = 1; depth <= 8; ++depth) {
      TestRing<8> test(depth, shared);
      std::deque<std::uint32_t> shadow;
      std::mt19937 random(depth);
      for (std::uint32_t i = 1; i < 5'000; ++i) {
        if (random() % 2 == 0) {
          const bool fits = shadow.size() < depth;
          ASSERT_EQ(test.ring.push(Handle{i}), fits ? Ring::Push::kDone : Ring::Push::kFull);
          if (fits) shadow.push_back(i);
        } else {
          const std::uint32_t front = shadow.empty() ? 0 : shadow.front();
          ASSERT_EQ(test.ring.pop().word(), front);
          if (!shadow.empty()) shadow.pop_front();
        }
        ASSERT_EQ(test.ring.length(), shadow.size());
      }
    }
  }
}

TEST(Ring, NothingEntersAClosedRingAndWhatIsInsideComesOut) {
  TestRing<4> test(4, true);
  ASSERT_EQ(test.ring.push(Handle{1}), Ring::Push::kDone);
  test.ring.close();
  EXPECT_EQ(test.ring.push(Handle{2}), Ring::Push::kClosed);
  EXPECT_FALSE(test.ring.drained());
  EXPECT_EQ(test.ring.pop().word(), 1U);
  EXPECT_TRUE(test.ring.drained());
  test.ring.open();
  EXPECT_EQ(test.ring.push(Handle{3}), Ring::Push::kDone);
  EXPECT_EQ(test.ring.pop().word(), 3U);
}

TEST(Ring, ANewRingIsClosed) {
  Ring ring;
  EXPECT_EQ(ring.push(Handle{1}), Ring::Push::kClosed);
}

}  // namespace
}  // namespace takt::bus
