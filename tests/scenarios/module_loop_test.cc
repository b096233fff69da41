// SPDX-License-Identifier: Apache-2.0
#include "takt/app/bus/module_loop.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "takt/ports/linux/clock.h"
#include "takt/ports/linux/futex_waiter.h"
#include "tests/support/bus_rig.h"

namespace takt::bus {
namespace {

class ModuleLoop : public ::testing::Test {
 protected:
  LinuxClock clock_;
  FutexWaiter waiter_{clock_};
  BusRig rig_{64, &waiter_};
};

TEST_F(ModuleLoop, AnExceptionIsTheCrashOfThatModuleAlone) {
  Recorder bad;
  Recorder good;
  bad.on_message = [](const Message&) { throw std::runtime_error("crash"); };
  Executor executor(rig_.registry);
  for (Recorder* module : {&bad, &good}) {
    const ModuleId id = rig_.attach(*module);
    rig_.queue(id);
    ASSERT_EQ(executor.add(id, clock_.now()), Status::kOk);
  }
  for (std::uint32_t i = 0; i < 5; ++i) ASSERT_EQ(rig_.publish(i).delivered(), 2U);
  while (run_turn(executor, clock_)) {
  }
  EXPECT_EQ(good.numbers, (std::vector{0U, 1U, 2U, 3U, 4U}));
  EXPECT_EQ(bad.restarts, 1);
  EXPECT_EQ(rig_.in_use(), 0U);
}

TEST_F(ModuleLoop, AMessageWakesTheTaskThatWaitsForIt) {
  Recorder module;
  std::atomic<std::uint32_t> received{0};
  module.on_message = [&](const Message&) { ++received; };
  Executor executor(rig_.registry);
  const ModuleId id = rig_.attach(module);
  rig_.queue(id, QueueOptions::control(4));
  ASSERT_EQ(executor.add(id, clock_.now()), Status::kOk);
  std::thread task([&] { run_modules(executor, clock_); });
  for (std::uint32_t i = 0; i < 2'000; ++i) {
    Result<Loan<Small>> loan = rig_.bus.alloc_for(kSmall, kNobody, clock_.now(), seconds(20));
    ASSERT_TRUE(loan.ok());
    *loan.value() = {i, ~i};
    const Broadcast result =
        rig_.bus.publish_for(kSmall, std::move(loan.value()), clock_.now(), seconds(20));
    ASSERT_EQ(result.delivered(), 1U) << "control messages wait for room";
    while (i % 7 == 0 && received.load() <= i) std::this_thread::yield();
  }
  while (received.load() < 2'000) std::this_thread::yield();
  executor.stop();
  task.join();
  EXPECT_EQ(module.numbers.size(), 2'000U);
}

TEST_F(ModuleLoop, OneDeadlineEndsTheWholeWait) {
  std::vector<Loan<Small>> all;
  for (Result<Loan<Small>> loan = rig_.loan(0); loan.ok(); loan = rig_.loan(0)) {
    all.push_back(std::move(loan.value()));
  }
  const LocalTime start = clock_.now();
  EXPECT_EQ(rig_.bus.alloc_for(kSmall, kNobody, start, millis(20)).status(), Status::kTimeout);
  EXPECT_GE(clock_.now() - start, millis(20));
  EXPECT_EQ(rig_.bus.alloc_for(kSmall, kNobody, at(0), Micros{0}).status(), Status::kTimeout);
}

TEST_F(ModuleLoop, AReleasedSlotWakesTheAllocationThatWaitsForIt) {
  std::vector<Loan<Small>> all;
  for (Result<Loan<Small>> loan = rig_.loan(0); loan.ok(); loan = rig_.loan(0)) {
    all.push_back(std::move(loan.value()));
  }
  std::thread other([&] { all.clear(); });
  EXPECT_TRUE(rig_.bus.alloc_for(kSmall, kNobody, clock_.now(), seconds(20)).ok());
  other.join();
}

}  // namespace
}  // namespace takt::bus
