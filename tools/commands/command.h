// SPDX-License-Identifier: Apache-2.0
// The commands of takt.
#pragma once

#include "tools/cli/words.h"

namespace takt {

/// Each adds one command with its words and help.
void add_check(Words takt);
void add_play(Words takt);
void add_plot(Words takt);
void add_compile(Words takt);
void add_import(Words takt);
void add_device(Words takt);
void add_pair(Words takt);
void add_sim(Words takt);
void add_bench(Words takt);
void add_completion(Words takt);

/// Part of add_sim(): adds the command `check` to the command `sim`.
void add_sim_check(Words sim);

/// Part of add_bench(): adds one benchmark to the command `bench`.
void add_bench_memory(Words bench);

}  // namespace takt
