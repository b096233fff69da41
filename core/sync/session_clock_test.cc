// SPDX-License-Identifier: Apache-2.0
#include "core/sync/session_clock.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

namespace takt::sync {
namespace {

constexpr Micros kOneWay{400};

/// An exchange over a link that takes kOneWay and up to `jitter` more, each way.
Exchange exchange(LocalTime sent, Micros offset, Micros there, Micros back) {
  const SessionTime reached{sent.since_zero() + offset + there};
  return {sent, reached, reached, sent + there + back};
}

class Clock : public ::testing::Test {
 protected:
  /// One exchange a second up to `until`, with the session ahead by `offset`.
  void run_to(Micros until, Micros offset, bool steady) {
    for (; now_ < LocalTime{until}; now_ += seconds(1)) {
      const Micros there = kOneWay + Micros{static_cast<std::int64_t>(random_() % 200)};
      const Micros back = kOneWay + Micros{static_cast<std::int64_t>(random_() % 200)};
      ASSERT_TRUE(clock_.add(exchange(now_, offset, there, back)));
      const ClockMap before = clock_.map();
      const LocalTime at = now_ + millis(2);
      if (!clock_.update(at, steady)) continue;
      if (!steady || clock_.jumps() != jumps_) {
        jumps_ = clock_.jumps();
        continue;
      }
      const Micros step = clock_.map().session_at(at) - before.session_at(at);
      EXPECT_LE(step, Micros{1});
      EXPECT_GE(step, Micros{-1});
    }
  }

  SessionClock clock_{{}};
  std::mt19937 random_{1};
  LocalTime now_;
  std::uint32_t jumps_ = 0;
};

TEST_F(Clock, FollowsAtOnceWhileNothingPlays) {
  run_to(seconds(20), seconds(5), false);
  const Micros ahead = clock_.map().session_at(now_) - SessionTime{now_.since_zero()};
  EXPECT_NEAR(static_cast<double>(ahead.count()), 5e6, 100);
}

TEST_F(Clock, SlewsSmallErrorsWhilePlayingAndTheBoundCoversWhatIsNotCorrectedYet) {
  run_to(seconds(60), seconds(5), false);
  // A leader whose clock is 1.5 ms from the one before.
  clock_.follow(now_);
  run_to(seconds(61), seconds(5) + Micros{1'500}, true);
  for (int i = 0; i < 60; ++i) {
    run_to(now_.since_zero() + seconds(1), seconds(5) + Micros{1'500}, true);
    const Micros error =
        SessionTime{now_.since_zero() + seconds(5) + Micros{1'500}} - clock_.map().session_at(now_);
    if (clock_.estimator().exchanges() < 16) continue;  // Still the line of the leader before.
    EXPECT_LE(error, clock_.map().bound_at(now_));
    EXPECT_GE(error, -clock_.map().bound_at(now_));
  }
  EXPECT_EQ(clock_.jumps(), 0U);
  const Micros ahead = clock_.map().session_at(now_) - SessionTime{now_.since_zero()};
  EXPECT_NEAR(static_cast<double>(ahead.count()), 5'001'500, 200);
}

TEST_F(Clock, StepsAndCountsWhatIsTooFarToSlew) {
  run_to(seconds(60), seconds(5), false);
  clock_.follow(now_);
  run_to(seconds(100), seconds(6), true);
  EXPECT_EQ(clock_.jumps(), 1U);
  const Micros ahead = clock_.map().session_at(now_) - SessionTime{now_.since_zero()};
  EXPECT_NEAR(static_cast<double>(ahead.count()), 6e6, 200);
}

TEST_F(Clock, ALineThatIsBentTowardsALeaderIsStraightOnceItIsGone) {
  for (const bool leads : {false, true}) {
    clock_.forget();
    run_to(now_.since_zero() + seconds(60), seconds(5), false);
    clock_.follow(now_);
    for (int i = 0; i < 60 && clock_.map().rate_ppb < 100'000; ++i) {
      run_to(now_.since_zero() + seconds(1), seconds(5) + Micros{1'500}, true);
    }
    ASSERT_GE(clock_.map().rate_ppb, 100'000) << "it is slewed";
    clock_.follow(now_);
    if (leads) clock_.lead(now_, false);
    const LocalTime later = now_ + seconds(20);
    const Micros error = SessionTime{later.since_zero() + seconds(5) + Micros{1'500}} -
                         clock_.map().session_at(later);
    EXPECT_LE(std::abs(error.count()), clock_.map().bound_at(later).count());
  }
}

TEST_F(Clock, LeadingItIsWhatItWas) {
  run_to(seconds(60), seconds(5), false);
  const SessionTime before = clock_.map().session_at(now_);
  const Micros bound = clock_.map().bound_at(now_);
  clock_.lead(now_, false);
  EXPECT_EQ(clock_.map().session_at(now_), before);
  EXPECT_EQ(clock_.map().bound_at(now_), bound) << "somebody may go by the leader before";
  EXPECT_GT(clock_.map().bound_at(now_ + seconds(60)), bound);
  clock_.be_exact(now_);
  EXPECT_EQ(clock_.map().session_at(now_), before);
  EXPECT_EQ(clock_.map().bound_at(now_ + seconds(60)), Micros{0});
}

TEST_F(Clock, ForgettingLeavesNothingToPlayBy) {
  run_to(seconds(60), seconds(5), false);
  clock_.forget();
  EXPECT_EQ(clock_.map().bound, Estimator::kUnknown);
  EXPECT_FALSE(clock_.update(now_ + seconds(60), false));
}

}  // namespace
}  // namespace takt::sync
