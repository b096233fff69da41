// SPDX-License-Identifier: Apache-2.0
#include "takt/ports/virtual/waiter.h"

#include <algorithm>

namespace takt {

bool VirtualWaiter::wait(const std::atomic<std::uint32_t>& word, std::uint32_t seen,
                         LocalTime deadline) {
  const WorldTime until = std::max(clock_.when(deadline), world_.now());
  while (word.load() == seen) {
    if (world_.next_due() > until) {
      world_.run_until(until);
      return false;
    }
    if (!world_.step()) return false;
  }
  return true;
}

}  // namespace takt
