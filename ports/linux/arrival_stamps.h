// SPDX-License-Identifier: Apache-2.0
// Times of arrival by a clock that nobody sets.
#pragma once

#include <algorithm>
#include <cstdint>

namespace takt {

/// The kernel stamps what arrives by the calendar's clock. That clock differs from CLOCK_MONOTONIC
/// by an offset, which changes only when somebody sets the calendar or the machine was suspended:
/// what disciplines the rate of a clock moves both. So a stamp can be converted to the monotonic
/// clock, unless the offset changed while the datagram waited. Then it is only known that it has
/// arrived.
///
/// Context: one thread. All times are in nanoseconds.
class ArrivalStamps {
 public:
  /// The calendar, read between two readings of the monotonic clock.
  struct Reading {
    std::int64_t before = 0;
    std::int64_t calendar = 0;
    std::int64_t after = 0;
  };

  /// Begins with nothing waiting.
  explicit ArrivalStamps(const Reading& now) { learn(now); }

  /// When, by the monotonic clock, the datagram arrived that is taken now and has the stamp `stamp`
  /// of the calendar's clock. The answer is too late by at most the time that the quickest reading
  /// took; it is `now.after` if the calendar was set while the datagram waited.
  std::int64_t arrived(std::int64_t stamp, const Reading& now) {
    const std::int64_t least = now.calendar - now.after;
    const std::int64_t most = now.calendar - now.before;
    if (least > most_ || most < least_) {
      learn(now);
      in_doubt_ = true;
    }
    least_ = std::max(least_, least);
    most_ = std::min(most_, most);
    // The latest that the offset allows: a datagram that seems to arrive before it was sent would
    // contradict a clock that is right.
    return in_doubt_ ? now.after : std::min(stamp - least_, now.after);
  }

  /// Nothing waits that was stamped before the calendar was last found to be set.
  void emptied() { in_doubt_ = false; }

 private:
  void learn(const Reading& now) {
    least_ = now.calendar - now.after;
    most_ = now.calendar - now.before;
  }

  // The calendar's clock less the monotonic one lies between these.
  std::int64_t least_ = 0;
  std::int64_t most_ = 0;
  bool in_doubt_ = false;  ///< What is taken may have been stamped before the calendar was set.
};

}  // namespace takt
