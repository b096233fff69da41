// SPDX-License-Identifier: Apache-2.0
// The lines of a GPIO character device as outputs.
#pragma once

#include <gpiod.h>

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "ports/api/output_bank.h"

namespace takt {

/// Holds the lines of one chip; a pin is the line's offset in it. All lines are requested with
/// their inactive levels in one call of the system and written together in one call.
class GpioBank final : public OutputBank {
 public:
  /// `chip`: its name, path, label or number, as gpiodetect shows them.
  explicit GpioBank(std::string chip) : name_(std::move(chip)) {}
  /// Gives the lines back; most chips leave them at their last level.
  ~GpioBank() { release(); }
  GpioBank(const GpioBank&) = delete;
  GpioBank& operator=(const GpioBank&) = delete;

  Status configure(std::span<const PinConfig> pins) override;
  Status apply(const Levels& levels) override;

  /// Why configure() failed, for people: "gpiochip0, line 17: in use by 'relay'".
  const std::string& error() const { return error_; }

 private:
  Status collect(std::span<const PinConfig> pins);
  Status request();
  Status fail(Status status, int pin, const std::string& why);
  void release();

  const std::string name_;
  std::string error_;
  gpiod_chip* chip_ = nullptr;
  gpiod_line_bulk lines_{};
  bool requested_ = false;
  std::array<std::uint8_t, kMaxOutputs> output_{};  ///< By line: its bit in Levels::on,
  std::uint32_t active_low_ = 0;                    ///< and those bits that are low while on.
};

}  // namespace takt
