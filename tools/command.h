// SPDX-License-Identifier: Apache-2.0
// What main() and the commands share.
#pragma once

#include <functional>

#include "tools/failure.h"

namespace CLI {
class App;
}

namespace takt {

/// What the words of the call ask for.
struct Call {
  bool json = false;
  std::function<Exit()> run;  ///< Set by the command that was named; throws Failure.
};

void add_json_option(CLI::App& command, Call& call);

/// Each adds one command with its options and help to `app`.
void add_check(CLI::App& app, Call& call);
void add_play(CLI::App& app, Call& call);
void add_plot(CLI::App& app, Call& call);
void add_compile(CLI::App& app, Call& call);
void add_import(CLI::App& app, Call& call);
void add_device(CLI::App& app, Call& call);
void add_pair(CLI::App& app, Call& call);
void add_sim(CLI::App& app, Call& call);
void add_bench(CLI::App& app, Call& call);
void add_completion(CLI::App& app, Call& call);

/// Part of add_sim(): adds the command `check` to the command `sim`.
void add_sim_check(CLI::App& sim, Call& call);

/// Part of add_bench(): adds one benchmark to the command `bench`.
void add_bench_memory(CLI::App& bench, Call& call);

}  // namespace takt
