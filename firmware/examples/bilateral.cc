// SPDX-License-Identifier: Apache-2.0
// A bilateral session.
#include "takt/firmware/examples/embed.h"
#include "takt/firmware/examples/play.h"

TAKT_EMBED(takt_bilateral, "examples/bilateral.json");

namespace takt::firmware {

bool run_example(Device& device) {
  return play(device, {takt_bilateral_begin, takt_bilateral_end});
}

}  // namespace takt::firmware
