// SPDX-License-Identifier: Apache-2.0
// A fault of the programmer.
#include "takt/core/base/assert.h"
#include "takt/firmware/example.h"

namespace takt::firmware {

bool run_example(Ports& ports, const Board& /*board*/) {
  TAKT_ASSERT(ports.clock().now() < LocalTime{});
  return true;
}

}  // namespace takt::firmware
