// SPDX-License-Identifier: Apache-2.0
// A one-shot alarm of the board's clock.
#pragma once

#include "takt/ports/cortex_m/clock.h"
#include "takt/ports/cortex_m/interrupts.h"

namespace takt {

/// Raises its interrupt when the clock shows a time. It may also come before, on the way to a time
/// that is further away than its timer can count. So its handler looks at the clock.
///
/// Context: set() and clear() from the interrupt's handler, or while it cannot run.
class Alarm {
 public:
  /// Owns `timer`, whose interrupt is `irq`.
  Alarm(mps2::Timer& timer, mps2::Irq irq, const CortexMClock& clock)
      : timer_(timer), irq_(irq), clock_(clock) {}
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

  /// Lets `handler` serve it, and sets it to ring at once.
  void start(Urgency urgency, Handler handler);
  void stop();

  /// kNever: not at all. A time that has passed: at once. Replaces what was set before.
  void set(LocalTime at);
  /// Call this first when it rings.
  void clear() { timer_.interrupt_clear = 1; }
  /// Lets it ring at once, whatever is set. Context: any.
  void ring() { pend(irq_); }

 private:
  mps2::Timer& timer_;
  const mps2::Irq irq_;
  const CortexMClock& clock_;
};

}  // namespace takt
