// SPDX-License-Identifier: Apache-2.0
// A washing machine's cycle.
#include "examples/firmware/embed.h"
#include "examples/firmware/play.h"

TAKT_EMBED(takt_washer, "examples/washer.json");

namespace takt::firmware {

bool run_example(Device& device) { return play(device, {takt_washer_begin, takt_washer_end}); }

}  // namespace takt::firmware
