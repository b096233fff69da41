// SPDX-License-Identifier: Apache-2.0
// A bilateral session.
#include "examples/firmware/embed.h"
#include "examples/firmware/play.h"

TAKT_EMBED(takt_bilateral, "examples/bilateral.json");

namespace takt::firmware {

bool run_example(Device& device) {
  return play(device, {takt_bilateral_begin, takt_bilateral_end});
}

}  // namespace takt::firmware
