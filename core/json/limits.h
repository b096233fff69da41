// SPDX-License-Identifier: Apache-2.0
// What a JSON document may hold. Every limit is an error with a place when exceeded, never a cut.
#pragma once

#include <cstddef>

#include "takt/core/base/time.h"

namespace takt {

/// JSON objects and arrays inside each other. The deepest valid document has 9 (a database record
/// around a phase around a motor step); the rest is room for fields that are ignored.
inline constexpr std::size_t kMaxJsonDepth = 32;

/// One JSON string, escapes included: free texts of database records, which are read over, run to
/// pages. The parser keeps one at a time in its scratch memory.
inline constexpr std::size_t kMaxJsonStringBytes = 64U << 10U;

/// A name that is kept and shown: wider than any terminal lane or display line.
inline constexpr std::size_t kMaxNameBytes = 120;

/// Any single duration: 2^31 - 1 ms, the largest that the CycleOptima format can say (24.8 days).
inline constexpr Micros kMaxDuration = millis(2'147'483'647);

}  // namespace takt
