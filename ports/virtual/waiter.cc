// SPDX-License-Identifier: Apache-2.0
#include "takt/ports/virtual/waiter.h"

namespace takt {

bool VirtualWaiter::wait(const std::atomic<std::uint32_t>& word, std::uint32_t seen,
                         LocalTime deadline) {
  const WorldTime until = clock_.when(deadline);
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
