// SPDX-License-Identifier: Apache-2.0
// The pins of the program that plays.
#pragma once

#include <array>
#include <cstddef>

#include "takt/core/base/limits.h"
#include "takt/core/program/model.h"
#include "takt/ports/api/output_bank.h"
#include "takt/ports/api/runner.h"

namespace takt {

/// Configures a bank for the outputs of a program, with the realtime half at rest meanwhile.
///
/// Context: the control half, while nothing plays.
class Wiring {
 public:
  Wiring(OutputBank& bank, Runner& realtime, Work& work)
      : bank_(bank), realtime_(realtime), work_(work) {}

  /// Does nothing if the bank has these pins already. Errors: as OutputBank::configure(); then no
  /// pin is held. - kIo also if the realtime half could not be started again.
  Status connect(const Program& program);

 private:
  OutputBank& bank_;
  Runner& realtime_;
  Work& work_;
  std::array<PinConfig, kMaxOutputs> pins_;
  std::size_t count_ = 0;  ///< Of pins_; 0: none are held.
};

}  // namespace takt
