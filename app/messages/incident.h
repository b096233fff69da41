// SPDX-License-Identifier: Apache-2.0
// Something that people want to hear of at once.
#pragma once

#include <cstdint>

#include "takt/core/base/text.h"
#include "takt/core/base/time.h"

namespace takt {

struct Incident {
  enum class Kind : std::uint8_t {
    kFault,          ///< A fault ended a run, or disturbed it.
    kEmergencyStop,  ///< Somebody ended a run.
    kPhaseEnd,       ///< A phase ended otherwise than by its plan.
  };

  LocalTime at;
  Kind kind = Kind::kFault;
  std::uint16_t phase = 0;  ///< From 0.
  FixedText<120> text;      ///< For people: "hot_valve and cold_valve together".
};

}  // namespace takt
