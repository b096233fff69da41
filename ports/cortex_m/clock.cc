// SPDX-License-Identifier: Apache-2.0
#include "takt/ports/cortex_m/clock.h"

#include "takt/ports/cortex_m/interrupts.h"
#include "takt/ports/cortex_m/registers.h"

namespace takt {
namespace {

// A half turn is 2147 s; looking twice as often leaves each look a whole one to be late by.
constexpr std::uint32_t kLookEveryTicks = 1'000U * 1'000'000U / 256U * mps2::kTicksPerMicro;

}  // namespace

void CortexMClock::start() {
  mps2::fpga_io().prescale = mps2::kTicksPerMicro - 1;
  mps2::fpga_io().counter = 0;
  enable(mps2::Irq::kWideTimer, Urgency::kClock,
         {[](void* self) { static_cast<CortexMClock*>(self)->count_half_turns(); }, this});
  using mps2::WideTimer;
  mps2::wide_timer1().load = kLookEveryTicks;
  mps2::wide_timer1().control = WideTimer::kEnable | WideTimer::kPeriodic | WideTimer::kInterrupt |
                                WideTimer::kDivideBy256 | WideTimer::k32Bits;
}

LocalTime CortexMClock::now() const {
  // In this order: a half turn that is counted in between is missing from what was read here, and
  // the counter shows it.
  const std::uint32_t counted = half_turns_.load(std::memory_order_relaxed);
  const std::uint32_t count = mps2::fpga_io().counter;
  const std::uint32_t half_turns = counted + ((counted ^ count >> 31U) & 1U);
  return LocalTime{
      Micros{static_cast<std::int64_t>(std::uint64_t{half_turns >> 1U} << 32U | count)}};
}

CortexMClock::Reading CortexMClock::read() const {
  for (;;) {
    const Reading reading{now(), mps2::fpga_io().prescale_counter + 1};
    // Else a microsecond began in between, and the two do not belong together.
    if (mps2::fpga_io().counter == static_cast<std::uint32_t>(reading.now.since_zero().count())) {
      return reading;
    }
  }
}

void CortexMClock::count_half_turns() {
  mps2::wide_timer1().interrupt_clear = 1;
  half_turns_.store(static_cast<std::uint32_t>(now().since_zero().count() >> 31U),
                    std::memory_order_relaxed);
}

}  // namespace takt
