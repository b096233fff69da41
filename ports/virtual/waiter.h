// SPDX-License-Identifier: Apache-2.0
// Waiting in virtual time.
#pragma once

#include "takt/core/base/waiter.h"
#include "takt/ports/virtual/world.h"

namespace takt {

/// A wait lets the world go on until the word changes. Deadlines are those of `clock`; if nothing
/// will ever happen, kNever has come. Context: the world's thread, outside its works, because a
/// work that waits would hold up its own world.
class VirtualWaiter final : public Waiter {
 public:
  VirtualWaiter(World& world, const VirtualClock& clock) : world_(world), clock_(clock) {}

  bool wait(const std::atomic<std::uint32_t>& word, std::uint32_t seen,
            LocalTime deadline) override;
  void wake(const std::atomic<std::uint32_t>&) override {}  // wait() looks at the word itself.
  void nap() override { world_.step(); }

 private:
  World& world_;
  const VirtualClock& clock_;
};

}  // namespace takt
