// SPDX-License-Identifier: Apache-2.0
// Playing in real time, on a terminal or not, on GPIO lines or not.
#pragma once

#include <string>

#include "tools/play/play_options.h"
#include "tools/trace/trace_writer.h"

namespace takt {

/// Plays to the end, a stop, or a fault. `trace` may be null. Throws Failure; outputs are off then.
PlayResult play_live(const std::string& title, const Timeline& timeline, const PlayOptions& options,
                     Script& script, TraceWriter* trace);

}  // namespace takt
