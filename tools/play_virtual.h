// SPDX-License-Identifier: Apache-2.0
// Playing at once, in virtual time.
#pragma once

#include "tools/play_options.h"
#include "tools/trace/trace.h"

namespace takt {

/// Plays to the end, a stop, or a fault. `trace` may be null. Throws Failure.
PlayResult play_virtual(const Timeline& timeline, const PlayOptions& options, Script& script,
                        Trace* trace);

}  // namespace takt
