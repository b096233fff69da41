// SPDX-License-Identifier: Apache-2.0
// What became of a command.
#pragma once

#include <cstddef>
#include <cstdint>

#include "takt/core/base/status.h"
#include "takt/core/base/text.h"

namespace takt {

/// Room for the longest reason that a rule of a setting gives, with the name of its field.
inline constexpr std::size_t kLongestReason = 96;

struct Answer {
  std::uint32_t number = 0;  ///< Of the command.
  Status status = Status::kOk;
  FixedText<kLongestReason> reason{};  ///< For people. Empty: the status says it all.
};

/// For people: "done", "not done: ..." with the reason.
FixedText<kLongestReason + 16> text_of(const Answer& answer);

}  // namespace takt
