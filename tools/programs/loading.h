// SPDX-License-Identifier: Apache-2.0
// Programs in memory of the heap.
#pragma once

#include <cstddef>
#include <vector>

#include "takt/core/program/codec.h"
#include "takt/core/program/timeline.h"

namespace takt {

/// What `loader` reads, which lives in `block`. Only check() makes it playable.
Result<Program> load_into(std::vector<std::max_align_t>& block, Loader& loader);

}  // namespace takt
