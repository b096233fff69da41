// SPDX-License-Identifier: Apache-2.0
// The task that runs modules, where exceptions exist.
#pragma once

#include "takt/core/bus/executor.h"
#include "takt/ports/api/clock.h"

namespace takt {

/// Runs the executor's modules until stop(). What a module throws is its crash, and stays its own:
/// it is recovered and restarted, the other modules of this task and all other tasks go on.
void run_modules(bus::Executor& executor, const Clock& clock);

/// One turn, if there is something to do at `now`: the loop's body, for tests and simulators.
/// False if there was nothing.
bool run_turn(bus::Executor& executor, const Clock& clock);

}  // namespace takt
