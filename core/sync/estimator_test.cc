// SPDX-License-Identifier: Apache-2.0
#include "takt/core/sync/estimator.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace takt::sync {
namespace {

// The estimator's clock runs `ppm` fast, with a swing of 1.5 ppm in half an hour, from an offset;
// the other one's is true time. Delays are those of a link with queues.
class World {
 public:
  explicit World(unsigned seed)
      : random_(seed), ppm_(between(-80, 80)), begin_(between(0, 1e9)), phase_(between(0, 6)) {}

  double between(double low, double high) {
    return std::uniform_real_distribution{low, high}(random_);
  }
  LocalTime local(double t) const {
    constexpr double kTurn = 2 * 3.14159265 / 1'800e6;
    return LocalTime{
        Micros{std::llround(begin_ + t * (1 + ppm_ * 1e-6) -
                            1.5e-6 / kTurn * (std::cos(kTurn * t + phase_) - std::cos(phase_)))}};
  }
  static SessionTime session(double t) { return SessionTime{Micros{std::llround(t)}}; }

  double delay() { return 400 + excess_(random_) * (between(0, 1) < 0.05 ? 20 : 1) + extra; }

  Exchange exchange(double t, double more_there = 0) {
    const double there = t + delay() + more_there;
    const double answered = there + between(0, 300);
    return {local(t), session(there), session(answered), local(answered + delay())};
  }

  double extra = 0;  ///< Of every delay.

