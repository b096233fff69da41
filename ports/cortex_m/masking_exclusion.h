// SPDX-License-Identifier: Apache-2.0
// Exclusion on a board without an operating system.
#pragma once

#include "takt/core/base/exclusion.h"
#include "takt/ports/cortex_m/interrupts.h"

namespace takt {

/// Holds back all interrupts but those of outputs, so it makes no edge late. Context: the main loop
/// and interrupts of the clock's urgency and below; the realtime half shares no tables.
class MaskingExclusion final : public Exclusion {
 public:
  void enter() override {
    std::uint32_t before = 0;
    asm volatile("mrs %0, basepri" : "=r"(before));
    // A lower mask does not replace a higher one here, so what is held stays held.
    asm volatile("msr basepri_max, %0\n isb" ::"r"(kMask) : "memory");
    before_ = before;
  }
  void leave() override { asm volatile("msr basepri, %0" ::"r"(before_) : "memory"); }

 private:
  static constexpr std::uint32_t kMask = static_cast<std::uint32_t>(Urgency::kClock);

  std::uint32_t before_ = 0;  ///< What was held back outside.
};

}  // namespace takt
