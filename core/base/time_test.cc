// SPDX-License-Identifier: Apache-2.0
#include "takt/core/base/time.h"

#include <gtest/gtest.h>

#include <random>
#include <type_traits>

namespace takt {
namespace {

// Instants and durations up to about 30,000 years: sums of three stay in range.
class Times {
 public:
  explicit Times(unsigned seed) : random_(seed) {}

  Micros duration() { return Micros{range_(random_)}; }
  LocalTime instant() { return LocalTime{duration()}; }

 private:
  std::mt19937_64 random_;
  std::uniform_int_distribution<std::int64_t> range_{-1'000'000'000'000'000'000,
                                                     1'000'000'000'000'000'000};
};

constexpr unsigned kSeed = 20'240'607;
constexpr int kRounds = 1'000;

TEST(Micros, UnitsAgree) {
  EXPECT_EQ(millis(1), Micros{1'000});
  EXPECT_EQ(seconds(1), millis(1'000));
  EXPECT_EQ(Micros{}, Micros{0});
}

TEST(Micros, AdditionIsUndoneBySubtractionAndOrderFollowsIt) {
  Times times{kSeed};
  for (int i = 0; i < kRounds; ++i) {
    const Micros a = times.duration();
    const Micros b = times.duration();
    EXPECT_EQ(a + b - b, a);
    EXPECT_EQ(a + b, b + a);
    EXPECT_EQ(a - b, -(b - a));
    EXPECT_EQ(a < b, (a - b).count() < 0);
  }
}

TEST(Micros, QuotientAndRemainderRebuildTheDividend) {
  Times times{kSeed};
  for (int i = 0; i < kRounds; ++i) {
    const Micros a = times.duration();
    const Micros b = times.duration();
    if (b == Micros{0}) continue;
    EXPECT_EQ((a / b) * b + a % b, a);
  }
}

TEST(Micros, MultiplicationIsRepeatedAdditionFromEitherSide) {
  Micros sum;
  for (int k = 0; k < 10; ++k) {
    EXPECT_EQ(millis(7) * k, sum);
    EXPECT_EQ(k * millis(7), sum);
    sum += millis(7);
  }
  EXPECT_EQ(sum / 10, millis(7));
  EXPECT_EQ(sum / millis(7), 10);
}

TEST(TimePoint, MovingByTheDistanceArrives) {
  Times times{kSeed};
  for (int i = 0; i < kRounds; ++i) {
    const LocalTime a = times.instant();
    const LocalTime b = times.instant();
    EXPECT_EQ(a + (b - a), b);
    EXPECT_EQ(b - (b - a), a);
    EXPECT_EQ(b > a, (b - a).count() > 0);
  }
}

TEST(TimePoint, NothingIsLaterThanNever) {
  EXPECT_EQ(kNever, LocalTime::max());
  EXPECT_LT(LocalTime{Micros::max() - Micros{1}}, kNever);
}

TEST(TimePoint, IsAPlainValueOfEightBytes) {
  static_assert(std::is_trivially_copyable_v<LocalTime>);
  static_assert(sizeof(LocalTime) == 8 && sizeof(Micros) == 8);
  static_assert(!std::is_convertible_v<SessionTime, LocalTime>);
}

}  // namespace
}  // namespace takt
