// SPDX-License-Identifier: Apache-2.0
// All figures of a bus at a moment.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "takt/core/bus/registry.h"

namespace takt::bus {

struct QueueFigures {
  const char* module = "";
  std::uint8_t number = 0;
  Lane lane = Lane::kNormal;
  std::uint32_t depth = 0;  ///< Limit in force: depth, or quota if that is less.
  std::uint32_t length = 0;
  std::uint32_t peak_length = 0;
  std::uint32_t average_length_milli = 0;
  std::uint32_t accepted = 0;
  std::uint32_t delivered = 0;
  std::uint32_t dropped = 0;    ///< Enqueue failures: it was full, or closed.
  std::uint32_t displaced = 0;  ///< Accepted, then pushed out by a newer one.
  std::uint32_t returned = 0;   ///< Accepted, then released by recovery or removal.
  Histogram::Counts age{};      ///< From publish to delivery.
};

struct ModuleFigures {
  const char* name = "";
  ModuleId id = kNobody;
  bool ready = false;  ///< False: evicted, or about to leave.
  std::uint32_t handled = 0;
  std::uint32_t kept = 0;
  std::uint32_t crashes = 0;
  std::uint32_t stalls = 0;
  std::uint32_t restarts = 0;
  std::uint32_t returned = 0;
  std::uint32_t longest_hold_us = 0;
  Histogram::Counts hold{};  ///< How long its handlers held a message.
};

struct TopicFigures {
  const char* name = "";
  std::uint8_t number = 0;
  std::uint32_t in_use = 0;  ///< Counted only under a quota.
  std::uint32_t quota = 0;
  std::uint32_t refused = 0;  ///< Allocations that the quota forbade.
};

/// Some 15 KB on a 32-bit processor: keep it off small stacks.
struct Snapshot {
  std::size_t size_count = 0;
  std::size_t queue_count = 0;
  std::size_t module_count = 0;
  std::size_t topic_count = 0;
  std::array<Pool::ClassUsage, Pool::kMaxClasses> sizes{};
  std::array<QueueFigures, kMaxQueues> queues{};
  std::array<ModuleFigures, kMaxModules> modules{};
  std::array<TopicFigures, kMaxTopics> topics{};
  Pool::Faults faults;
};

/// Context: as for the registry. Each figure is exact; together they are not of one instant, unless
/// the bus rests.
void take_snapshot(const Registry& registry, Snapshot& snapshot);

}  // namespace takt::bus
