// SPDX-License-Identifier: Apache-2.0
#include "takt/core/sync/session_clock.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

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

TEST_F(Clock, TheBoundCoversWhatADeviceThatStandsStillWhileItSlewsGoesPastTheLine) {
  run_to(seconds(60), seconds(5), false);
  clock_.follow(now_);
  for (int i = 0; i < 60 && clock_.map().rate_ppb < 100'000; ++i) {
    run_to(now_.since_zero() + seconds(1), seconds(5) + Micros{1'500}, true);
  }
  ASSERT_GE(clock_.map().rate_ppb, 100'000) << "it is slewed";
  for (int s = 1; s < 600; ++s) {
    const LocalTime later = now_ + seconds(s);
    const Micros error = SessionTime{later.since_zero() + seconds(5) + Micros{1'500}} -
                         clock_.map().session_at(later);
    ASSERT_LE(std::abs(error.count()), clock_.map().bound_at(later).count()) << s << " s";
  }
}

TEST_F(Clock, WhereLimitsContradictEachOtherNothingIsClaimedUntilAllIsEstimatedAnew) {
  run_to(seconds(60), seconds(5), false);
  ASSERT_LT(clock_.map().bound_at(now_), millis(1));
  // The leader's clock stood still for 300 ms.
  run_to(seconds(61), seconds(5) - millis(300), true);
  EXPECT_EQ(clock_.losses(), 1U);
  EXPECT_GE(clock_.map().bound_at(now_), seconds(1'000));
  const SessionTime left = clock_.map().session_at(now_);
  run_to(seconds(63), seconds(5) - millis(300), false);
  EXPECT_LT(clock_.map().bound_at(now_), millis(1));
  const Micros ahead = clock_.map().session_at(now_) - SessionTime{now_.since_zero()};
  EXPECT_NEAR(static_cast<double>(ahead.count()), 4.7e6, 500);
  EXPECT_LT(left - clock_.map().session_at(now_), millis(300)) << "it went on meanwhile";
}

/// Two devices on crystals at the ends of what is allowed, who lead in turn and hear little.
class TakingTurns {
 public:
  explicit TakingTurns(unsigned seed) : random_{seed} {
    for (std::size_t i = 0; i < 2; ++i) {
      ppm_[i] = static_cast<double>((roll(2) == 0 ? -1 : 1) * (30 + roll(20)));
      clocks_.emplace_back(EstimatorConfig{{}, seconds(8), seconds(64)});
    }
    clocks_[0].lead(local(0), true);
    clocks_[1].follow(local(1));
  }

  void turn() {
    const std::int64_t exchanges = roll(12);
    for (std::int64_t i = 0; i < exchanges; ++i) {
      now_ += millis(50 + roll(roll(4) == 0 ? 15'000 : 300));
      exchange();
      if (::testing::Test::HasFatalFailure()) return;
    }
    if (is_settled_ && roll(3) == 0) clocks_[leader_].be_exact(local(leader_));
    now_ += millis(roll(40'000));
    check();
    if (!known() || roll(2) == 0) return;
    // The other one takes over; the leader hears of it and follows.
    const std::size_t heir = 1 - leader_;
    clocks_[heir].lead(local(heir), false);
    EXPECT_LE(std::abs(clocks_[heir].map().rate_ppb), 100'000);
    clocks_[leader_].follow(local(leader_));
    leader_ = heir;
    heard_ = 0;
    is_settled_ = false;
  }

 private:
  std::int64_t roll(unsigned below) { return static_cast<std::int64_t>(random_() % below); }
  LocalTime local(std::size_t i) const {
    const double count = static_cast<double>(now_.count()) * (1 + ppm_[i] * 1e-6);
    return LocalTime{Micros{std::llround(count)}};
  }
  /// Good enough to go on with.
  bool known() const { return heard_ > 0 && clocks_[1 - leader_].map().bound < seconds(1); }

  void exchange() {
    SessionClock& follower = clocks_[1 - leader_];
    Exchange exchange;
    exchange.sent = local(1 - leader_);
    now_ += Micros{300 + roll(4'000)};
    exchange.reached = exchange.answered = clocks_[leader_].map().session_at(local(leader_));
    exchange.rate_ppb = clocks_[leader_].map().rate_ppb;
    now_ += Micros{300 + roll(4'000)};
    exchange.returned = local(1 - leader_);
    ASSERT_TRUE(follower.add(exchange));
    ++heard_;
    const bool updated = follower.update(exchange.returned, roll(2) == 0);
    is_settled_ = is_settled_ || (updated && follower.estimator().exchanges() >= 16);
    check();
  }

  void check() {
    for (std::size_t i = 0; i < 2; ++i) ASSERT_EQ(clocks_[i].losses(), 0U) << "nobody was stopped";
    const Micros apart =
        clocks_[0].map().session_at(local(0)) - clocks_[1].map().session_at(local(1));
    const Micros bound = clocks_[0].map().bound_at(local(0)) + clocks_[1].map().bound_at(local(1));
    ASSERT_LE(std::abs(apart.count()), bound.count() + 2) << "after " << now_.count() << " us";
  }

  std::mt19937 random_;
  Micros now_;
  std::array<double, 2> ppm_{};
  std::vector<SessionClock> clocks_;
  std::size_t leader_ = 0;
  int heard_ = 0;            ///< Exchanges with the present leader.
  bool is_settled_ = false;  ///< The map of the other one is of its line.
};

TEST(SessionClocks, BoundsHoldAsLeadershipGoesToAndFroAfterFewExchanges) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    TakingTurns devices{seed};
    for (int i = 0; i < 100 && !::testing::Test::HasFailure(); ++i) devices.turn();
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

TEST_F(Clock, ALeaderGoesAtNoRateThatNoOscillatorCouldHave) {
  clock_.forget();
  clock_.follow(now_);
  // Session time that was handed on from a clock that is 60 ppm faster, at 90 ppm more.
  for (int i = 0; i < 200; ++i, now_ += millis(100)) {
    const std::int64_t ahead = now_.since_zero().count() * 150 / 1'000'000;
    Exchange fast = exchange(now_, Micros{ahead}, kOneWay, kOneWay);
    fast.rate_ppb = 90'000;
    ASSERT_TRUE(clock_.add(fast));
    static_cast<void>(clock_.update(fast.returned, false));
  }
  ASSERT_NEAR(clock_.map().rate_ppb, 150'000, 15'000);
  clock_.lead(now_, false);
  EXPECT_EQ(clock_.map().rate_ppb, 100'000);
  EXPECT_GE(clock_.map().growth_ppb, 35'000U) << "what the others may go by";
}

TEST_F(Clock, ForgettingLeavesNothingToPlayBy) {
  run_to(seconds(60), seconds(5), false);
  clock_.forget();
  EXPECT_EQ(clock_.map().bound, Estimator::kUnknown);
  EXPECT_FALSE(clock_.update(now_ + seconds(60), false));
}

}  // namespace
}  // namespace takt::sync
