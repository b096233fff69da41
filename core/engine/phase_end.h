// SPDX-License-Identifier: Apache-2.0
// Why a phase ended.
#pragma once

#include <cstdint>
#include <string_view>

#include "takt/core/base/time.h"

namespace takt {

enum class PhaseEndCause : std::uint8_t {
  kPlan,     ///< It had played what was written.
  kSensor,   ///< Its end condition came true.
  kTimeout,  ///< Its end condition did not come true in time, and the program goes on then.
  kSkip,     ///< A command went to the next phase.
  kJump,     ///< A command went to another phase.
  kStop,     ///< A command ended the run.
  kFault,
};

std::string_view name_of(PhaseEndCause cause);

/// Runs of phases that have ended: `first` up to the one before `entry` by the plan, then `entry`
/// by `cause`. A program that plays to its natural end leaves one, of its last run.
struct PhaseEnd {
  PhaseEndCause cause = PhaseEndCause::kPlan;
  /// Of kSensor: the sensor, and its reading that was beyond the threshold for long enough. The
  /// text is the program's.
  std::string_view sensor{};
  std::int32_t value = 0;
  std::uint32_t first = 0;
  std::uint32_t entry = 0;
  LocalTime at{};
};

}  // namespace takt
