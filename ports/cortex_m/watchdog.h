// SPDX-License-Identifier: Apache-2.0
// What ends a main loop that hangs.
#pragma once

#include "core/base/time.h"
#include "ports/cortex_m/interrupts.h"
#include "ports/cortex_m/registers.h"

namespace takt {

/// Once started, feed() must be called at least every `patience`. Otherwise `last_warning` runs, in
/// an interrupt that nothing masks: it makes the outputs safe. The board is reset after as long
/// again, or at once where an emulator runs it. It cannot be stopped.
class Watchdog {
 public:
  /// `patience`: 1 µs to 171 s.
  static void start(Micros patience, Handler last_warning) {
    on_last_warning(last_warning);
    mps2::WatchdogUnit& unit = mps2::watchdog_unit();
    unit.lock = mps2::WatchdogUnit::kUnlock;
    unit.load = static_cast<std::uint32_t>(patience.count()) * mps2::kTicksPerMicro;
    unit.control = mps2::WatchdogUnit::kInterrupt | mps2::WatchdogUnit::kReset;
    unit.lock = 0;
  }

  static void feed() {
    mps2::WatchdogUnit& unit = mps2::watchdog_unit();
    unit.lock = mps2::WatchdogUnit::kUnlock;
    unit.interrupt_clear = 1;
    unit.lock = 0;
  }
};

}  // namespace takt
