// SPDX-License-Identifier: Apache-2.0
#include "takt/ports/cortex_m/gpio_bank.h"

#include "takt/core/base/assert.h"
#include "takt/core/base/bits.h"

namespace takt {

Status GpioBank::configure(std::span<const PinConfig> pins) {
  TAKT_ASSERT(pins.size() <= kMaxOutputs);
  low_.output_disable = 0xFFFF;
  high_.output_disable = 0xFFFF;
  bit_.fill(0);
  on_ = 0;
  pins_ = 0;
  std::uint32_t taken = 0;
  std::uint32_t inactive = 0;
  std::array<std::uint32_t, kMaxOutputs> bits{};
  for (std::size_t i = 0; i < pins.size(); ++i) {
    if (pins[i].pin < 0) continue;
    if (pins[i].pin >= kPins) return Status::kOutOfRange;
    if (pins[i].analog) return Status::kUnsupported;
    bits[i] = 1U << static_cast<unsigned>(pins[i].pin);
    if ((taken & bits[i]) != 0) return Status::kOutOfRange;
    taken |= bits[i];
    if (pins[i].active_low) inactive |= bits[i];
  }
  bit_ = bits;
  pins_ = inactive;
  write();  // Before the directions, so that no output is active on the way.
  low_.output_enable = taken & 0xFFFF;
  high_.output_enable = taken >> 16U;
  return Status::kOk;
}

Status GpioBank::apply(const Levels& levels) {
  for (const std::uint8_t output : Members{levels.on ^ on_}) {
    pins_ ^= bit_[output];
  }
  on_ = levels.on;
  write();
  return Status::kOk;
}

void GpioBank::write() {
  low_.output = pins_ & 0xFFFF;
  high_.output = pins_ >> 16U;
}

}  // namespace takt
