// SPDX-License-Identifier: Apache-2.0
// The laws that earlier implementations broke; numbers are those of the list of their faults.
// Elsewhere: 10 and 15 do not compile (tests/nocompile/bus.cc), 13 and 17 are stressed
// (tests/scenarios/bus_stress_test.cc), 14 is shown in three forms (snapshot_test.cc).
#include "takt/core/bus/bus.h"

#include <gtest/gtest.h>

#include <array>
#include <utility>
#include <vector>

#include "takt/core/bus/adapter.h"
#include "takt/core/bus/sizing.h"
#include "tests/support/bus_rig.h"

namespace takt::bus {
namespace {

TEST(Bus, AReferenceIsReleasedExactlyOnceWhateverItsHolderDoes) {  // 1
  BusRig rig;
  Recorder module;
  const ModuleId id = rig.attach(module);
  rig.queue(id);
  ASSERT_EQ(rig.publish(7).delivered(), 1U);
  {
    const Delivery delivery = rig.registry.consumer(id).take(at(0));
    Reference<Small> kept = delivery.message().clone(kSmall);
    Reference<Small> twin = kept.clone();
    Reference<Small> moved = std::move(kept);
    kept.reset();
    moved.reset();
    moved.reset();
    EXPECT_EQ(twin->number, 7U);
  }
  EXPECT_EQ(rig.in_use(), 0U);
  EXPECT_EQ(rig.pool.faults().double_releases + rig.pool.faults().late_releases, 0U);
}

TEST(Bus, AReferenceOfARecoveredModuleReadsAsNullAndReleasesNothing) {  // 2
  BusRig rig;
  Recorder module;
  const ModuleId id = rig.attach(module);
  rig.queue(id);
  ASSERT_EQ(rig.publish(1).delivered(), 1U);
  Reference<Small> kept = rig.registry.consumer(id).take(at(0)).message().clone(kSmall);
  ASSERT_EQ(rig.registry.recover(id), Status::kOk);
  EXPECT_EQ(rig.in_use(), 0U);
  ASSERT_EQ(rig.publish(2).delivered(), 1U);  // The same slot.
  EXPECT_EQ(kept.get(), nullptr);
  kept.reset();
  EXPECT_EQ(rig.take(id), 2);
  EXPECT_EQ(rig.pool.faults().late_releases, 1U);
}

TEST(Bus, ALongMessageIsRefusedOrTakesALargerSizeButIsNeverCut) {  // 3
  BusRig rig;
  ASSERT_EQ(rig.registry.open(kRaw, {.max_bytes = 256}), Status::kOk);
  EXPECT_EQ(rig.bus.try_alloc(kRaw, 300, kNobody).status(), Status::kTooLarge);
  Result<Loan<Bytes>> loan = rig.bus.try_alloc(kRaw, 200, kNobody);
  ASSERT_TRUE(loan.ok());
  EXPECT_EQ(loan.value().bytes().size(), 200U);
  loan.value().shorten(17);
  Recorder module;
  const ModuleId id = rig.attach(module);
  QueueRecord* queue = rig.registry.add_queue(id, {}).value();
  ASSERT_EQ(rig.registry.subscribe(*queue, kRaw), Status::kOk);
  ASSERT_EQ(rig.bus.publish(kRaw, std::move(loan.value()), at(0)).delivered(), 1U);
  EXPECT_EQ(rig.registry.consumer(id).take(at(0)).message().bytes().size(), 17U);
}

TEST(Bus, AHealthyConsumerLosesNothingBesideAStalledOne) {  // 4
  for (const Policy policy : {Policy::kDropNewest, Policy::kDropOldest, Policy::kWait}) {
    BusRig rig(18);
    Recorder stalled;
    Recorder healthy;
    rig.queue(rig.attach(stalled), {.depth = 32, .policy = policy});
    const ModuleId id = rig.attach(healthy);
    rig.queue(id, {.depth = 32, .policy = policy});
    for (std::uint32_t i = 0; i < 100; ++i) {
      static_cast<void>(rig.publish(i));
      ASSERT_EQ(rig.take(id), i);
    }
    // And in bursts, up to its own share.
    const std::uint32_t share = rig.registry.queue(1).ring.depth();
    ASSERT_GE(share, 6U);
    for (std::uint32_t i = 0; i < share; ++i) static_cast<void>(rig.publish(i));
    for (std::uint32_t i = 0; i < share; ++i) ASSERT_EQ(rig.take(id), i);
  }
}

TEST(Bus, RemovingAModuleReturnsEverythingItHad) {  // 5
  BusRig rig(18);
  Recorder module;
  const ModuleId id = rig.attach(module);
  rig.queue(id, {.depth = 8});
  for (std::uint32_t i = 0; i < 8; ++i) ASSERT_EQ(rig.publish(i).delivered(), 1U);
  Reference<Small> kept = rig.registry.consumer(id).take(at(0)).message().clone(kSmall);
  Result<Loan<Small>> borrowed = rig.loan(9, id);
  ASSERT_TRUE(borrowed.ok());
  ASSERT_EQ(rig.in_use(), 9U);
  ASSERT_EQ(rig.registry.remove(id), Status::kOk);
  EXPECT_EQ(rig.in_use(), 0U);
  EXPECT_EQ(rig.publish(10).delivered(), 0U);
  EXPECT_EQ(rig.in_use(), 0U);
}

TEST(Bus, AFullQueueIsVisibleToThePublisherAndCounted) {  // 6
  BusRig rig;
  Recorder a;
  Recorder b;
  QueueRecord& full = rig.queue(rig.attach(a), {.depth = 1});
  rig.queue(rig.attach(b), {.depth = 4});
  Broadcast result = rig.publish(1);
  EXPECT_EQ(result.delivered(), 2U);
  result = rig.publish(2);
  EXPECT_EQ(result.delivered(), 1U);
  EXPECT_EQ(result.dropped(), 1U);
  EXPECT_EQ(full.dropped.get(), 1U);
}

TEST(Bus, AMessageThatNobodyTookIsFreedAtOnce) {  // 6
  BusRig rig;
  EXPECT_EQ(rig.publish(1).delivered(), 0U);
  EXPECT_EQ(rig.in_use(), 0U);
}

TEST(Bus, ALoanThatIsNotPublishedComesBack) {
  BusRig rig;
  { ASSERT_TRUE(rig.loan(1).ok()); }
  EXPECT_EQ(rig.in_use(), 0U);
}

TEST(Bus, TryAllocNeverWaits) {  // 7: there is no waiter to wait with.
  BusRig rig(1, nullptr);
  Result<Loan<Small>> first = rig.loan(1);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(rig.loan(2).status(), Status::kNoMemory);
}

TEST(Bus, ControlMessagesAreServedFirst) {  // 8, 16: priority is the queue's lane.
  BusRig rig;
  Recorder module;
  const ModuleId id = rig.attach(module);
  rig.queue(id, QueueOptions::stream(4));
  QueueRecord* control = rig.registry.add_queue(id, QueueOptions::control(4)).value();
  ASSERT_EQ(rig.registry.subscribe(*control, kOther), Status::kOk);
  for (std::uint32_t i = 0; i < 3; ++i) ASSERT_EQ(rig.publish(i).delivered(), 1U);
  Result<Loan<Small>> urgent = rig.bus.try_alloc(kOther, kNobody);
  ASSERT_EQ(rig.bus.publish(kOther, std::move(urgent.value()), at(0)).delivered(), 1U);
  EXPECT_EQ(rig.registry.consumer(id).take(at(0)).message().topic(), kOther.number);
  EXPECT_EQ(rig.take(id), 0);
}

TEST(Bus, QueuesOfOneLaneAreServedInTurn) {
  BusRig rig;
  Recorder module;
  const ModuleId id = rig.attach(module);
  rig.queue(id, {.depth = 4});
  QueueRecord* second = rig.registry.add_queue(id, {.depth = 4}).value();
  ASSERT_EQ(rig.registry.subscribe(*second, kOther), Status::kOk);
  for (std::uint32_t i = 0; i < 3; ++i) {
    ASSERT_EQ(rig.publish(i).delivered(), 1U);
    Result<Loan<Small>> loan = rig.bus.try_alloc(kOther, kNobody);
    ASSERT_EQ(rig.bus.publish(kOther, std::move(loan.value()), at(0)).delivered(), 1U);
  }
  int before = -1;
  for (int i = 0; i < 6; ++i) {
    const int topic = rig.registry.consumer(id).take(at(0)).message().topic();
    EXPECT_NE(topic, before);
    before = topic;
  }
}

TEST(Bus, HandlersSeeThePayloadWhereThePublisherWroteIt) {  // 9
  BusRig rig;
  Recorder module;
  const ModuleId id = rig.attach(module);
  rig.queue(id);
  Result<Loan<Small>> loan = rig.loan(5);
  const Small* written = &*loan.value();
  ASSERT_EQ(rig.bus.publish(kSmall, std::move(loan.value()), at(0)).delivered(), 1U);
  EXPECT_EQ(rig.registry.consumer(id).take(at(0)).message().get(kSmall), written);
}

TEST(Bus, APayloadIsKnownByItsTopicNeverByItsLength) {  // 11
  BusRig rig;
  Recorder module;
  const ModuleId id = rig.attach(module);
  rig.queue(id);
  ASSERT_EQ(rig.publish(1).delivered(), 1U);
  const Delivery delivery = rig.registry.consumer(id).take(at(0));
  EXPECT_EQ(delivery.message().get(kOther), nullptr) << "same type and length, another topic";
  EXPECT_FALSE(delivery.message().clone(kOther));
  EXPECT_EQ(rig.registry.open(Topic<std::uint64_t>{kSmall.number, "small"}), Status::kBusy);
  EXPECT_EQ(rig.registry.open(Topic<Small>{kSmall.number, "smaller"}), Status::kBusy);
}

TEST(Bus, TwoTargetsThatShareAQueueGetAMessageOnce) {  // 12
  BusRig rig;
  Recorder module;
  const ModuleId id = rig.attach(module);
  QueueRecord& queue = rig.queue(id);
  const Targets left = rig.registry.add_target(queue).value();
  const Targets right = rig.registry.add_target(queue).value();
  Result<Loan<Small>> loan = rig.loan(3);
  const Broadcast result = rig.bus.publish_to(left | right, kSmall, std::move(loan.value()), at(0));
  EXPECT_EQ(result.delivered(), 1U);
  EXPECT_EQ(rig.take(id), 3);
  EXPECT_EQ(rig.take(id), -1);
}

TEST(Bus, AMessageGoesToTheTargetsOfItsListAndToNobodyElse) {
  BusRig rig;
  std::array<Recorder, 3> modules;
  std::array<ModuleId, 3> ids{};
  std::array<Targets, 3> targets;
  for (std::size_t i = 0; i < modules.size(); ++i) {
    ids[i] = rig.attach(modules[i]);
    targets[i] = rig.registry.add_target(rig.queue(ids[i])).value();
  }
  Result<Loan<Small>> loan = rig.loan(3);
  const Targets list = targets[0] | targets[2];
  EXPECT_EQ(rig.bus.publish_to(list, kSmall, std::move(loan.value()), at(0)).delivered(), 2U);
  EXPECT_EQ(rig.take(ids[0]), 3);
  EXPECT_EQ(rig.take(ids[1]), -1);
  EXPECT_EQ(rig.take(ids[2]), 3);
}

TEST(Bus, DropOldestKeepsTheNewest) {
  BusRig rig;
  Recorder module;
  const ModuleId id = rig.attach(module);
  QueueRecord& queue = rig.queue(id, {.depth = 3, .policy = Policy::kDropOldest});
  std::uint32_t displaced = 0;
  for (std::uint32_t i = 0; i < 8; ++i) {
    const Broadcast result = rig.publish(i);
    EXPECT_EQ(result.delivered(), 1U);
    displaced += result.displaced();
  }
  EXPECT_EQ(displaced, 5U);
  EXPECT_EQ(queue.displaced.get(), 5U);
  for (std::uint32_t i = 5; i < 8; ++i) EXPECT_EQ(rig.take(id), i);
}

TEST(Bus, LatestOnlyHoldsOne) {
  BusRig rig;
  Recorder module;
  const ModuleId id = rig.attach(module);
  rig.queue(id, {.depth = 8, .policy = Policy::kLatest});
  for (std::uint32_t i = 0; i < 8; ++i) ASSERT_EQ(rig.publish(i).delivered(), 1U);
  EXPECT_EQ(rig.take(id), 7);
  EXPECT_EQ(rig.take(id), -1);
}

TEST(Bus, ATopicNeverHoldsMoreThanItsQuota) {
  BusRig rig;
  ASSERT_EQ(rig.registry.open(kSmall, {.quota = 3}), Status::kOk);
  Recorder module;
  const ModuleId id = rig.attach(module);
  rig.queue(id, {.depth = 8});
  for (std::uint32_t i = 0; i < 3; ++i) ASSERT_EQ(rig.publish(i).delivered(), 1U);
  EXPECT_EQ(rig.loan(3).status(), Status::kNoMemory);
  EXPECT_TRUE(rig.bus.try_alloc(kOther, kNobody).ok()) << "other topics have their own";
  EXPECT_EQ(rig.take(id), 0);
  EXPECT_TRUE(rig.loan(3).ok());
}

TEST(Bus, AModuleKeepsNoMoreThanItsShare) {
  BusRig rig;
  Recorder module;
  const ModuleId id = rig.attach(module, {.name = "m", .keeps = 2});
  rig.queue(id);
  ASSERT_EQ(rig.publish(1).delivered(), 1U);
  const Delivery delivery = rig.registry.consumer(id).take(at(0));
  Reference<Small> first = delivery.message().clone(kSmall);
  Reference<Small> second = first.clone();
  EXPECT_TRUE(second);
  EXPECT_FALSE(delivery.message().clone(kSmall));
  EXPECT_FALSE(second.clone());
  EXPECT_EQ(rig.pool.faults().refused_clones, 2U);
  first.reset();
  EXPECT_TRUE(second.clone());
}

TEST(Bus, QuotasThatWouldTakeAWholeSizeAreRefused) {
  BusRig rig(8);
  Recorder module;
  const ModuleId id = rig.attach(module);
  QueueRecord* queue = rig.registry.add_queue(id, {.depth = 8, .quota = 8}).value();
  EXPECT_EQ(rig.registry.subscribe(*queue, kSmall), Status::kNoMemory);
}

TEST(Bus, AttachingAndRemovingForeverNeedsNoMoreMemory) {
  BusRig rig;
  for (int i = 0; i < 1'000; ++i) {
    Recorder module;
    const ModuleId id = rig.attach(module);
    rig.queue(id, {.depth = 8});
    ASSERT_EQ(rig.publish(1).delivered(), 1U);
    ASSERT_EQ(rig.registry.remove(id), Status::kOk);
  }
  EXPECT_EQ(rig.registry.queue_count(), 1U);
}

TEST(Bus, AValueModuleGetsACopyThatIsItsOwn) {
  struct Old final : ValueModule<Small> {
    Old() : ValueModule(kSmall) {}
    void process_value(Small& value) override { seen = value.number++; }
    std::uint32_t seen = 0;
  };
  BusRig rig;
  Old old;
  Recorder other;
  const ModuleId old_id = rig.attach(old);
  const ModuleId other_id = rig.attach(other);
  rig.queue(old_id);
  rig.queue(other_id);
  ASSERT_TRUE(publish_value(rig.bus, kSmall, Small{41, 0}, kNobody, at(0)).ok());
  old.process(rig.registry.consumer(old_id).take(at(0)).message());
  EXPECT_EQ(old.seen, 41U);
  EXPECT_EQ(rig.take(other_id), 41) << "the others never see what it does to its copy";
}

TEST(Sizing, FollowsTheFormulaWithinItsLimits) {
  EXPECT_EQ(Sizing{}.entries_for(18), 9U);
  EXPECT_EQ(Sizing{}.entries_for(17), 9U) << "rounded up";
  EXPECT_EQ(Sizing{}.entries_for(3), 8U);
  EXPECT_EQ(Sizing{}.entries_for(100'000), 1'024U);
}

TEST(Sizing, ResizesAtRunTimeThroughTheRegion) {
  struct Region final : PoolMemory {
    std::span<std::byte> take(std::size_t bytes) override {
      taken = bytes;
      return std::span{memory}.first(bytes);
    }
    void give_back(std::span<std::byte> piece) override { taken -= piece.size(); }
    std::array<std::byte, 4'096> memory{};
    std::size_t taken = 0;
  };
  std::vector<std::byte> control(4 * Pool::control_bytes(16));
  std::vector<std::byte> first(Pool::memory_bytes(sizeof(Small), 8));
  std::vector<std::byte> records(8'192);
  Pool pool(control);
  ASSERT_EQ(pool.add(sizeof(Small), first), Status::kOk);
  Bus bus(pool);
  Registry registry(bus, records);
  Region region;
  EXPECT_EQ(resize(registry, sizeof(Small), 20, region), Status::kOk);
  EXPECT_EQ(pool.entries(0), 20U);
  EXPECT_EQ(resize(registry, sizeof(Small), 8, region), Status::kOk);
  EXPECT_EQ(pool.entries(0), 8U);
  EXPECT_EQ(region.taken, 0U);
  EXPECT_EQ(resize(registry, sizeof(Small), 4, region), Status::kBusy);
}

}  // namespace
}  // namespace takt::bus
