// SPDX-License-Identifier: Apache-2.0
#include "takt/ports/cortex_m/alarm.h"

namespace takt {
namespace {

// 32 bits at 25 MHz are 171 s.
constexpr std::uint32_t kLongestMicros = 100'000'000;

}  // namespace

void Alarm::start(Urgency urgency, Handler handler) {
  timer_.control = 0;
  timer_.reload = 0;
  timer_.interrupt_clear = 1;
  enable(irq_, urgency, handler);
  ring();
}

void Alarm::stop() {
  disable(irq_);
  timer_.control = 0;
  timer_.interrupt_clear = 1;
}

void Alarm::set(LocalTime at) {
  if (at == kNever) {
    timer_.control = 0;
    return;
  }
  const CortexMClock::Reading reading = clock_.read();
  const std::int64_t left = (at - reading.now).count();
  if (left <= 0) {
    ring();
    return;
  }
  const auto micros = static_cast<std::uint32_t>(left < kLongestMicros ? left : kLongestMicros);
  timer_.value = (micros - 1) * mps2::kTicksPerMicro + reading.ticks_left;
  timer_.control = mps2::Timer::kEnable | mps2::Timer::kInterrupt;
}

}  // namespace takt
