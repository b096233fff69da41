// SPDX-License-Identifier: Apache-2.0
// takt bench bus: what passing a message costs.
#pragma once

#include "tools/command.h"

namespace takt {

/// Adds it to the bench command.
void add_bench_bus(CLI::App& bench, Call& call);

}  // namespace takt