 private:
  std::mt19937_64 random_;
  double ppm_;
  double begin_;
  double phase_;
  std::exponential_distribution<double> excess_{1 / 250.0};
};

Micros error_of(const ClockMap& map, const World& world, double t) {
  const Micros error = map.session_at(world.local(t)) - World::session(t);
  return error < Micros{0} ? -error : error;
}

constexpr unsigned kSeeds = 50;

TEST(Estimator, KnowsThatItKnowsNothing) {
  Estimator estimator{{}};
  EXPECT_EQ(estimator.map_at(LocalTime{seconds(5)}).bound, Estimator::kUnknown);
}

TEST(Estimator, BoundHoldsFromTheFirstExchangeThroughSilence) {
  for (unsigned seed = 1; seed <= kSeeds; ++seed) {
    World world{seed};
    Estimator estimator{{}};
    for (double t = 0; t < 600e6; t += 1e6) {
      if (t < 400e6) estimator.add(world.exchange(t));
      const double now = t + world.between(100e3, 900e3);
      const ClockMap map = estimator.map_at(world.local(now));
      EXPECT_LE(error_of(map, world, now), map.bound) << "seed " << seed << " at " << t;
      EXPECT_LE(error_of(map, world, now + 30e6), map.bound_at(world.local(now + 30e6)));
    }
  }
}

TEST(Estimator, OneWayCongestionWidensNothingAndMovesLittle) {
  for (unsigned seed = 1; seed <= kSeeds; ++seed) {
    World world{seed};
    Estimator estimator{{}};
    for (double t = 0; t < 300e6; t += 1e6) {
      estimator.add(world.exchange(t, t > 200e6 && t < 260e6 ? 50'000 : 0));
      if (t < 200e6) continue;
      const ClockMap map = estimator.map_at(world.local(t + 200e3));
      EXPECT_LE(error_of(map, world, t + 200e3), Micros{300}) << "seed " << seed << " at " << t;
      EXPECT_LE(map.bound, Micros{1'500}) << "seed " << seed << " at " << t;
    }
  }
}

// A queue that fills or empties slowly looks like a clock that goes faster or slower.
TEST(Estimator, BoundHoldsWhateverQueueFillsAndEmptiesOneWay) {
  for (unsigned seed = 1; seed <= kSeeds; ++seed) {
    World world{seed};
    Estimator estimator{{}};
    double there = world.between(0, 30e3);
    double slope = 0;
    double change = 0;
    for (double t = 0; t < 300e6; t += 1e6) {
      if (t >= change) {
        slope = world.between(-150e-6, 150e-6);
        change = t + world.between(20e6, 90e6);
      }
      there = std::clamp(there + slope * 1e6, 0.0, 30e3);
      estimator.add(world.exchange(t, there));
      const ClockMap map = estimator.map_at(world.local(t + 50e3));
      ASSERT_LE(error_of(map, world, t + 50e3), map.bound) << "seed " << seed << " at " << t;
      ASSERT_LE(error_of(map, world, t + 30e6), map.bound_at(world.local(t + 30e6)))
          << "seed " << seed << " at " << t;
    }
  }
}

TEST(Estimator, BoundIsHalfTheShortestRoundTripAndLittleMore) {
  World world{7};
  world.extra = 50'000;
  Estimator estimator{{}};
  for (double t = 0; t < 120e6; t += 1e6) estimator.add(world.exchange(t));
  const ClockMap map = estimator.map_at(world.local(120e6));
  EXPECT_GE(map.bound, millis(50));
  EXPECT_LE(map.bound, millis(51));
}

TEST(Estimator, GrowsByTheStabilityOfTheOscillatorOnceTheRateIsKnown) {
  World world{8};
  Estimator estimator{{}};
  for (double t = 0; t < 300e6; t += 1e6) estimator.add(world.exchange(t));
  const ClockMap map = estimator.map_at(world.local(300e6));
  const Micros growth = map.bound_at(world.local(330e6)) - map.bound;
  EXPECT_LE(growth, Micros{250});  // TrueTime allows for 6 ms.
  EXPECT_GE(growth, Micros{120});
}

TEST(Estimator, FourTypicalErrorsAreSeldomExceeded) {
  int beyond = 0;
  int all = 0;
  for (unsigned seed = 1; seed <= kSeeds; ++seed) {
    World world{seed};
    Estimator estimator{{}};
    for (double t = 0; t < 600e6; t += 1e6) {
      estimator.add(world.exchange(t));
      const ClockMap map = estimator.map_at(world.local(t + 200e3));
      if (t < 60e6) continue;
      const Micros typical = estimator.typical_error() * 4 + Micros{2};
      EXPECT_LT(typical, map.bound);
      beyond += error_of(map, world, t + 200e3) > typical;
      ++all;
    }
  }
  EXPECT_LT(beyond, all / 100);
}

// Session time was handed on so often that it goes as no clock does; who keeps it says so.
TEST(Estimator, BoundHoldsHoweverFarSessionTimeIsFromAnyClockIfItsKeeperSaysSo) {
  for (unsigned seed = 1; seed <= kSeeds; ++seed) {
    World world{seed};
    Estimator estimator{{}};
    const auto rate_ppb = static_cast<std::int32_t>(world.between(-500e3, 500e3));
    const auto session = [rate_ppb](double t) { return World::session(t * (1 + rate_ppb * 1e-9)); };
    for (double t = 0; t < 300e6; t += t < 5e6 ? 100e3 : 10e6) {
      Exchange exchange = world.exchange(t);
      exchange.reached = session(static_cast<double>(exchange.reached.since_zero().count()));
      exchange.answered = session(static_cast<double>(exchange.answered.since_zero().count()));
      exchange.rate_ppb = rate_ppb;
      ASSERT_TRUE(estimator.add(exchange));
      const double now = t + world.between(50e3, 9e6);
      const ClockMap map = estimator.map_at(world.local(now));
      ASSERT_LT(map.bound, millis(10));
      const Micros error = map.session_at(world.local(now)) - session(now);
      ASSERT_LE(std::abs(error.count()), map.bound.count() + 1) << "seed " << seed << " at " << t;
    }
  }
}

TEST(Estimator, LimitsThatContradictEachOtherLeaveNothingKnown) {
  for (unsigned seed = 1; seed <= kSeeds; ++seed) {
    World world{seed};
    Estimator estimator{{}};
    // The other clock stood still for a while, or was set.
    const double step = world.between(20e3, 2e6) * (seed % 2 == 0 ? 1 : -1);
    double t = 0;
    for (; t < 60e6; t += 1e6) ASSERT_TRUE(estimator.add(world.exchange(t)));
    ASSERT_TRUE(estimator.is_consistent(world.local(t)));
    Exchange exchange = world.exchange(t);
    exchange.reached += Micros{std::llround(step)};
    exchange.answered += Micros{std::llround(step)};
    ASSERT_TRUE(estimator.add(exchange));
    EXPECT_FALSE(estimator.is_consistent(exchange.returned)) << "seed " << seed;
    EXPECT_EQ(estimator.map_at(exchange.returned).bound, Estimator::kUnknown);
  }
}

TEST(Estimator, AnotherKeeperOfSessionTimeIsANewBeginning) {
  World world{11};
  Estimator estimator{{}};
  for (double t = 0; t < 60e6; t += 1e6) ASSERT_TRUE(estimator.add(world.exchange(t)));
  Exchange exchange = world.exchange(60e6);
  exchange.rate_ppb = 40'000;
  ASSERT_TRUE(estimator.add(exchange));
  EXPECT_EQ(estimator.exchanges(), 1U);
}

TEST(Estimator, RateShrinksToNothingWhereItCannotBeKnown) {
  World world{9};
  Estimator estimator{{}};
  estimator.add(world.exchange(0));
  EXPECT_EQ(estimator.map_at(world.local(1e6)).rate_ppb, 0);
  estimator.add(world.exchange(100e3));
  EXPECT_LE(std::abs(estimator.map_at(world.local(1e6)).rate_ppb), 30'000);
}

TEST(Estimator, RefusesWhatCannotBe) {
  Estimator estimator{{}};
  const LocalTime sent{seconds(10)};
  const SessionTime there{seconds(3)};
  EXPECT_FALSE(estimator.add({sent, there, there - Micros{1}, sent + millis(1)}));
  EXPECT_FALSE(estimator.add({sent, there, there + millis(2), sent + millis(1)}));
  EXPECT_FALSE(estimator.add({sent, there, there, sent + seconds(5)}));
  EXPECT_EQ(estimator.exchanges(), 0U);
  EXPECT_TRUE(estimator.add({sent, there, there, sent + millis(1)}));
}

TEST(Estimator, ForgetsAllWhenReset) {
  World world{10};
  Estimator used{{}};
  for (double t = 0; t < 100e6; t += 1e6) used.add(world.exchange(t));
  used.reset();
  Estimator fresh{{}};
  for (double t = 200e6; t < 220e6; t += 1e6) {
    const Exchange exchange = world.exchange(t);
    used.add(exchange);
    fresh.add(exchange);
    EXPECT_EQ(used.map_at(world.local(t + 1e6)), fresh.map_at(world.local(t + 1e6)));
  }
}

}  // namespace
}  // namespace takt::sync
