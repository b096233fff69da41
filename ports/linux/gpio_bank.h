// SPDX-License-Identifier: Apache-2.0
// The lines of a GPIO character device as outputs.
#pragma once

#include <gpiod.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <span>
#include <string>

#include "takt/ports/api/output_bank.h"
#include "takt/ports/linux/companion.h"
#include "takt/ports/linux/last_acts.h"

namespace takt {

/// Holds the lines of one chip; a pin is the line's offset in it. All lines are requested with
/// their inactive levels in one call of the system and written together in one call.
class GpioBank final : public OutputBank {
 public:
  /// `chip`: its name, path, label or number, as gpiodetect shows them.
  explicit GpioBank(std::string chip) : name_(std::move(chip)) {}
  /// Makes the lines inactive and gives them back; most chips leave them at their last level.
  ~GpioBank() { release(); }
  GpioBank(const GpioBank&) = delete;
  GpioBank& operator=(const GpioBank&) = delete;

  Status configure(std::span<const PinConfig> pins) override;
  Status apply(const Levels& levels) override;

  /// Whether the guardian is still there; true if there are no lines to guard.
  [[nodiscard]] bool is_guarded() { return !requested_ || guardian_.is_up(); }

  /// Makes all lines inactive, whatever another thread is about to write. From then on apply()
  /// writes nothing and returns kIo. Async-signal-safe. It is a LastAct, so it takes the bank as
  /// `void*`.
  static void make_safe(void* bank);

  /// Why configure() failed, for people: "gpiochip0, line 17: in use by 'relay'".
  const std::string& error() const { return error_; }

 private:
  Status collect(std::span<const PinConfig> pins);
  Status request();
  Status guard();
  /// libgpiod 1.6 makes one ioctl() with data on the stack of this, so it is async-signal-safe.
  bool write(std::uint32_t on);
  static void guard_lines(void* bank, int life);
  Status fail(Status status, int pin, const std::string& why);
  void release();

  const std::string name_;
  std::string error_;
  gpiod_chip* chip_ = nullptr;
  gpiod_line_bulk lines_{};
  bool requested_ = false;
  std::array<std::uint8_t, kMaxOutputs> output_{};  ///< By line: its bit in Levels::on.
  std::uint32_t active_low_ = 0;  ///< The bits of Levels::on whose lines are low while on.
  Companion guardian_;
  LastAct last_act_{LastAct::Turn::kOutputs};
  std::atomic<bool> closed_{false};   ///< Nothing but inactive levels may be written any more.
  std::atomic<pthread_t> writing_{};  ///< The thread that is in apply(); 0: none.
};

}  // namespace takt
