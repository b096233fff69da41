// SPDX-License-Identifier: Apache-2.0
#include "takt/core/sync/replay_window.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace takt::sync {
namespace {

TEST(ReplayWindow, TakesNothingTwiceAndAllThatIsFresh) {
  std::mt19937 random{5};
  ReplayWindow window;
  std::set<std::uint32_t> taken;
  std::uint32_t newest = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::uint32_t base = newest > 80 ? newest - 80 : 0;
    const auto ahead = static_cast<std::uint32_t>(random() % (random() % 50 == 0 ? 300 : 84));
    const std::uint32_t sequence = base + ahead + 1;
    const bool fresh = taken.count(sequence) == 0 && (sequence > newest || newest - sequence < 64);
    ASSERT_EQ(window.take(sequence), fresh) << sequence << " of " << newest;
    taken.insert(sequence);
    newest = std::max(newest, sequence);
    ASSERT_EQ(window.newest(), newest);
  }
}

}  // namespace
}  // namespace takt::sync
