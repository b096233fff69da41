// SPDX-License-Identifier: Apache-2.0
// The time that all devices of a session share, whatever their own clocks say.
#pragma once

#include "takt/core/base/time.h"

namespace takt::sim {

/// No device has this clock: only the referee sees it.
struct TrueClock;
using TrueTime = TimePoint<TrueClock>;
inline constexpr TrueTime kNeverTrue = TrueTime::max();

}  // namespace takt::sim
