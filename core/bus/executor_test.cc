// SPDX-License-Identifier: Apache-2.0
#include "takt/core/bus/executor.h"

#include <gtest/gtest.h>

#include <utility>

#include "tests/support/bus_rig.h"

namespace takt::bus {
namespace {

using Outcome = Executor::Outcome;

// Runs what is due at `now`; each turn takes no time. Returns the number of turns.
int run_all(Executor& executor, LocalTime now) {
  int turns = 0;
  for (Turn turn = executor.begin(now); turn; turn = executor.begin(now)) {
    turn.run();
    executor.finish(std::move(turn), now, Outcome::kDone);
    ++turns;
  }
  return turns;
}

TEST(Executor, StepsComeFromThePlanHoweverLateTheTaskIs) {
  BusRig rig;
  Recorder module;
  Executor executor(rig.registry);
  ASSERT_EQ(executor.add(rig.attach(module, {.name = "m", .period = millis(10)}), at(0)),
            Status::kOk);
  EXPECT_EQ(executor.deadline(), at(10'000));
  run_all(executor, at(13'000));
  EXPECT_EQ(executor.deadline(), at(20'000)) << "not 23 ms";
  run_all(executor, at(47'000));
  EXPECT_EQ(module.steps, (std::vector{at(10'000), at(40'000)}));
  EXPECT_EQ(module.missed_steps, 2U);
  EXPECT_EQ(executor.deadline(), at(50'000));
}

TEST(Executor, AReceiveTimeoutCountsFromTheLastMessage) {
  BusRig rig;
  Recorder module;
  Executor executor(rig.registry);
  const ModuleId id = rig.attach(module, {.name = "m", .receive_timeout = millis(5)});
  rig.queue(id);
  ASSERT_EQ(executor.add(id, at(0)), Status::kOk);
  ASSERT_EQ(rig.publish(1).delivered(), 1U);
  run_all(executor, at(4'000));
  run_all(executor, at(8'999));
  EXPECT_TRUE(module.timeouts.empty());
  run_all(executor, at(9'000));
  EXPECT_EQ(module.timeouts, std::vector{at(9'000)});
  EXPECT_EQ(executor.deadline(), at(14'000));
}

TEST(Executor, ModulesOfOneTaskTakeTurns) {
  BusRig rig;
  Recorder a;
  Recorder b;
  Executor executor(rig.registry);
  for (Recorder* module : {&a, &b}) {
    const ModuleId id = rig.attach(*module);
    rig.queue(id, {.depth = 4});
    ASSERT_EQ(executor.add(id, at(0)), Status::kOk);
  }
  for (std::uint32_t i = 0; i < 4; ++i) ASSERT_EQ(rig.publish(i).delivered(), 2U);
  for (std::size_t i = 1; i <= 4; ++i) {
    for (int turn = 0; turn < 2; ++turn) {
      Turn next = executor.begin(at(0));
      next.run();
      executor.finish(std::move(next), at(0), Outcome::kDone);
    }
    EXPECT_EQ(a.numbers.size(), i);
    EXPECT_EQ(b.numbers.size(), i);
  }
}

TEST(Executor, ACrashReturnsAllThatTheModuleHadAndNobodyElseNotices) {
  BusRig rig(32);
  Recorder bad;
  Recorder good;
  Executor executor(rig.registry);
  const ModuleId bad_id = rig.attach(bad, {.name = "bad"});
  const ModuleId good_id = rig.attach(good, {.name = "good"});
  rig.queue(bad_id);
  rig.queue(good_id);
  ASSERT_EQ(executor.add(bad_id, at(0)), Status::kOk);
  Reference<Small> kept;
  Result<Loan<Small>> borrowed = rig.loan(0, bad_id);
  bad.on_message = [&](const Message& message) { kept = message.clone(kSmall); };
  for (std::uint32_t i = 0; i < 4; ++i) ASSERT_EQ(rig.publish(i).delivered(), 2U);

  Turn turn = executor.begin(at(0));
  turn.run();
  executor.finish(std::move(turn), at(0), Outcome::kCrashed);
  for (std::uint32_t i = 0; i < 4; ++i) EXPECT_EQ(rig.take(good_id), i);
  run_all(executor, at(0));
  EXPECT_EQ(bad.restarts, 1);
  EXPECT_EQ(bad.numbers.size(), 1U);
  EXPECT_EQ(rig.in_use(), 0U);
  EXPECT_EQ(rig.registry.module(bad_id)->restarts.get(), 1U);

  bad.on_message = nullptr;
  ASSERT_EQ(rig.publish(9).delivered(), 2U) << "back in service";
  run_all(executor, at(0));
  EXPECT_EQ(bad.numbers.back(), 9U);
}

TEST(Executor, AStalledModuleLosesItsQueueAtOnceAndItsMessageWhenItReturns) {
  BusRig rig(32);
  Recorder slow;
  Executor executor(rig.registry);
  const ModuleId id = rig.attach(slow, {.name = "slow", .stall_limit = millis(100)});
  rig.queue(id, {.depth = 8});
  ASSERT_EQ(executor.add(id, at(0)), Status::kOk);
  for (std::uint32_t i = 0; i < 4; ++i) ASSERT_EQ(rig.publish(i).delivered(), 1U);
  Turn turn = executor.begin(at(0));
  EXPECT_EQ(rig.registry.evict_stalled(at(100'000)), 0U);
  EXPECT_EQ(rig.registry.evict_stalled(at(100'001)), 1U);
  EXPECT_EQ(rig.in_use(), 1U) << "what it reads stays";
  EXPECT_EQ(rig.publish(5).delivered(), 0U);
  executor.finish(std::move(turn), at(200'000), Outcome::kDone);
  EXPECT_EQ(rig.in_use(), 0U);
  run_all(executor, at(200'000));
  EXPECT_EQ(slow.restarts, 1);
  EXPECT_EQ(rig.registry.module(id)->stalls.get(), 1U);
  EXPECT_EQ(rig.publish(6).delivered(), 1U);
}

TEST(Executor, ATaskKilledInAHandlerLeavesNothingBehind) {
  BusRig rig(32);
  Recorder module;
  Executor executor(rig.registry);
  const ModuleId id = rig.attach(module);
  rig.queue(id);
  ASSERT_EQ(executor.add(id, at(0)), Status::kOk);
  for (std::uint32_t i = 0; i < 3; ++i) ASSERT_EQ(rig.publish(i).delivered(), 1U);
  Turn turn = executor.begin(at(0));
  ASSERT_TRUE(turn);  // And there the watchdog ends the task.
  ASSERT_EQ(rig.registry.recover(id), Status::kOk);
  EXPECT_EQ(rig.in_use(), 0U);
  EXPECT_EQ(rig.registry.module(id)->restarts.get(), 1U);
  ASSERT_EQ(rig.publish(7).delivered(), 1U);
  executor.finish(std::move(turn), at(1), Outcome::kDone);  // Not dead after all: no harm done.
  EXPECT_EQ(rig.in_use(), 1U);
  run_all(executor, at(1));
  EXPECT_EQ(module.numbers, std::vector{7U});
}

TEST(Executor, AModuleIsGoneOnlyWhenItsTaskHasSeenIt) {
  BusRig rig;
  Executor executor(rig.registry);
  Recorder module;
  const ModuleId id = rig.attach(module);
  rig.queue(id);
  ASSERT_EQ(executor.add(id, at(0)), Status::kOk);
  ASSERT_EQ(rig.publish(1).delivered(), 1U);
  EXPECT_EQ(rig.registry.remove(id), Status::kBusy);
  EXPECT_EQ(rig.publish(2).delivered(), 0U) << "receives nothing from then on";
  run_all(executor, at(0));
  EXPECT_EQ(rig.registry.remove(id), Status::kOk);
  EXPECT_EQ(rig.in_use(), 0U);
}

}  // namespace
}  // namespace takt::bus
