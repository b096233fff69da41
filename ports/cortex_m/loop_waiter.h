// SPDX-License-Identifier: Apache-2.0
// Waiting on a board without an operating system.
#pragma once

#include "takt/core/base/waiter.h"
#include "takt/ports/cortex_m/runners.h"

namespace takt {

/// A wait lets the main loop go on until the word changes; between runs the processor sleeps.
/// Context: wake() any; the rest the main loop, outside its work, because a work that waits would
/// hold up its own loop.
class LoopWaiter final : public Waiter {
 public:
  LoopWaiter(LoopRunner& loop, const CortexMClock& clock) : loop_(loop), clock_(clock) {}

  bool wait(const std::atomic<std::uint32_t>& word, std::uint32_t seen,
            LocalTime deadline) override {
    while (word.load(std::memory_order_acquire) == seen) {
      if (clock_.now() >= deadline) return false;
      loop_.step(word, seen, deadline);
    }
    return true;
  }
  /// The interrupt that changed the word has ended the sleep.
  void wake(const std::atomic<std::uint32_t>& /*word*/) override {}
  void nap() override { loop_.run_if_due(); }

 private:
  LoopRunner& loop_;
  const CortexMClock& clock_;
};

}  // namespace takt
