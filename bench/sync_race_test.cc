// SPDX-License-Identifier: Apache-2.0
#include "bench/sync_race.h"

#include <gtest/gtest.h>

namespace takt::bench {
namespace {

// Fewer than `takt bench sync` has: under a sanitizer those take a minute.
SyncError race(double ppm, Rival rival) { return run_race({.ppm = ppm, .seeds = 20}, rival); }

void expect_better(double ppm, double p99, double holdover) {
  const SyncError takt = race(ppm, Rival::kTakt);
  const SyncError median = race(ppm, Rival::kMedian);
  const SyncError beacons = race(ppm, Rival::kBeacons);
  EXPECT_GE(median.p99_us / takt.p99_us, p99);
  EXPECT_GE(median.holdover_us / takt.holdover_us, holdover);
  EXPECT_GE(beacons.p99_us / takt.p99_us, p99);
  EXPECT_GE(beacons.holdover_us / takt.holdover_us, holdover * 0.8);
}

TEST(SyncRace, IsNeverWorseWhereClocksHardlyDiffer) { expect_better(2, 1, 1); }
TEST(SyncRace, IsSeveralTimesBetterThanRivalsWithoutASlopeAtTenPartsInAMillion) {
  expect_better(10, 10, 7);
}
TEST(SyncRace, IsThirtyTimesBetterThanRivalsWithoutASlopeAtForty) { expect_better(40, 35, 30); }

// The line knows the difference of the clocks, so what is left of the lead does not depend on it.
TEST(SyncRace, IsTwiceAsGoodAsALineThroughMediansWhateverTheClocks) {
  for (const double ppm : {2.0, 10.0, 40.0}) {
    SCOPED_TRACE(ppm);
    const SyncError takt = race(ppm, Rival::kTakt);
    const SyncError line = race(ppm, Rival::kMedianLine);
    EXPECT_GE(line.p99_us / takt.p99_us, 2);
    EXPECT_GE(line.holdover_us / takt.holdover_us, 1.3);
    EXPECT_LE(line.p99_us / takt.p99_us, 3) << "the rival has become weaker";
  }
}

TEST(SyncRace, TaktSendsNoMoreMessages) {
  for (const Rival rival : kRivals) {
    EXPECT_LE(messages_per_minute(Rival::kTakt), messages_per_minute(rival));
  }
}

}  // namespace
}  // namespace takt::bench
