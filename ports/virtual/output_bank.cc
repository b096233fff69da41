// SPDX-License-Identifier: Apache-2.0
#include "takt/ports/virtual/output_bank.h"

#include <algorithm>

namespace takt {

Status VirtualOutputBank::configure(std::span<const PinConfig> pins) {
  pins_.clear();
  levels_ = {};
  for (std::size_t i = 0; i < pins.size(); ++i) {
    const std::int16_t pin = pins[i].pin;
    if (pin < 0) continue;
    const auto same = [pin](const PinConfig& other) { return other.pin == pin; };
    if (pin >= board_pins_ || std::ranges::any_of(pins.first(i), same)) return Status::kOutOfRange;
  }
  pins_.assign(pins.begin(), pins.end());
  return Status::kOk;
}

Status VirtualOutputBank::apply(const Levels& levels) {
  const std::uint64_t call = applies_++;
  if (call >= fail_from_ && call < fail_to_) return Status::kIo;
  levels_ = levels;
  return Status::kOk;
}

bool VirtualOutputBank::is_high(int pin) const {
  for (std::size_t i = 0; i < pins_.size(); ++i) {
    const PinConfig& config = pins_[i];
    if (config.pin != pin) continue;
    const bool on = config.analog ? levels_.analog[config.channel] != 0
                                  : levels_.is_on(static_cast<unsigned>(i));
    return on != config.active_low;
  }
  return false;
}

}  // namespace takt
