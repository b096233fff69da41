// SPDX-License-Identifier: Apache-2.0
// Waiting on ports that live in real time.
#pragma once

#include <sched.h>

#include <chrono>

#include "takt/ports/api/clock.h"

namespace takt::contract {

/// Lets others run until so much time has passed by `clock`.
inline void wait_for(const Clock& clock, Micros time) {
  const LocalTime end = clock.now() + time;
  while (clock.now() < end) sched_yield();
}

/// Lets others run until `predicate` holds. False: it gave up, after a time that only a lost wake
/// or a lost datagram can take.
template <typename Predicate>
bool wait_until(Predicate predicate) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while (!predicate()) {
    if (std::chrono::steady_clock::now() > end) return false;
    sched_yield();
  }
  return true;
}

}  // namespace takt::contract
