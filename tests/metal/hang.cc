// SPDX-License-Identifier: Apache-2.0
// A device that hangs: the watchdog must find it.
#include "takt/firmware/example.h"

namespace takt::firmware {

bool run_example(Ports& /*ports*/, const Board& /*board*/) {
  for (;;) asm volatile("");
}

}  // namespace takt::firmware
