// SPDX-License-Identifier: Apache-2.0
#include "takt/core/base/clock_map.h"

#include <gtest/gtest.h>

#include <random>

namespace takt {
namespace {

constexpr unsigned kSeed = 20'261'121;
constexpr int kRounds = 10'000;

class Maps {
 public:
  ClockMap map() {
    return {instant(), SessionTime{instant().since_zero()},
            static_cast<std::int32_t>(between(-ClockMap::kMaxRatePpb, ClockMap::kMaxRatePpb)),
            static_cast<std::uint32_t>(between(0, 1'000'000)), Micros{between(0, 100'000)}};
  }
  LocalTime instant() { return LocalTime{Micros{between(-kFar, kFar)}}; }
  /// Short and long ones alike.
  Micros length() { return Micros{between(0, kFar) >> between(0, 60)}; }

  std::int64_t between(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution{low, high}(random_);
  }

 private:
  static constexpr std::int64_t kFar = 1'000'000'000'000'000'000;  // 30,000 years.
  std::mt19937_64 random_{kSeed};
};

TEST(ClockMap, WithoutAPeerBothClocksAreOneForCertain) {
  Maps maps;
  const ClockMap alone;
  for (int i = 0; i < kRounds; ++i) {
    const LocalTime at = maps.instant();
    EXPECT_EQ(alone.session_at(at).since_zero(), at.since_zero());
    EXPECT_EQ(alone.local_at(alone.session_at(at)), at);
    EXPECT_EQ(alone.bound_at(at), Micros{0});
  }
}

TEST(ClockMap, GoesThroughItsAnchors) {
  Maps maps;
  for (int i = 0; i < kRounds; ++i) {
    const ClockMap map = maps.map();
    EXPECT_EQ(map.session_at(map.local), map.session);
    EXPECT_EQ(map.local_at(map.session), map.local);
    EXPECT_EQ(map.bound_at(map.local), map.bound);
  }
}

TEST(ClockMap, NeverGoesBackInEitherDirection) {
  Maps maps;
  for (int i = 0; i < kRounds; ++i) {
    const ClockMap map = maps.map();
    const LocalTime at = maps.instant();
    const Micros step = maps.length();
    EXPECT_LE(map.session_at(at), map.session_at(at + step));
    EXPECT_LE(map.session_at(at), map.session_at(at + Micros{1}));
    const SessionTime then{at.since_zero()};
    EXPECT_LE(map.local_at(then), map.local_at(then + step));
    EXPECT_LE(map.local_at(then), map.local_at(then + Micros{1}));
  }
}

TEST(ClockMap, BothDirectionsUndoEachOtherToAMicrosecond) {
  Maps maps;
  for (int i = 0; i < kRounds; ++i) {
    const ClockMap map = maps.map();
    const LocalTime at = maps.instant();
    const Micros early = at - map.local_at(map.session_at(at));
    EXPECT_TRUE(early == Micros{0} || early == Micros{1}) << early.count();
    const SessionTime then{maps.instant().since_zero()};
    const Micros late = map.session_at(map.local_at(then)) - then;
    EXPECT_TRUE(late == Micros{0} || late == Micros{1}) << late.count();
  }
}

TEST(ClockMap, LocalTimeIsTheFirstAtWhichTheSessionIsThere) {
  Maps maps;
  for (int i = 0; i < kRounds; ++i) {
    const ClockMap map = maps.map();
    const SessionTime then{maps.instant().since_zero()};
    EXPECT_GE(map.session_at(map.local_at(then)), then);
    EXPECT_LT(map.session_at(map.local_at(then) - Micros{1}), then);
  }
}

TEST(ClockMap, RateIsPartsInABillionOfElapsedTime) {
  constexpr ClockMap kFast{LocalTime{}, SessionTime{}, 40'000, 0, Micros{0}};
  static_assert(kFast.session_at(LocalTime{seconds(1'000)}) ==
                SessionTime{seconds(1'000) + millis(40)});
  static_assert(kFast.session_at(LocalTime{seconds(-1'000)}) ==
                SessionTime{seconds(-1'000) - millis(40)});
}

TEST(ClockMap, BoundGrowsWithTheDistanceFromTheAnchorAndRoundsUp) {
  constexpr ClockMap kMap{LocalTime{seconds(10)}, SessionTime{}, 0, 2'000, Micros{50}};
  static_assert(kMap.bound_at(LocalTime{seconds(10)}) == Micros{50});
  static_assert(kMap.bound_at(LocalTime{seconds(20)}) == Micros{70});
  static_assert(kMap.bound_at(LocalTime{seconds(0)}) == Micros{70});
  static_assert(kMap.bound_at(LocalTime{seconds(10) + Micros{1}}) == Micros{51});
}

TEST(ClockMap, NeverStaysNever) {
  Maps maps;
  for (int i = 0; i < 100; ++i) {
    const ClockMap map = maps.map();
    EXPECT_EQ(map.session_at(kNever), SessionTime::max());
    EXPECT_EQ(map.local_at(SessionTime::max()), kNever);
  }
}

}  // namespace
}  // namespace takt
