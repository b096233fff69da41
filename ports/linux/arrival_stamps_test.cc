// SPDX-License-Identifier: Apache-2.0
#include "takt/ports/linux/arrival_stamps.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>

namespace takt {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

/// Both clocks of a machine whose calendar somebody sets now and then.
struct Machine {
  std::int64_t monotonic = 5 * kSecond;
  std::int64_t offset = 1'700'000'000 * kSecond;

  std::int64_t stamp() const { return monotonic + offset; }
  /// Takes `ns` each from one reading to the next.
  ArrivalStamps::Reading read(std::int64_t ns = 0) {
    ArrivalStamps::Reading reading{.before = monotonic};
    monotonic += ns;
    reading.calendar = stamp();
    monotonic += ns;
    reading.after = monotonic;
    return reading;
  }
};

TEST(ArrivalStamps, AreWhenItArrivedHoweverLongItWaited) {
  Machine machine;
  ArrivalStamps stamps{machine.read()};
  for (const std::int64_t wait : {std::int64_t{0}, std::int64_t{1}, kSecond, 3'600 * kSecond}) {
    const std::int64_t stamp = machine.stamp();
    const std::int64_t arrived = machine.monotonic;
    machine.monotonic += wait;
    EXPECT_EQ(stamps.arrived(stamp, machine.read()), arrived) << wait;
  }
}

TEST(ArrivalStamps, AreNowIfTheCalendarWasSetMeanwhile) {
  for (const std::int64_t step : {kSecond / 1'000, -kSecond / 1'000, 3'600 * kSecond, -kSecond}) {
    Machine machine;
    ArrivalStamps stamps{machine.read()};
    const std::int64_t stamp = machine.stamp();
    machine.monotonic += 7;
    machine.offset += step;
    machine.monotonic += 9;
    EXPECT_EQ(stamps.arrived(stamp, machine.read()), machine.monotonic) << step;
  }
}

TEST(ArrivalStamps, OfAllThatWaitedWhileTheCalendarWasSetAreNow) {
  Machine machine;
  ArrivalStamps stamps{machine.read()};
  const std::int64_t first = machine.stamp();
  const std::int64_t second = machine.stamp();
  machine.offset += kSecond / 2;
  machine.monotonic += 100;
  EXPECT_EQ(stamps.arrived(first, machine.read()), machine.monotonic);
  machine.monotonic += 100;
  EXPECT_EQ(stamps.arrived(second, machine.read()), machine.monotonic);
  stamps.emptied();
  const std::int64_t third = machine.stamp();
  const std::int64_t arrived = machine.monotonic;
  machine.monotonic += 100;
  EXPECT_EQ(stamps.arrived(third, machine.read()), arrived);
}

TEST(ArrivalStamps, NeverLieBeforeTheTruthNorBehindTheReading) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random{seed};
  const auto below = [&random](std::int64_t most) {
    return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(most));
  };
  Machine machine;
  ArrivalStamps stamps{machine.read(below(1'000'000))};
  for (int i = 0; i < 10'000; ++i) {
    machine.monotonic += below(kSecond);
    // Less than what reading takes could not be told from reading slowly.
    const auto set = [&] {
      machine.offset += (below(2) == 0 ? -1 : 1) * (2'000'000 + below(kSecond));
    };
    if (below(10) == 0) set();
    const std::int64_t arrived = machine.monotonic;
    const std::int64_t stamp = machine.stamp();
    machine.monotonic += below(kSecond);
    const bool meanwhile = below(10) == 0;
    if (meanwhile) set();
    const std::int64_t told = stamps.arrived(stamp, machine.read(below(500'000)));
    ASSERT_LE(told, machine.monotonic) << i;
    if (meanwhile) {
      ASSERT_EQ(told, machine.monotonic) << i;
    }
    ASSERT_GE(told, arrived) << i;
    stamps.emptied();
  }
}

}  // namespace
}  // namespace takt
