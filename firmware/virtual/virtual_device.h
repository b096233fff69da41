// SPDX-License-Identifier: Apache-2.0
// A device that lives in a World.
#pragma once

#include <utility>

#include "takt/app/playback/halves.h"
#include "takt/core/engine/engine.h"
#include "takt/ports/virtual/world.h"

namespace takt {

/// Runs both halves of an engine in virtual time, on a clock of its own.
///
/// Both halves run at their deadlines alone, so World::run() ends where no output is ever going to
/// change again.
class VirtualDevice {
 public:
  /// All must outlive it.
  VirtualDevice(World& world, const VirtualClock& clock, Engine& engine, OutputBank& outputs)
      : clock_(clock),
        engine_(engine),
        realtime_runner_(world, clock, VirtualRunner::Rank::kRealtime),
        control_runner_(world, clock, VirtualRunner::Rank::kOrdinary),
        realtime_(engine.realtime(), outputs),
        control_(engine, realtime_runner_) {
    static_cast<void>(realtime_runner_.start(realtime_));
    static_cast<void>(control_runner_.start(control_));
  }

  /// Gives the engine a command at the present time: `status = device.command([&](Engine& engine,
  /// LocalTime now) { return engine.pause(now); })`. Both halves act on it at this very time.
  template <typename Command>
  Status command(Command&& command) {
    const Status status = std::forward<Command>(command)(engine_, clock_.now());
    realtime_runner_.wake();
    control_runner_.wake();
    return status;
  }

  const VirtualClock& clock() const { return clock_; }
  Engine& engine() { return engine_; }

 private:
  const VirtualClock& clock_;
  Engine& engine_;
  VirtualRunner realtime_runner_;
  VirtualRunner control_runner_;
  RealtimeHalf realtime_;
  ControlHalf control_;
};

}  // namespace takt
