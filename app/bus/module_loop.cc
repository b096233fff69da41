// SPDX-License-Identifier: Apache-2.0
#include "takt/app/bus/module_loop.h"

#include <utility>

namespace takt {

bool run_turn(bus::Executor& executor, const Clock& clock) {
  bus::Turn turn = executor.begin(clock.now());
  if (!turn) return false;
  auto outcome = bus::Executor::Outcome::kDone;
#if defined(__cpp_exceptions)
  try {
    turn.run();
  } catch (...) {
    // Whatever it was, the module did not expect it, so its state is not to be trusted.
    outcome = bus::Executor::Outcome::kCrashed;
  }
#else
  turn.run();
#endif
  executor.finish(std::move(turn), clock.now(), outcome);
  return true;
}

void run_modules(bus::Executor& executor, const Clock& clock) {
  while (!executor.stopping()) {
    if (!run_turn(executor, clock)) executor.wait();
  }
}

LocalTime ModulesWork::run(LocalTime /*now*/) {
  for (std::uint32_t i = 0; i < kMostAtOnce; ++i) {
    if (!run_turn(executor_, clock_)) return executor_.deadline();
  }
  return clock_.now();
}

}  // namespace takt
