// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tools/cli/words.h"

namespace takt {

/// `takt bench sync`.
void add_bench_sync(Words bench);

}  // namespace takt
