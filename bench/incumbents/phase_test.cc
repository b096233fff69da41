// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <span>
#include <vector>

#include "bench/incumbents/batched_timers.h"
#include "bench/incumbents/timer_per_event.h"
#include "bench/incumbents/workload.h"

namespace takt::incumbents {
namespace {

constexpr std::int64_t kTimerBytes = sizeof(void*) == 8 ? 64 : 36;

struct Played {
  Cost cost;
  std::vector<std::uint16_t> fired;  ///< Values of the events, in the order of firing.
};

template <typename Incumbent>
Played play(std::span<const Event> events) {
  Played played;
  Incumbent incumbent(events,
                      {[](void* context, std::uint16_t, std::uint16_t value) {
                         static_cast<std::vector<std::uint16_t>*>(context)->push_back(value);
                       },
                       &played.fired});
  played.cost = incumbent.run();
  return played;
}

/// `count` events whose values are their places in the list, at times with many ties.
std::vector<Event> random_events(std::mt19937& random, std::size_t count) {
  std::vector<Micros> times(count);
  for (Micros& at : times) at = Micros{static_cast<std::int64_t>(random() % 500) * 200};
  if (random() % 2 == 0) std::sort(times.begin(), times.end());
  std::vector<Event> events;
  for (const Micros at : times)
    events.push_back({at, 0, static_cast<std::uint16_t>(events.size())});
  return events;
}

struct Expected {
  std::vector<std::uint16_t> fired;
  Micros worst_late;
};

/// The firmware's rules as arithmetic, without timers.
Expected expected_of_batches(std::span<const Event> events) {
  struct Firing {
    Micros at;
    std::uint16_t value;
  };
  Expected expected;
  Micros loaded;
  for (std::size_t first = 0; first < events.size(); first += BatchedTimers::kBatch) {
    const auto slice =
        events.subspan(first, std::min(BatchedTimers::kBatch, events.size() - first));
    const bool last = first + slice.size() == events.size();
    const Micros removed = last ? Micros::max() : std::max(slice.back().at, loaded) + millis(1);
    std::vector<Firing> firings;
    for (const Event& event : slice) {
      const Micros due = event.at > loaded ? event.at : loaded + millis(1);
      if (due > removed) continue;
      firings.push_back({due, event.value});
      expected.worst_late = std::max(expected.worst_late, due - event.at);
    }
    std::stable_sort(firings.begin(), firings.end(),
                     [](const Firing& a, const Firing& b) { return a.at < b.at; });
    for (const Firing& firing : firings) expected.fired.push_back(firing.value);
    loaded = removed;
  }
  return expected;
}

TEST(TimerPerEvent, EveryEventFiresOnceAtItsTimeInAnyOrder) {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    auto events = random_events(random, random() % 900);
    const Played played = play<TimerPerEvent>(events);
    std::stable_sort(events.begin(), events.end(),
                     [](const Event& a, const Event& b) { return a.at < b.at; });
    std::vector<std::uint16_t> values;
    for (const Event& event : events) values.push_back(event.value);
    EXPECT_EQ(played.fired, values);
    EXPECT_EQ(played.cost.lost, 0);
    EXPECT_EQ(played.cost.worst_late, Micros{});
  }
}

TEST(TimerPerEvent, MemoryAndTheLongestWalkGrowWithThePhase) {
  auto events = Workload::of(1600).expand();
  sort_by_time(events);
  const Cost cost = play<TimerPerEvent>(events).cost;
  EXPECT_EQ(cost.allocations, 1600);
  EXPECT_EQ(cost.peak_bytes, 1600 * kTimerBytes);
  EXPECT_EQ(cost.longest_walk, 1599);
  EXPECT_EQ(cost.events_fired, 1600);
}

TEST(BatchedTimers, FiresDelaysAndLosesWhatTheFirmwaresRulesSay) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto events = random_events(random, random() % 1200);
    const Played played = play<BatchedTimers>(events);
    const Expected expected = expected_of_batches(events);
    EXPECT_EQ(played.fired, expected.fired);
    EXPECT_EQ(played.cost.worst_late, expected.worst_late);
    EXPECT_EQ(played.cost.events_fired + played.cost.lost,
              static_cast<std::int64_t>(events.size()));
  }
}

TEST(BatchedTimers, AscendingEventsAllFireAndAtMostTwoMillisecondsLate) {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    auto events = random_events(random, random() % 1200);
    sort_by_time(events);
    const Cost cost = play<BatchedTimers>(events).cost;
    EXPECT_EQ(cost.lost, 0);
    EXPECT_LE(cost.worst_late, millis(2));
  }
}

TEST(BatchedTimers, MemoryAndTheLongestWalkAreThoseOfOneSliceAndItsLoader) {
  auto events = Workload::of(16'000).expand();
  sort_by_time(events);
  const Cost cost = play<BatchedTimers>(events).cost;
  EXPECT_EQ(cost.allocations, 16'000 + 80);
  EXPECT_EQ(cost.peak_bytes, 201 * kTimerBytes);
  EXPECT_EQ(cost.longest_walk, 200);
  EXPECT_EQ(cost.events_fired, 16'000);
}

/// The example of the firmware's fault: a motor of 100 repeats of two steps from 5 s to 165 s.
std::vector<Event> agitation() {
  std::vector<Event> events;
  for (std::int64_t step = 0; step < 200; ++step) {
    const Micros at = millis(5000 + 800 * step);
    events.push_back({at, Workload::kDirection, static_cast<std::uint16_t>(1 - step % 2)});
    events.push_back({at, Workload::kMotor, 1});
    events.push_back({at + millis(300), Workload::kMotor, 0});
  }
  return events;
}

constexpr std::uint16_t kRetractorOff = 7;
const std::vector<Event> kRetractor = {{Micros{}, 0, 1}, {seconds(165), 0, kRetractorOff}};

TEST(BatchedTimers, ARetractorListedAfter600MotorEdgesSwitchesOnWhenTheMotorIsDone) {
  auto events = agitation();
  events.insert(events.end(), kRetractor.begin(), kRetractor.end());
  const Played played = play<BatchedTimers>(events);
  EXPECT_EQ(played.cost.worst_late, millis(164'502));
  EXPECT_EQ(played.cost.lost, 0);
}

TEST(BatchedTimers, ARetractorListedBefore600MotorEdgesNeverSwitchesOff) {
  auto events = kRetractor;
  const auto motor = agitation();
  events.insert(events.end(), motor.begin(), motor.end());
  const Played played = play<BatchedTimers>(events);
  EXPECT_EQ(played.cost.lost, 1);
  EXPECT_EQ(std::count(played.fired.begin(), played.fired.end(), kRetractorOff), 0);
}

}  // namespace
}  // namespace takt::incumbents
