// SPDX-License-Identifier: Apache-2.0
// takt bench wakeup: how late a thread wakes up.
#pragma once

#include "tools/cli/words.h"

namespace takt {

/// Adds it to the bench command.
void add_bench_wakeup(Words bench);

}  // namespace takt
