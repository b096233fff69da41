// SPDX-License-Identifier: Apache-2.0
#include "takt/ports/cortex_m/semihosting.h"

#include <cstdint>

namespace takt {

// Operation and reasons by Arm's semihosting specification: SYS_EXIT, ApplicationExit and
// RunTimeErrorUnknown.
void end_emulation(bool good) {
  register std::uint32_t operation asm("r0") = 0x18;
  register std::uint32_t reason asm("r1") = good ? 0x20026 : 0x20023;
  asm volatile("bkpt 0xAB" ::"r"(operation), "r"(reason) : "memory");
  for (;;) asm volatile("wfi");
}

}  // namespace takt
