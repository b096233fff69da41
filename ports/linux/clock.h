// SPDX-License-Identifier: Apache-2.0
// CLOCK_MONOTONIC as a device's clock.
#pragma once

#include <cstdint>

#include "takt/ports/api/clock.h"

namespace takt {

/// Shows zero when constructed. May run faster or slower than the world, for people who want to
/// see an hour in a minute.
class LinuxClock final : public Clock {
 public:
  /// `speed`: its seconds in one real second, more than 0.
  explicit LinuxClock(double speed = 1.0);

  LocalTime now() const override { return at_nanoseconds(nanoseconds()); }

  LocalTime at_nanoseconds(std::int64_t monotonic) const {
    return LocalTime{Micros{
        static_cast<std::int64_t>(static_cast<double>(monotonic - zero_) * micros_per_nano_)}};
  }

  /// The reading of CLOCK_MONOTONIC at which this clock shows `at`, to within a nanosecond; for
  /// what lies 292 years ahead and more, the largest.
  std::int64_t nanoseconds_at(LocalTime at) const;

  /// CLOCK_MONOTONIC itself.
  static std::int64_t nanoseconds();

 private:
  const double micros_per_nano_;
  const std::int64_t zero_;
};

}  // namespace takt
