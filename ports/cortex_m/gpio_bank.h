// SPDX-License-Identifier: Apache-2.0
// The pins of the board's GPIO blocks as outputs.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "takt/ports/api/output_bank.h"
#include "takt/ports/cortex_m/registers.h"

namespace takt {

/// Pins 0 to 15 are those of `low`, 16 to 31 those of `high`. Owns both blocks: nothing else
/// writes their outputs. Cost of apply(): some instructions for each output that changes.
class GpioBank final : public OutputBank {
 public:
  static constexpr std::int16_t kPins = 32;

  GpioBank(mps2::Gpio& low, mps2::Gpio& high) : low_(low), high_(high) {}
  GpioBank(const GpioBank&) = delete;
  GpioBank& operator=(const GpioBank&) = delete;

  Status configure(std::span<const PinConfig> pins) override;
  Status apply(const Levels& levels) override;

 private:
  void write();

  mps2::Gpio& low_;
  mps2::Gpio& high_;
  std::array<std::uint32_t, kMaxOutputs> bit_{};  ///< By output: its pin's bit; 0: it has none.
  std::uint32_t on_ = 0;                          ///< As applied last.
  std::uint32_t pins_ = 0;                        ///< Those that are high.
};

}  // namespace takt
