// SPDX-License-Identifier: Apache-2.0
// Text out of a UART.
#pragma once

#include <string_view>

#include "takt/core/base/text_out.h"
#include "takt/ports/cortex_m/registers.h"

namespace takt {

/// Waits while the UART is full: for the main loop only.
class Console final : public TextOut {
 public:
  /// Owns the UART, and sets it to 115,200 baud.
  explicit Console(mps2::Uart& uart) : uart_(uart) {
    uart_.divider = mps2::kTicksPerMicro * 1'000'000 / 115'200;
    uart_.control = mps2::Uart::kTransmit;
  }

  void write(std::string_view text) override {
    for (const char c : text) {
      while ((uart_.state & mps2::Uart::kFull) != 0) {
      }
      uart_.data = static_cast<unsigned char>(c);
    }
  }

 private:
  mps2::Uart& uart_;
};

}  // namespace takt
