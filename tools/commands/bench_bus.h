// SPDX-License-Identifier: Apache-2.0
// takt bench bus: what passing a message costs.
#pragma once

#include "tools/cli/words.h"

namespace takt {

/// Adds it to the bench command.
void add_bench_bus(Words bench);

}  // namespace takt
