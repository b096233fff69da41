// SPDX-License-Identifier: Apache-2.0
// What takt play reports at the end.
#pragma once

#include "tools/play/play_options.h"

namespace takt {

void print_play_text(const Source& source, const Timeline& timeline, const PlayResult& result);
void print_play_json(const Source& source, const Timeline& timeline, const PlayResult& result);

}  // namespace takt
