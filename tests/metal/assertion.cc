// SPDX-License-Identifier: Apache-2.0
// A fault of the programmer.
#include "takt/core/base/assert.h"
#include "takt/firmware/examples/device.h"

namespace takt::firmware {

bool run_example(Device& device) {
  TAKT_ASSERT(device.clock().now() < LocalTime{});
  return true;
}

}  // namespace takt::firmware
