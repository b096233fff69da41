// SPDX-License-Identifier: Apache-2.0
// Those who wait on the bus are woken by what they wait for, not by their deadline.
#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "takt/core/bus/executor.h"
#include "takt/ports/virtual/waiter.h"
#include "tests/support/bus_rig.h"

namespace takt::bus {
namespace {

/// Does one thing at one time.
class Once final : public Work {
 public:
  Once(LocalTime due, std::function<void()> what) : due_(due), what_(std::move(what)) {}
  LocalTime run(LocalTime now) override {
    if (now < due_) return due_;
    what_();
    return kNever;
  }

 private:
  LocalTime due_;
  std::function<void()> what_;
};

class BusWaiting : public ::testing::Test {
 protected:
  /// Has `what` done at 500 us, while the test waits.
  void at_500(std::function<void()> what) {
    once_.emplace(at(500), std::move(what));
    ASSERT_EQ(runner_.start(*once_), Status::kOk);
  }
  Result<Loan<Small>> wait_for_slot() {
    return rig_.bus.alloc_for(kSmall, kNobody, clock_.now(), millis(10));
  }
  Broadcast publish_waiting(std::uint32_t number) {
    Loan<Small> loan = std::move(rig_.loan(number).value());
    return rig_.bus.publish_for(kSmall, std::move(loan), clock_.now(), millis(10));
  }

  World world_;
  VirtualClock clock_{world_};
  VirtualWaiter waiter_{world_, clock_};
  BusRig rig_{4, &waiter_};
  std::optional<Once> once_;
  VirtualRunner runner_{world_, clock_, VirtualRunner::Rank::kOrdinary};
};

TEST_F(BusWaiting, AnAllocationGetsTheSlotThatIsReleased) {
  std::vector<Loan<Small>> all;
  for (Result<Loan<Small>> loan = rig_.loan(0); loan.ok(); loan = rig_.loan(0)) {
    all.push_back(std::move(loan.value()));
  }
  at_500([&] { all.pop_back(); });
  EXPECT_TRUE(wait_for_slot().ok());
  EXPECT_EQ(clock_.now(), at(500));
}

TEST_F(BusWaiting, AnAllocationGetsTheBudgetThatAMessageOfAnotherSizeGivesBack) {
  ASSERT_EQ(rig_.registry.open(kRaw, {.quota = 1, .max_bytes = 256}), Status::kOk);
  std::optional<Loan<Bytes>> large{std::move(rig_.bus.try_alloc(kRaw, 200, kNobody).value())};
  at_500([&] { large.reset(); });
  EXPECT_TRUE(rig_.bus.alloc_for(kRaw, 4, kNobody, clock_.now(), millis(10)).ok());
  EXPECT_EQ(clock_.now(), at(500));
}

TEST_F(BusWaiting, AnExhaustedSizeIsWaitedForAlsoWithTheLastOfABudget) {
  ASSERT_EQ(rig_.registry.open(kSmall, {.quota = 1}), Status::kOk);
  std::vector<Loan<Small>> all;
  for (int i = 0; i < 4; ++i) {
    all.push_back(std::move(rig_.bus.try_alloc(kOther, kNobody).value()));
  }
  EXPECT_EQ(wait_for_slot().status(), Status::kTimeout);
  EXPECT_EQ(clock_.now(), at(10'000));
}

TEST_F(BusWaiting, APublisherGetsTheRoomThatAConsumerMakes) {
  Recorder module;
  const ModuleId id = rig_.attach(module);
  rig_.queue(id, {.depth = 1, .policy = Policy::kWait});
  ASSERT_EQ(publish_waiting(1).delivered(), 1U);
  at_500([&] { EXPECT_EQ(rig_.take(id), 1); });
  EXPECT_EQ(publish_waiting(2).delivered(), 1U);
  EXPECT_EQ(clock_.now(), at(500));
  EXPECT_EQ(rig_.take(id), 2);
  EXPECT_EQ(rig_.in_use(), 0U);
}

TEST_F(BusWaiting, AFullQueueIsGivenUpAtTheDeadline) {
  Recorder module;
  const ModuleId id = rig_.attach(module);
  rig_.queue(id, {.depth = 1, .policy = Policy::kWait});
  ASSERT_EQ(publish_waiting(1).delivered(), 1U);
  const Broadcast result = publish_waiting(2);
  EXPECT_EQ(result.dropped(), 1U);
  EXPECT_EQ(clock_.now(), at(10'000));
  EXPECT_EQ(rig_.in_use(), 1U);
}

TEST_F(BusWaiting, APublisherDoesNotWaitForAModuleThatWasEvicted) {
  Recorder module;
  const ModuleId id = rig_.attach(module, {.name = "slow", .stall_limit = Micros{100}});
  rig_.queue(id, {.depth = 1, .policy = Policy::kWait});
  ASSERT_EQ(publish_waiting(1).delivered(), 1U);
  at_500([&] { rig_.registry.evict(id); });
  EXPECT_EQ(publish_waiting(2).dropped(), 1U);
  EXPECT_EQ(clock_.now(), at(500));
}

}  // namespace
}  // namespace takt::bus
