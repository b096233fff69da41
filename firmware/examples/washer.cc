// SPDX-License-Identifier: Apache-2.0
// A washing machine's cycle, by time alone: what a sensor ends, no two boards end in the same
// microsecond.
#include "takt/firmware/examples/embed.h"
#include "takt/firmware/examples/play.h"

TAKT_EMBED(takt_washer, "examples/rinse.json");

namespace takt::firmware {

bool run_example(Device& device) { return play(device, {takt_washer_begin, takt_washer_end}); }

}  // namespace takt::firmware
