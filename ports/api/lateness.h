// SPDX-License-Identifier: Apache-2.0
// What ports state of their realtime half: the one place for these promises.
#pragma once

#include "takt/core/base/time.h"

namespace takt {

// How late after its deadline a realtime half runs, at worst, on a machine that is not overloaded.
// A pulse that is shorter may be lost, and an output may be on for so much longer than planned.

/// In a timer interrupt: the largest lateness that is reported of an ESP32's timers, with some
/// room.
inline constexpr Micros kInterruptLateness{500};

/// In the top thread of an ordinary Linux. Measured, 99 of 100 wakes come within 0.3 ms, and the
/// latest of 10,000 after 0.4 to 14 ms: no more than this can be stated without a realtime kernel.
inline constexpr Micros kThreadLateness = millis(5);

}  // namespace takt
