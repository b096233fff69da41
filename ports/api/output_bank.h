// SPDX-License-Identifier: Apache-2.0
// The outputs of a board as one thing to write.
#pragma once

#include <cstdint>
#include <span>

#include "takt/core/base/levels.h"
#include "takt/core/base/status.h"

namespace takt {

/// What a board must know of one output. Its place in the list is its bit in Levels::on.
struct PinConfig {
  std::int16_t pin = -1;    ///< By the board's own numbers; -1: none, the output has no effect.
  bool active_low = false;  ///< The pin is low while the output is on.
  bool analog = false;      ///< The output is a number, found in Levels::analog at `channel`.
  std::uint8_t channel = 0;
  std::uint16_t range = 0;  ///< Of an analog output: the number that is fully on.

  bool operator==(const PinConfig&) const = default;
};

/// All outputs of a device. Callers speak of logical levels only; which pin level is "on" is
/// settled here, by PinConfig::active_low.
///
/// Context: configure() belongs to the control half, while the realtime half does not run; apply()
/// to the realtime half, so it is bounded and allocates nothing.
class OutputBank {
 public:
  /// Takes the pins. All outputs are inactive then, and were never active on the way: the level of
  /// each pin is set before, or together with, its direction. Gives back pins taken before. On an
  /// error no pin is held.
  /// - kOutOfRange: a pin that the board does not have, or one pin named twice.
  /// - kUnsupported: an analog output on a pin that is only on or off.
  /// - kBusy: someone else holds a pin. - kIo: the port failed.
  virtual Status configure(std::span<const PinConfig> pins) = 0;

  /// Makes all outputs what `levels` says. Applying the same twice is harmless.
  /// - kIo: any of the outputs may be as before or as asked; the next call writes all anew.
  virtual Status apply(const Levels& levels) = 0;

 protected:
  ~OutputBank() = default;
};

}  // namespace takt
