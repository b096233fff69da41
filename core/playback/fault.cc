// SPDX-License-Identifier: Apache-2.0
#include "takt/core/playback/fault.h"

namespace takt {

FixedText<160> describe(const Fault& fault, const Program& program) {
  const auto title = [&program](std::uint8_t output) {
    return output < program.outputs.size() ? program.outputs[output].title() : "?";
  };
  FixedText<160> text;
  switch (fault.reason) {
    case FaultReason::kTogether:
      return text.append(title(fault.output))
          .append(" and ")
          .append(title(fault.other))
          .append(" on together");
    case FaultReason::kDeadTime:
      return text.append(title(fault.output))
          .append(" on within the dead time after ")
          .append(title(fault.other));
    case FaultReason::kReversal:
      return text.append(title(fault.output)).append(" reversed within its dead time");
    case FaultReason::kLongestOn:
      return text.append(title(fault.output)).append(" on for longer than its limit");
    case FaultReason::kShortestOn:
      return text.append(title(fault.output)).append(" off sooner than its shortest on-time");
    case FaultReason::kShortestOff:
      return text.append(title(fault.output)).append(" on sooner than its shortest off-time");
    case FaultReason::kTooHigh: return text.append(title(fault.output)).append(" above its limit");
    case FaultReason::kUnderrun: return text.append("the next frame was not queued in time");
    case FaultReason::kConditionTimeout:
      return text.append("the end condition of the phase did not come in time");
    case FaultReason::kEmergencyStop: return text.append("emergency stop");
    case FaultReason::kPort: return text.append("the outputs could not be written");
  }
  return text.append("unknown");
}

}  // namespace takt
