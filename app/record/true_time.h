// SPDX-License-Identifier: Apache-2.0
// The time that all devices of a session share, whatever their own clocks say.
#pragma once

#include "takt/core/base/time.h"

namespace takt::sim {

/// Nobody's clock: what only the referee sees.
struct TrueClock;
using TrueTime = TimePoint<TrueClock>;
inline constexpr TrueTime kNeverTrue = TrueTime::max();

}  // namespace takt::sim
