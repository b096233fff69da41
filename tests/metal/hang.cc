// SPDX-License-Identifier: Apache-2.0
// A device that hangs: the watchdog must find it.
#include "takt/firmware/examples/device.h"

namespace takt::firmware {

bool run_example(Device& /*device*/) {
  for (;;) asm volatile("");
}

}  // namespace takt::firmware
