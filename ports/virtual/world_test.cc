// SPDX-License-Identifier: Apache-2.0
#include "takt/ports/virtual/world.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <string>
#include <vector>

#include "takt/ports/virtual/output_bank.h"

namespace takt {
namespace {

constexpr auto kRealtime = VirtualRunner::Rank::kRealtime;
constexpr auto kOrdinary = VirtualRunner::Rank::kOrdinary;

WorldTime world_at(std::int64_t us) { return WorldTime{Micros{us}}; }
LocalTime local_at(std::int64_t us) { return LocalTime{Micros{us}}; }

/// Writes its name and the time, and asks for what it was told to ask for.
class Scribe final : public Work {
 public:
  Scribe(std::string name, std::vector<std::string>& log) : name_(std::move(name)), log_(log) {}

  LocalTime run(LocalTime now) override {
    log_.push_back(name_ + std::to_string(now.since_zero().count()));
    if (to_wake != nullptr) to_wake->wake();
    if (next.empty()) return kNever;
    const LocalTime deadline = next.front();
    next.pop_front();
    return deadline;
  }

  std::deque<LocalTime> next;
  VirtualRunner* to_wake = nullptr;

 private:
  std::string name_;
  std::vector<std::string>& log_;
};

class WorldTest : public ::testing::Test {
 protected:
  using Log = std::vector<std::string>;

