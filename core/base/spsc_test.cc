// SPDX-License-Identifier: Apache-2.0
#include "takt/core/base/spsc.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <thread>

#include "takt/core/base/shared_counter.h"

namespace takt {
namespace {

TEST(SpscQueue, BehavesAsABoundedQueue) {
  SpscQueue<int, 4> queue;
  std::deque<int> shadow;
  std::mt19937 random{5};
  for (int i = 0; i < 10'000; ++i) {
    if (random() % 2 == 0) {
      ASSERT_EQ(queue.push(i), shadow.size() < 4);
      if (shadow.size() < 4) shadow.push_back(i);
    } else {
      int item = -1;
      ASSERT_EQ(queue.pop(item), !shadow.empty());
      ASSERT_EQ(item, shadow.empty() ? -1 : shadow.front());
      if (!shadow.empty()) shadow.pop_front();
    }
  }
}

TEST(SpscQueue, LosesNothingBetweenTwoThreads) {
  constexpr int kItems = 20'000;
  SpscQueue<int, 8> queue;
  std::thread producer{[&queue] {
    for (int i = 0; i < kItems;) {
      if (queue.push(i)) {
        ++i;
      } else {
        std::this_thread::yield();
      }
    }
  }};
  int expected = 0;
  for (int item = 0; expected < kItems;) {
    if (!queue.pop(item)) {
      std::this_thread::yield();
      continue;
    }
    ASSERT_EQ(item, expected++);
  }
  producer.join();
}

TEST(SharedCounter, IsNeverReadInTheMiddleOfACarry) {
  SharedCounter counter;
  constexpr std::uint32_t kStep = 0x60000000;  // A carry at about every third addition.
  constexpr std::uint64_t kSteps = 200'000;
  std::thread writer{[&counter] {
    for (std::uint64_t i = 0; i < kSteps; ++i) counter.add(kStep);
  }};
  std::uint64_t last = 0;
  while (last < kSteps * kStep) {
    const std::uint64_t now = counter.read();
    ASSERT_GE(now, last);
    ASSERT_EQ(now % kStep, 0U);
    last = now;
  }
  writer.join();
}

}  // namespace
}  // namespace takt
