// SPDX-License-Identifier: Apache-2.0
// The watchdog that a command was told to feed.
#pragma once

#include <memory>
#include <string>

#include "takt/ports/linux/watchdog.h"
#include "tools/cli/words.h"

namespace takt {

/// Adds --watchdog.
Words::Word add_watchdog_option(Words command, std::string& path);

/// Starts it; null: `path` is empty. Says how long it waits. Throws Failure.
std::unique_ptr<LinuxWatchdog> open_watchdog(const std::string& path);

/// Stops it, unless outputs may be on: then only a reset can switch them off. Says which of the two
/// happens. `watchdog` may be null.
void end_watchdog(LinuxWatchdog* watchdog, bool outputs_are_off);

}  // namespace takt
