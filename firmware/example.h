// SPDX-License-Identifier: Apache-2.0
// What every example is to the root that holds main().
#pragma once

#include "takt/app/boards/board.h"
#include "takt/firmware/ports.h"

namespace takt::firmware {

/// Runs the example of this firmware. False: something went wrong, and was printed.
bool run_example(Ports& ports, const Board& board);

}  // namespace takt::firmware
