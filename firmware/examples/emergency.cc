// SPDX-License-Identifier: Apache-2.0
// An emergency vehicle's light bar.
#include "takt/firmware/examples/embed.h"
#include "takt/firmware/examples/play.h"

TAKT_EMBED(takt_light_bar, "examples/emergency.json");

namespace takt::firmware {

bool run_example(Device& device) {
  return play(device, {takt_light_bar_begin, takt_light_bar_end});
}

}  // namespace takt::firmware