  World world;
  VirtualClock clock{world};
  Log log;
  Scribe a{"a", log};
  Scribe b{"b", log};
  VirtualRunner realtime{world, clock, kRealtime};
  VirtualRunner ordinary{world, clock, kOrdinary};
};

TEST_F(WorldTest, RealtimeWorksComeFirstAtOneInstantWhoeverWasStartedFirst) {
  a.next = {local_at(5), local_at(9)};
  b.next = {local_at(5), local_at(7)};
  ASSERT_EQ(ordinary.start(a), Status::kOk);
  ASSERT_EQ(realtime.start(b), Status::kOk);
  world.run();
  EXPECT_EQ(log, (Log{"b0", "a0", "b5", "a5", "b7", "a9"}));
  EXPECT_EQ(world.now(), world_at(9));
}

TEST_F(WorldTest, AWokenRealtimeWorkRunsAtTheSameInstantAndKeepsTheOthersDeadline) {
  a.next = {local_at(4), local_at(8)};
  a.to_wake = &realtime;
  ASSERT_EQ(ordinary.start(a), Status::kOk);
  ASSERT_EQ(realtime.start(b), Status::kOk);
  world.run();
  EXPECT_EQ(log, (Log{"b0", "a0", "b0", "a4", "b4", "a8", "b8"}));
}

TEST_F(WorldTest, ATimeThatHasPassedDoesNotHoldTimeStill) {
  a.next = {local_at(-100), local_at(0), kNever};
  ASSERT_EQ(realtime.start(a), Status::kOk);
  world.run();
  EXPECT_EQ(log, (Log{"a0", "a1", "a2"}));
}

TEST_F(WorldTest, RunUntilStopsThereAndNotBefore) {
  a.next = {local_at(10), local_at(20), local_at(21)};
  ASSERT_EQ(realtime.start(a), Status::kOk);
  world.run_until(world_at(20));
  EXPECT_EQ(log, (Log{"a0", "a10", "a20"}));
  EXPECT_EQ(world.now(), world_at(20));
  world.run_until(world_at(20));
  EXPECT_EQ(log.size(), 3U);
  world.run_until(world_at(500));
  EXPECT_EQ(log.back(), "a21");
  EXPECT_EQ(world.now(), world_at(500));
}

TEST(VirtualClock, ADeadlineIsTheFirstInstantAtWhichTheClockShowsIt) {
  std::mt19937_64 random(3);
  const World world;
  for (int i = 0; i < 20'000; ++i) {
    const auto ppb = static_cast<std::int32_t>(random() % 400'000'000) - 200'000'000;
    const VirtualClock clock{world, world_at(static_cast<std::int64_t>(random() % 1'000)), ppb};
    const LocalTime time = local_at(static_cast<std::int64_t>(random() >> (random() % 40 + 14)));
    const WorldTime when = clock.when(time);
    ASSERT_GE(clock.local_at(when), time) << ppb << ' ' << time.since_zero().count();
    ASSERT_LT(clock.local_at(when - Micros{1}), time) << ppb << ' ' << time.since_zero().count();
  }
  EXPECT_EQ(VirtualClock(world).when(kNever), WorldTime::max());
}

TEST(VirtualClock, AFastOscillatorGainsWhatItIsToldTo) {
  const World world;
  const VirtualClock clock{world, world_at(1'000'000), 40'000};
  EXPECT_EQ(clock.local_at(world_at(1'000'000)), LocalTime{});
  EXPECT_EQ(clock.local_at(world_at(601'000'000)), local_at(600'024'000));
}

/// Asks for random deadlines, wakes others now and then, and knows when it must run next.
class Restless final : public Work {
 public:
  Restless(const VirtualClock& clock, std::mt19937& random) : clock_(clock), random_(random) {}

  LocalTime run(LocalTime now) override {
    EXPECT_EQ(now, clock_.now());
    EXPECT_TRUE(woken || now >= deadline);
    woken = false;
    if (random_() % 4 == 0) wake_one();
    deadline = random_() % 8 == 0 ? kNever : now + Micros{static_cast<std::int64_t>(random_() % 9)};
    return deadline;
  }

  void wake_one() {
    auto& [other, runner] = others[random_() % others.size()];
    other->woken = true;
    runner->wake();
  }

  bool woken = true;
  LocalTime deadline;
  std::vector<std::pair<Restless*, VirtualRunner*>> others;

 private:
  const VirtualClock& clock_;
  std::mt19937& random_;
};

TEST(World, NoDeadlineOfManyDevicesIsForgottenOrEarly) {
  std::mt19937 random(5);
  World world;
  std::deque<VirtualClock> clocks;
  std::deque<Restless> works;
  std::deque<VirtualRunner> runners;
  for (int i = 0; i < 40; ++i) {
    clocks.emplace_back(world, world_at(-i), (i - 20) * 1'000'000);
    works.emplace_back(clocks.back(), random);
    runners.emplace_back(world, clocks.back(), i % 2 == 0 ? kRealtime : kOrdinary);
  }
  std::vector<std::pair<Restless*, VirtualRunner*>> all;
  for (std::size_t i = 0; i < works.size(); ++i) all.emplace_back(&works[i], &runners[i]);
  for (std::size_t i = 0; i < works.size(); ++i) {
    works[i].others = all;
    ASSERT_EQ(runners[i].start(works[i]), Status::kOk);
  }
  for (int i = 0; i < 50'000; ++i) {
    if (!world.step()) works.front().wake_one();
    if (i % 100 == 0) {  // Leaves and comes back.
      const std::size_t k = random() % runners.size();
      runners[k].stop();
      works[k].woken = true;
      ASSERT_EQ(runners[k].start(works[k]), Status::kOk);
    }
    if (i % 50 != 0) continue;
    world.run_until(world.now());
    for (std::size_t k = 0; k < works.size(); ++k) {
      ASSERT_FALSE(works[k].woken);
      ASSERT_GE(works[k].deadline, clocks[k].now());
    }
  }
}

TEST(VirtualOutputBank, InjectedFaultsHitExactlyTheCallsAskedForAndChangeNothing) {
  VirtualOutputBank bank;
  const PinConfig pin{.pin = 1};
  ASSERT_EQ(bank.configure({&pin, 1}), Status::kOk);
  Levels on;
  on.on = 1;
  bank.fail(1, 2);
  EXPECT_EQ(bank.apply(on), Status::kOk);
  EXPECT_EQ(bank.apply({}), Status::kIo);
  EXPECT_TRUE(bank.is_high(1));
  EXPECT_EQ(bank.apply({}), Status::kIo);
  EXPECT_EQ(bank.apply({}), Status::kOk);
  EXPECT_FALSE(bank.is_high(1));
}

}  // namespace
}  // namespace takt
