// SPDX-License-Identifier: Apache-2.0
#include "bench/incumbents/timer_list.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <utility>
#include <vector>

namespace takt::incumbents {
namespace {

constexpr LocalTime kStart{seconds(1)};
constexpr std::int64_t kTimerBytes = sizeof(void*) == 8 ? 64 : 36;

/// A list whose timers write down their argument and the time.
struct Bench {
  TimerList::Timer& create() {
    return *list.create(
        [](void* self, const void* argument) {
          auto& bench = *static_cast<Bench*>(self);
          bench.fired.emplace_back(static_cast<const char*>(argument), bench.list.now());
        },
        &arguments[created++ % arguments.size()]);
  }
  void remove(TimerList::Timer& timer) {
    list.stop(timer);
    EXPECT_TRUE(list.remove(timer));
  }

  std::array<char, 64> arguments;
  std::size_t created = 0;
  std::vector<std::pair<const char*, LocalTime>> fired;
  TimerList list{kStart, this};
};

TEST(TimerList, WhatIsNotStoppedFiresByAlarmAndThenInTheOrderOfArming) {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    Bench bench;
    std::vector<TimerList::Timer*> timers;
    decltype(bench.fired) expected;
    for (const char& argument : bench.arguments) {
      const Micros timeout{static_cast<std::int64_t>(random() % 40)};
      timers.push_back(&bench.create());
      EXPECT_TRUE(bench.list.start_once(*timers.back(), timeout));
      EXPECT_FALSE(bench.list.start_once(*timers.back(), timeout));
      if (random() % 3 == 0) {
        EXPECT_TRUE(bench.list.stop(*timers.back()));
        EXPECT_FALSE(bench.list.stop(*timers.back()));
      } else {
        expected.emplace_back(&argument, kStart + timeout);
      }
    }
    std::stable_sort(expected.begin(), expected.end(),
                     [](const auto& a, const auto& b) { return a.second < b.second; });
    EXPECT_EQ(bench.list.next_alarm(), expected.front().second);
    while (bench.list.next_alarm() != kNever) bench.list.run_until(bench.list.next_alarm());
    EXPECT_EQ(bench.fired, expected);
    for (auto* timer : timers) bench.remove(*timer);
  }
}

TEST(TimerList, AStoppedTimerCanBeRemovedAndIsFreedByAnAlarmThatIsDueNow) {
  Bench bench;
  TimerList::Timer& timer = bench.create();
  bench.list.start_once(timer, millis(1));
  EXPECT_FALSE(bench.list.remove(timer));
  bench.remove(timer);
  EXPECT_EQ(HeapUse::bytes_of(bench.list.heap().live), kTimerBytes);
  EXPECT_EQ(bench.list.next_alarm(), bench.list.now());
  bench.list.run_until(bench.list.now());
  EXPECT_EQ(bench.list.heap().live, 0U);
  EXPECT_EQ(bench.list.next_alarm(), kNever);
  EXPECT_TRUE(bench.fired.empty());
}

TEST(TimerList, ThePeakIsTheMostTimersThatLivedAtOnce) {
  Bench bench;
  for (const int count : {5, 20, 1}) {
    std::vector<TimerList::Timer*> timers;
    for (int i = 0; i < count; ++i) timers.push_back(&bench.create());
    for (auto* timer : timers) bench.remove(*timer);
    bench.list.run_until(bench.list.now());
  }
  EXPECT_EQ(bench.list.heap().allocations, 26U);
  EXPECT_EQ(HeapUse::bytes_of(bench.list.heap().peak), 20 * kTimerBytes);
  EXPECT_EQ(bench.list.heap().live, 0U);
}

}  // namespace
}  // namespace takt::incumbents
