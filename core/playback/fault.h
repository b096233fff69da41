// SPDX-License-Identifier: Apache-2.0
// Why playback ended or was disturbed.
#pragma once

#include <cstdint>
#include <string_view>

#include "takt/core/base/text.h"
#include "takt/core/base/time.h"
#include "takt/core/program/model.h"

namespace takt {

enum class FaultReason : std::uint8_t {
  kTogether,          ///< `output` and `other` would be on together.
  kDeadTime,          ///< `output` would follow `other` within their dead time.
  kReversal,          ///< Motor `output` would turn the other way within its dead time.
  kLongestOn,         ///< `output` would be on for longer than allowed.
  kShortestOn,        ///< `output` would go off too soon.
  kShortestOff,       ///< `output` would come on again too soon.
  kTooHigh,           ///< The level of `output` would be higher than it may be.
  kUnderrun,          ///< The next frame was not queued in time.
  kConditionTimeout,  ///< The end condition of a phase did not come in time.
  kEmergencyStop,
  kPort,  ///< The outputs could not be written; playback goes on.
};

struct Fault {
  LocalTime at;
  FaultReason reason = FaultReason::kPort;
  std::uint8_t output = kNoOutput;
  std::uint8_t other = kNoOutput;
  std::uint32_t entry = 0;
};

/// For people and logs, with the names of the outputs: "hot_valve and cold_valve together".
FixedText<160> describe(const Fault& fault, const Program& program);

}  // namespace takt
