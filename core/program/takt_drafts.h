// SPDX-License-Identifier: Apache-2.0
// Objects of takt's own form that the model keeps in another shape.
#pragma once

#include <cstdint>

#include "takt/core/base/time.h"
#include "takt/core/program/model.h"

namespace takt {

/// Which way a motor turns in a pulse, as far as that is said.
enum class Turn : std::uint8_t { kCounterClockwise, kClockwise, kUnsaid };

/// A component as JSON describes it, in four variants.
struct ComponentDraft {
  Component row;
  Micros on, pause;           ///< Of a single pulse; `on` also of an analog span.
  Micros length;              ///< Of edges.
  Turn turn = Turn::kUnsaid;  ///< Of a single pulse.
};

struct StepDraft {
  Micros on, pause;
  Turn turn = Turn::kUnsaid;
};

struct EdgeDraft {
  Micros at;
  std::uint16_t value = 0;
};

}  // namespace takt
