// SPDX-License-Identifier: Apache-2.0
#include "bench/incumbents/workload.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

namespace takt::incumbents {
namespace {

TEST(Workload, HasTheStatedNumberOfEvents) {
  std::vector<std::int64_t> sizes = {16'000, 160'000};
  for (std::int64_t asked = 13; asked < 2000; ++asked) sizes.push_back(asked);
  for (const std::int64_t asked : sizes) {
    const Workload workload = Workload::of(asked);
    const auto stated =
        10 + 3 * (75 * workload.repeats + static_cast<std::int64_t>(workload.tail_steps));
    EXPECT_EQ(static_cast<std::int64_t>(workload.expand().size()), stated);
    EXPECT_EQ(stated, asked - (asked - 10) % 3);
  }
}

TEST(Workload, SortedItIsTheSameEventsOnWholeMillisecondsAndEachOutputAlternates) {
  for (const std::int64_t size : {13, 16, 1'600}) {
    const auto listed = Workload::of(size).expand();
    auto sorted = listed;
    sort_by_time(sorted);
    EXPECT_TRUE(std::is_permutation(listed.begin(), listed.end(), sorted.begin(), sorted.end()));
    std::map<std::uint16_t, std::uint16_t> level;
    Micros last;
    for (const Event& event : sorted) {
      EXPECT_GE(event.at, last);
      EXPECT_EQ(event.at % millis(1), Micros{});
      last = event.at;
      if (event.output != Workload::kDirection) {
        EXPECT_NE(level[event.output], event.value);
      }
      level[event.output] = event.value;
    }
  }
}

TEST(Workload, TheMotorAndItsLastPauseEndAtTheStatedTimeAndAllElseBefore) {
  for (const std::int64_t size : {1'600, 16'000, 160'000}) {
    const Workload workload = Workload::of(size);
    auto events = workload.expand();
    sort_by_time(events);
    EXPECT_EQ(events.back().output, Workload::kMotor);
    const auto& last_step =
        workload.steps[(workload.tail_steps + Workload::kSteps - 1) % Workload::kSteps];
    EXPECT_EQ(events.back().at + last_step.pause, workload.motor_time());
  }
}

TEST(SortByTime, AtOneInstantOffComesBeforeDirectionBeforeOn) {
  std::vector<Event> events = {{Micros{}, Workload::kMotor, 1},
                               {Micros{}, Workload::kDirection, 0},
                               {Micros{}, 1, 0},
                               {Micros{}, 0, 0}};
  sort_by_time(events);
  const std::vector<Event> expected = {{Micros{}, 0, 0},
                                       {Micros{}, 1, 0},
                                       {Micros{}, Workload::kDirection, 0},
                                       {Micros{}, Workload::kMotor, 1}};
  EXPECT_EQ(events, expected);
}

}  // namespace
}  // namespace takt::incumbents
