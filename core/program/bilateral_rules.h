// SPDX-License-Identifier: Apache-2.0
// What a bilateral setting may be, whether it was written in a program or comes while one plays.
#pragma once

#include <optional>
#include <string_view>

#include "takt/core/program/model.h"

namespace takt {

struct BilateralRefusal {
  std::string_view field;   ///< As in the text form: "cycle".
  std::string_view reason;  ///< With the range.
};

/// Why `setting` may not be played by `program`, which has a pattern; the first reason found.
std::optional<BilateralRefusal> refusal_of(const Bilateral& setting, const Program& program);

}  // namespace takt
