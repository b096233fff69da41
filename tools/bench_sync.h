// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tools/command.h"

namespace takt {

/// `takt bench sync`.
void add_bench_sync(CLI::App& bench, Call& call);

}  // namespace takt
