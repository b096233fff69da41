// SPDX-License-Identifier: Apache-2.0
// What a consumer looks like to the bus, and what it asks for.
#pragma once

#include <cstdint>

#include "takt/core/base/time.h"

namespace takt::bus {

class Message;

/// A consumer. Its task calls these one at a time; none may outlast ModuleOptions::stall_limit.
/// On the host an exception out of any of them is a crash: recovery follows, other modules do not
/// notice.
class Module {
 public:
  /// A message came. Its payload is valid until this returns; message.clone() keeps it longer.
  virtual void process(const Message& message) = 0;

  /// Periodic work. `planned` is start + k * period: one late step does not delay any later step.
  /// Steps that were missed altogether are skipped and counted in `missed`.
  virtual void step(LocalTime planned, LocalTime now, std::uint32_t missed) {
    static_cast<void>(planned), static_cast<void>(now), static_cast<void>(missed);
  }

  /// No message came for ModuleOptions::receive_timeout.
  virtual void timed_out(LocalTime now) { static_cast<void>(now); }

  /// Recovery has emptied the queues and returned every reference and loan of this module: start
  /// afresh. References it still holds are stale and read as null.
  virtual void restart(LocalTime now) { static_cast<void>(now); }

 protected:
  ~Module() = default;
};

struct ModuleOptions {
  const char* name = "";      ///< For metrics; outlives the module.
  std::uint8_t keeps = 4;     ///< Most references it may hold beyond its handlers.
  Micros period{0};           ///< Of step(); 0: none.
  Micros receive_timeout{0};  ///< 0: none.
  Micros stall_limit{0};      ///< A handler that runs longer is a stall; 0: never.
};

/// What happens to a message that finds the queue full.
enum class Policy : std::uint8_t {
  kDropNewest,  ///< It is not enqueued.
  kDropOldest,  ///< It displaces the oldest one.
  kLatest,      ///< It displaces the only one: depth is 1.
  kWait,        ///< publish_for() waits for room; publish() drops it.
};

/// Priority between the queues of one module.
enum class Lane : std::uint8_t { kControl, kNormal };

struct QueueOptions {
  std::uint16_t depth = 8;
  Policy policy = Policy::kDropNewest;
  Lane lane = Lane::kNormal;
  /// Most messages it may hold whatever its depth, so that a stalled consumer leaves the others
  /// their share. 0: a fair share of the sizes that its topics use, see Registry::share_out().
  std::uint16_t quota = 0;

  /// Newest data counts.
  static constexpr QueueOptions stream(std::uint16_t depth) {
    return {depth, Policy::kDropOldest, Lane::kNormal, 0};
  }
  /// Delivery counts.
  static constexpr QueueOptions control(std::uint16_t depth) {
    return {depth, Policy::kWait, Lane::kControl, 0};
  }
};

}  // namespace takt::bus
