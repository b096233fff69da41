// SPDX-License-Identifier: Apache-2.0
// The board's microseconds.
#pragma once

#include <atomic>
#include <cstdint>

#include "takt/ports/api/clock.h"

namespace takt {

/// A free-running 32-bit counter at 1 MHz, which the board's logic derives from 25 MHz, and the
/// number of its turns. A periodic interrupt counts half turns; between two of them the counter's
/// top bit says whether one is missing, so reading needs neither a lock nor interrupts off.
///
/// There is one; it owns the counter and the first wide timer. Context: now() and read() any,
/// interrupts included; start() once, before any other.
class CortexMClock final : public Clock {
 public:
  void start();

  LocalTime now() const override;

  struct Reading {
    LocalTime now;
    /// Ticks of 25 MHz until the clock shows the next microsecond: 1 to kTicksPerMicro. What an
    /// alarm adds to whole microseconds, so that it fires neither before its time nor after.
    std::uint32_t ticks_left = 0;
  };
  Reading read() const;

 private:
  void count_half_turns();

  std::atomic<std::uint32_t> half_turns_{0};
};

}  // namespace takt
