// SPDX-License-Identifier: Apache-2.0
// The board's watchdog.
#pragma once

#include "takt/ports/api/watchdog.h"
#include "takt/ports/cortex_m/interrupts.h"
#include "takt/ports/cortex_m/registers.h"

namespace takt {

/// When its patience is over, the last warning runs in an interrupt that nothing masks: it makes
/// the outputs safe, and then the emulator ends. A real board is reset after as long again.
///
/// There is one. Context: start() the main loop; the rest any.
class CortexMWatchdog final : public Watchdog {
 public:
  /// `patience`: up to 171 s.
  void start(Micros patience, Handler last_warning) {
    on_last_warning(last_warning);
    mps2::WatchdogUnit& unit = mps2::watchdog_unit();
    unit.lock = mps2::WatchdogUnit::kUnlock;
    unit.load = static_cast<std::uint32_t>(patience.count()) * mps2::kTicksPerMicro;
    unit.control = mps2::WatchdogUnit::kInterrupt | mps2::WatchdogUnit::kReset;
    unit.lock = 0;
  }

  void feed() override {
    mps2::WatchdogUnit& unit = mps2::watchdog_unit();
    unit.lock = mps2::WatchdogUnit::kUnlock;
    unit.interrupt_clear = 1;
    unit.lock = 0;
  }

  Micros patience() const override {
    return Micros{mps2::watchdog_unit().load / mps2::kTicksPerMicro};
  }
};

}  // namespace takt
