// SPDX-License-Identifier: Apache-2.0
// Gives the bus memory from a region, and publishes memory events on it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "takt/app/metrics/memory_report.h"
#include "takt/core/bus/bus.h"
#include "takt/core/bus/sizing.h"
#include "takt/core/memory/memory.h"
#include "takt/ports/api/clock.h"

namespace takt {

/// Puts the slots of a pool in external RAM or, if a board has none, in internal RAM.
class RegionPoolMemory final : public bus::PoolMemory {
 public:
  RegionPoolMemory(Allocator& memory, Tag tag, Placement placement = Placement::kPreferExternal)
      : memory_(memory), tag_(tag), placement_(placement) {}

  std::span<std::byte> take(std::size_t bytes) override;
  void give_back(std::span<std::byte> memory) override { memory_.free(memory.data()); }

 private:
  Allocator& memory_;
  const Tag tag_;
  const Placement placement_;
};

/// The topic in a device. Its number stands in app/messages/topics.h, with the others.
inline constexpr bus::Topic<MemoryEvent> kMemoryEvents{6, "memory"};

/// Publishes snapshots, tripwires and refusals as messages of `topic`, which must be open, and
/// passes their lines on to `console`. Never waits and never allocates: if the pool is exhausted,
/// the event is counted and its line still comes.
class MemoryPublisher final : public MemorySink {
 public:
  MemoryPublisher(bus::Bus& bus, bus::Topic<MemoryEvent> topic, const Clock& clock,
                  MemorySink& console)
      : bus_(bus), topic_(topic), clock_(clock), console_(console) {}

  void line(std::string_view text) override { console_.line(text); }
  void event(const MemoryEvent& event) override;

  /// Events for which the pool had no slot.
  std::uint32_t unpublished() const { return unpublished_.load(std::memory_order_relaxed); }

 private:
  bus::Bus& bus_;
  const bus::Topic<MemoryEvent> topic_;
  const Clock& clock_;
  MemorySink& console_;
  std::atomic<std::uint32_t> unpublished_{0};
};

}  // namespace takt
