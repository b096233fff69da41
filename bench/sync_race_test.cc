// SPDX-License-Identifier: Apache-2.0
#include "bench/sync_race.h"

#include <gtest/gtest.h>

namespace takt::bench {
namespace {

// Ratios that takt is sold with; ten seeds as in the published comparison.
void expect_better(double ppm, double p99, double holdover) {
  const SyncError takt = run_race({.ppm = ppm}, Rival::kTakt);
  const SyncError median = run_race({.ppm = ppm}, Rival::kMedian);
  const SyncError beacons = run_race({.ppm = ppm}, Rival::kBeacons);
  EXPECT_GE(median.p99_us / takt.p99_us, p99);
  EXPECT_GE(median.holdover_us / takt.holdover_us, holdover);
  EXPECT_GE(beacons.p99_us / takt.p99_us, p99);
  EXPECT_GE(beacons.holdover_us / takt.holdover_us, holdover * 0.8);
}

TEST(SyncRace, IsNeverWorseWhereClocksHardlyDiffer) { expect_better(2, 1, 1); }
TEST(SyncRace, IsTenTimesBetterAtTenPartsInAMillion) { expect_better(10, 10, 10); }
TEST(SyncRace, IsThirtyFiveTimesBetterAtForty) { expect_better(40, 35, 40); }

TEST(SyncRace, TaktSendsNoMoreMessages) {
  for (const Rival rival : kRivals) {
    EXPECT_LE(messages_per_minute(Rival::kTakt), messages_per_minute(rival));
  }
}

}  // namespace
}  // namespace takt::bench
