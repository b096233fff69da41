// SPDX-License-Identifier: Apache-2.0
#include "takt/ports/linux/spin_budget.h"

#include <gtest/gtest.h>

#include <random>

namespace takt {
namespace {

/// Sleeps that overshoot at random, on a grid of deadlines; returns the share of time spent
/// spinning.
double share_of_spinning(std::int64_t period, std::int64_t overshoot, unsigned seed) {
  std::mt19937 random(seed);
  SpinBudget budget;
  std::int64_t now = 0;
  std::int64_t spun = 0;
  constexpr int kDeadlines = 20'000;
  for (std::int64_t due = period; due <= kDeadlines * period; due += period) {
    if (now >= due) continue;
    const std::int64_t margin = budget.margin(now);
    EXPECT_GE(margin, 0);
    EXPECT_LE(margin, SpinBudget::kLongest);
    if (now < due - margin) {
      const std::int64_t late =
          overshoot / 2 + static_cast<std::int64_t>(random()) % (overshoot + 1);
      now = due - margin + late;
      budget.note_sleep(late);
    }
    const std::int64_t spin = std::max<std::int64_t>(due - now, 0);
    budget.note_spin(spin);
    spun += spin;
    now += spin;
  }
  return static_cast<double>(spun) / static_cast<double>(kDeadlines * period);
}

TEST(SpinBudget, SpinningNeverTakesMoreThanATenth) {
  for (const std::int64_t period : {1'000, 10'000, 50'000, 100'000, 1'000'000, 50'000'000}) {
    for (const std::int64_t overshoot : {0, 1'000, 40'000, 90'000, 5'000'000}) {
      EXPECT_LE(share_of_spinning(period, overshoot, 7), 0.1001)
          << "period " << period << ", overshoot " << overshoot;
    }
  }
}

TEST(SpinBudget, QuickSleepsNeedLittleSpinning) {
  EXPECT_LT(share_of_spinning(1'000'000, 2'000, 7), 0.02);
}

TEST(SpinBudget, TheMarginCoversUsualOvershoot) {
  std::mt19937 random(11);
  SpinBudget budget;
  int late = 0;
  std::int64_t now = 0;
  for (int i = 0; i < 10'000; ++i) {
    now += 1'000'000;
    const std::int64_t margin = budget.margin(now);
    const auto overshoot = 20'000 + static_cast<std::int64_t>(random()) % 30'000;
    late += overshoot > margin;
    budget.note_sleep(overshoot);
    budget.note_spin(std::max<std::int64_t>(margin - overshoot, 0));
  }
  EXPECT_LT(late, 300);
}

}  // namespace
}  // namespace takt
