// SPDX-License-Identifier: Apache-2.0
#include "takt/app/bus/memory.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/bus_rig.h"
#include "tests/support/memory_device.h"

namespace takt {
namespace {

using bus::at;

constexpr bus::Topic<MemoryEvent> kMemory{4, "memory"};

struct Console final : MemorySink {
  void line(std::string_view text) override { lines.emplace_back(text); }
  void event(const MemoryEvent& /*event*/) override { ++events; }

  std::vector<std::string> lines;
  int events = 0;
};

struct StoppedClock final : Clock {
  LocalTime now() const override { return at(5); }
};

class Monitor final : public bus::Module {
 public:
  void process(const bus::Message& message) override {
    if (const MemoryEvent* event = message.get(kMemory)) events.push_back(*event);
  }
  std::vector<MemoryEvent> events;
};

/// A device whose memory reports to a bus whose pool lies in that memory.
class MemoryOnTheBus : public ::testing::Test {
 protected:
  MemoryOnTheBus() {
    EXPECT_EQ(rig.registry.open(kMemory), Status::kOk);
    id = rig.attach(monitor);
    bus::QueueRecord* const queue = rig.registry.add_queue(id, {}).value();
    EXPECT_EQ(rig.registry.subscribe(*queue, kMemory), Status::kOk);
  }
  void deliver() {
    for (;;) {
      const bus::Delivery delivery = rig.registry.consumer(id).take(at(9));
      if (!delivery) return;
      monitor.process(delivery.message());
    }
  }

  TestDevice device;
  bus::BusRig rig;
  Monitor monitor;
  bus::ModuleId id;
  Console console;
  StoppedClock clock;
  MemoryPublisher publisher{rig.bus, kMemory, clock, console};
  MutexExclusion exclusion;
  TaskTable tasks{exclusion};
  MemoryReporter reporter{device.memory, tasks, publisher};
};

TEST_F(MemoryOnTheBus, ASnapshotArrivesAsItWasPrinted) {
  const MemorySnapshot taken = reporter.snapshot(Word{"boot"});
  deliver();
  ASSERT_EQ(monitor.events.size(), 1U);
  EXPECT_EQ(monitor.events[0].kind, MemoryEvent::Kind::kSnapshot);
  EXPECT_EQ(monitor.events[0].snapshot.hf, taken.hf);
  ASSERT_EQ(console.lines.size(), 1U);
  EXPECT_EQ(console.lines[0].find("[Mem] boot hf=" + std::to_string(taken.hf)), 0U);
  EXPECT_EQ(console.events, 1);
}

TEST_F(MemoryOnTheBus, ARefusalArrivesEvenThoughMemoryIsExhausted) {
  while (device.take(1'000, Placement::kInternal) != nullptr) {
  }
  deliver();
  ASSERT_FALSE(monitor.events.empty());
  EXPECT_EQ(monitor.events.back().kind, MemoryEvent::Kind::kRefusal);
}

TEST_F(MemoryOnTheBus, WithoutASlotAnEventIsCountedAndItsLineStillComes) {
  std::vector<Result<bus::Loan<MemoryEvent>>> held;
  do {
    held.push_back(rig.bus.try_alloc(kMemory, bus::kNobody));
  } while (held.back().ok());
  reporter.snapshot(Word{"boot"});
  EXPECT_EQ(publisher.unpublished(), 1U);
  EXPECT_EQ(console.lines.size(), 1U);
}

TEST(RegionPoolMemory, APoolLiesInExternalRamAndGivesBackWhatItGrewBy) {
  TestDevice device;
  RegionPoolMemory region{device.memory, device.memory.add_tag({"bus"})};
  const std::size_t free_before = device.memory.snapshot().pf;
  const std::span<std::byte> control = region.take(bus::Pool::control_bytes(200));
  const std::span<std::byte> piece = region.take(bus::Pool::memory_bytes(64, 100));
  EXPECT_GE(piece.data(), device.external.data());
  EXPECT_LT(piece.data(), device.external.data() + device.external.size());
  EXPECT_EQ(region.take(1U << 20U).size(), 0U) << "there is no such piece";
  {
    bus::Pool pool{control};
    ASSERT_EQ(pool.add(64, piece), Status::kOk);
  }
  region.give_back(piece);
  region.give_back(control);
  EXPECT_EQ(device.memory.snapshot().pf, free_before);
}

}  // namespace
}  // namespace takt
