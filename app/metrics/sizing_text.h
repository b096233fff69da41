// SPDX-License-Identifier: Apache-2.0
// How many entries a pool should have, as people write it.
#pragma once

#include <string_view>

#include "takt/core/base/status.h"
#include "takt/core/bus/sizing.h"

namespace takt {

/// Takes one setting of a file or a console: "fanout", "concurrency" (up to three decimals),
/// "least" or "most". On an error nothing is changed.
/// - kUnsupported: another name.
/// - kOutOfRange: not such a number, or least above most.
Status set_sizing(std::string_view name, std::string_view value, bus::Sizing& sizing);

/// Takes a file of lines `name = value`; empty lines and those that begin with '#' are skipped. On
/// an error nothing is changed, and `line`, if not null, is the number of the bad line.
/// - kUnsupported, kOutOfRange: as set_sizing().
Status load_sizing(std::string_view file, bus::Sizing& sizing, unsigned* line = nullptr);

}  // namespace takt
