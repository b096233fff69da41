// SPDX-License-Identifier: Apache-2.0
// The task that runs modules.
#pragma once

#include <cstdint>

#include "takt/core/bus/executor.h"
#include "takt/ports/api/clock.h"
#include "takt/ports/api/runner.h"

namespace takt {

/// Runs the executor's modules until stop(). Where exceptions exist, a module that throws has
/// crashed: it is recovered and restarted. The other modules of this task and all other tasks go
/// on.
void run_modules(bus::Executor& executor, const Clock& clock);

/// One turn, if there is something to do at `now`: the loop's body, for tests and simulators.
/// False if there was nothing.
bool run_turn(bus::Executor& executor, const Clock& clock);

/// The same as a Work: see Executor::call_when_needed().
class ModulesWork final : public Work {
 public:
  /// Turns in one run, so that others that share the runner have theirs.
  static constexpr std::uint32_t kMostAtOnce = 16;

  ModulesWork(bus::Executor& executor, const Clock& clock) : executor_(executor), clock_(clock) {}

  LocalTime run(LocalTime now) override;

 private:
  bus::Executor& executor_;
  const Clock& clock_;
};

}  // namespace takt
