// SPDX-License-Identifier: Apache-2.0
// Waiting on Linux.
#pragma once

#include "takt/core/base/waiter.h"
#include "takt/ports/linux/clock.h"

namespace takt {

/// Waits in the kernel on the word itself. Deadlines are those of `clock`, which must outlive it.
class FutexWaiter final : public Waiter {
 public:
  explicit FutexWaiter(const LinuxClock& clock) : clock_(clock) {}

  bool wait(const std::atomic<std::uint32_t>& word, std::uint32_t seen,
            LocalTime deadline) override;
  void wake(const std::atomic<std::uint32_t>& word) override;
  void nap() override;

 private:
  const LinuxClock& clock_;
};

}  // namespace takt
