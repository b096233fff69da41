// SPDX-License-Identifier: Apache-2.0
// Counts what the processor does between two places of a program.
#pragma once

#include <cstdint>

#include "takt/ports/cortex_m/registers.h"

namespace takt {

/// The second wide timer, free-running at 25 MHz. Under an emulator in which every instruction
/// takes the same time, at least 40 ns, ticks are instructions, to the unit; see Instructions.
class Stopwatch {
 public:
  static void start() {
    using mps2::WideTimer;
    mps2::wide_timer2().load = 0xFFFF'FFFF;
    mps2::wide_timer2().control = WideTimer::kEnable | WideTimer::k32Bits;
  }
  static std::uint32_t ticks() { return 0U - mps2::wide_timer2().value; }
};

/// Turns ticks into instructions, by a loop whose instructions are known.
class Instructions {
 public:
  Instructions();

  std::uint64_t of(std::uint64_t ticks) const { return (ticks * kLoop + loop_ / 2) / loop_; }

 private:
  static constexpr std::uint32_t kLoop = 100'000;  ///< Instructions of the loop.
  std::uint32_t loop_;                             ///< What it took, in ticks.
};

}  // namespace takt
