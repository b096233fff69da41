// SPDX-License-Identifier: Apache-2.0
#include "takt/ports/linux/clock.h"

#include <time.h>

#include <cmath>
#include <limits>

#include "takt/core/base/assert.h"

namespace takt {

LinuxClock::LinuxClock(double speed) : micros_per_nano_(speed / 1e3), zero_(nanoseconds()) {
  TAKT_ASSERT(speed > 0);
}

std::int64_t LinuxClock::nanoseconds_at(LocalTime at) const {
  constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();
  const double passed = std::ceil(static_cast<double>(at.since_zero().count()) / micros_per_nano_);
  if (passed >= static_cast<double>(kEnd - zero_)) return kEnd;
  return zero_ + static_cast<std::int64_t>(passed);
}

std::int64_t LinuxClock::nanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
}

}  // namespace takt
