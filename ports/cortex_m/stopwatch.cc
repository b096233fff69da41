// SPDX-License-Identifier: Apache-2.0
#include "takt/ports/cortex_m/stopwatch.h"

namespace takt {

Instructions::Instructions() {
  std::uint32_t rounds = kLoop / 2;
  const std::uint32_t begin = Stopwatch::ticks();
  asm volatile("1: subs %0, #1\n bne 1b" : "+r"(rounds)::"cc");
  loop_ = Stopwatch::ticks() - begin;
}

}  // namespace takt
