// SPDX-License-Identifier: Apache-2.0
#include "takt/core/playback/lateness.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace takt {
namespace {

TEST(Lateness, OfNothingIsZero) {
  const LatenessFigures figures = LatenessHistogram{}.figures();
  EXPECT_EQ(figures.frames, 0U);
  EXPECT_EQ(figures.p99, Micros{0});
}

TEST(Lateness, PercentilesAreNeverTooLowAndAtMostTwiceTooHigh) {
  std::mt19937 random{3};
  LatenessHistogram histogram;
  std::vector<std::int64_t> all;
  for (int i = 0; i < 10'000; ++i) {
    all.push_back(static_cast<std::int64_t>(random() >> (random() % 32)));
    histogram.add(Micros{all.back()});
  }
  std::sort(all.begin(), all.end());
  const LatenessFigures figures = histogram.figures();
  EXPECT_EQ(figures.frames, all.size());
  EXPECT_EQ(figures.max.count(), all.back());
  EXPECT_GE(figures.p50.count(), all[all.size() / 2 - 1]);
  EXPECT_LE(figures.p50.count(), 2 * all[all.size() / 2 - 1] + 1);
  EXPECT_GE(figures.p99.count(), all[all.size() * 99 / 100 - 1]);
  EXPECT_LE(figures.p99.count(), 2 * all[all.size() * 99 / 100 - 1] + 1);
}

TEST(Lateness, BeyondTheLastBucketIsCountedThere) {
  LatenessHistogram histogram;
  histogram.add(seconds(100'000));
  EXPECT_EQ(histogram.count(LatenessHistogram::kBuckets - 1), 1U);
  EXPECT_EQ(histogram.figures().max.count(), 0xFFFFFFFF);
}

}  // namespace
}  // namespace takt
