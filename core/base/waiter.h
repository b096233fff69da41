// SPDX-License-Identifier: Apache-2.0
// How code that knows neither threads nor clocks waits.
#pragma once

#include <atomic>
#include <cstdint>

#include "takt/core/base/time.h"

namespace takt {

/// What a port supplies so that a task can wait for a word to change. Linux has a futex, an RTOS
/// an event group; a board with a main loop sleeps and lets it go on, the simulator its world.
class Waiter {
 public:
  /// Blocks the calling task until wake(word) is called, or the port's clock reaches `deadline`
  /// (kNever: never). Returns at once if `word` no longer holds `seen`; may return early without
  /// cause. False only if the deadline has passed.
  virtual bool wait(const std::atomic<std::uint32_t>& word, std::uint32_t seen,
                    LocalTime deadline) = 0;

  /// Wakes every task that waits on `word`, which the caller has changed. Never blocks; may be
  /// called from an interrupt.
  virtual void wake(const std::atomic<std::uint32_t>& word) = 0;

  /// Sleeps for the shortest time that lets a task of lower priority run.
  virtual void nap() = 0;

 protected:
  ~Waiter() = default;
};

}  // namespace takt
