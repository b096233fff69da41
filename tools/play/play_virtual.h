// SPDX-License-Identifier: Apache-2.0
// Playing at once, in virtual time.
#pragma once

#include "tools/play/play_options.h"
#include "tools/trace/trace_writer.h"

namespace takt {

/// Plays to the end, a stop, or a fault. `trace` may be null. Throws Failure.
PlayResult play_virtual(const Timeline& timeline, const PlayOptions& options, Script& script,
                        TraceWriter* trace);

}  // namespace takt
