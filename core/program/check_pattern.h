// SPDX-License-Identifier: Apache-2.0
// What a therapist may set.
#pragma once

#include <optional>
#include <string_view>

#include "core/pattern/score.h"
#include "core/program/report.h"

namespace takt {

struct RangeFault {
  std::string_view field;  ///< As in takt's own form: "cycle".
  MessageText message;     ///< Says the range.
};

/// The first value of `setting` that lies outside its range, whatever the outputs can do;
/// `research` widens that of the cycle.
std::optional<RangeFault> range_fault(const Bilateral& setting, bool research);

}  // namespace takt
