// SPDX-License-Identifier: Apache-2.0
// The handlers of interrupts.
#pragma once

#include <cstdint>

#include "takt/ports/cortex_m/registers.h"

namespace takt {

/// A function and its argument. It runs in interrupt context.
struct Handler {
  void (*run)(void* self) = nullptr;
  void* self = nullptr;
};

/// Urgencies of interrupts on this port; a more urgent one interrupts the others.
enum class Urgency : std::uint8_t { kOutputs = 0x20, kClock = 0x60, kLoop = 0xA0 };

/// From now on `handler` serves the interrupt. Call from the main loop.
void enable(mps2::Irq irq, Urgency urgency, Handler handler);
/// The handler does not run again once this has returned.
void disable(mps2::Irq irq);
/// Makes the handler run as soon as urgencies allow. Context: any.
inline void pend(mps2::Irq irq) {
  mps2::nvic().pend[0] = 1U << static_cast<unsigned>(irq);
  asm volatile("dsb" ::: "memory");
}

/// Serves the non-maskable interrupt; see Watchdog.
void on_last_warning(Handler handler);

/// While it lives, nothing but the non-maskable interrupt comes between. They do not nest.
class NoInterrupts {
 public:
  NoInterrupts() { asm volatile("cpsid i" ::: "memory"); }
  ~NoInterrupts() { asm volatile("cpsie i" ::: "memory"); }
  NoInterrupts(const NoInterrupts&) = delete;
  NoInterrupts& operator=(const NoInterrupts&) = delete;
};

}  // namespace takt
