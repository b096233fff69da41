// SPDX-License-Identifier: Apache-2.0
// A stray pointer, on a processor that has no memory there.
#include <cstdint>

#include "takt/firmware/example.h"

namespace takt::firmware {

bool run_example(Ports& /*ports*/, const Board& /*board*/) {
  return *reinterpret_cast<volatile std::uint32_t*>(0xF000'0000) == 0;
}

}  // namespace takt::firmware
