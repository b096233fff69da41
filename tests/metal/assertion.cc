// SPDX-License-Identifier: Apache-2.0
// A fault of the programmer.
#include "core/base/assert.h"
#include "examples/firmware/device.h"

namespace takt::firmware {

bool run_example(Device& device) {
  TAKT_ASSERT(device.clock().now() < LocalTime{});
  return true;
}

}  // namespace takt::firmware
