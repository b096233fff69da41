// SPDX-License-Identifier: Apache-2.0
// From the bus to playback and back: the only place that knows both.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>

#include "takt/app/control/driver.h"
#include "takt/app/control/programs.h"
#include "takt/app/messages/topics.h"
#include "takt/core/bus/bus.h"
#include "takt/core/bus/executor.h"
#include "takt/ports/api/runner.h"

namespace takt {

/// Looks on from within the control half, at the end of each of its runs.
class ControlObserver {
 public:
  virtual void after_run(Engine& engine, LocalTime now) = 0;

 protected:
  ~ControlObserver() = default;
};

/// Takes commands and readings from the bus, has a driver carry them out, answers, and says what
/// plays.
///
/// Deadlines. The engine is fed at its own; between two feeds at most kMostAtOnce messages are
/// taken, whatever comes in. Nothing here waits for a service: answers, snapshots and incidents
/// are lost to those that do not keep up.
/// Answers. Each command with a number gets one, also if it was refused. What the realtime half
/// still stands in the way of is tried again for kPatience; commands that come meanwhile wait.
///
/// Context: one runner, all members, which each message on the bus wakes. No heap.
class Control final : public Work, public bus::Module {
 public:
  /// The realtime half takes what it is given within microseconds; longer means that it is stuck.
  static constexpr Micros kPatience = millis(500);
  static constexpr std::uint32_t kMostAtOnce = 8;

  struct Config {
    /// Between two snapshots while something plays.
    Micros snapshot_every = millis(200);
    ControlObserver* observer = nullptr;
  };

  /// All outlive it.
  Control(const Config& config, bus::Bus& bus, Engine& engine, Driver& driver, Programs& programs)
      : config_(config), bus_(bus), engine_(engine), driver_(driver), programs_(programs) {}

  /// Registry: two queues and one module.
  Status join(LocalTime now);
  static constexpr std::uint16_t kCommandDepth = 8;
  static constexpr std::uint16_t kReadingDepth = 8;

  LocalTime run(LocalTime now) override;
};

}  // namespace takt
