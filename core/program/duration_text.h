// SPDX-License-Identifier: Apache-2.0
// Durations as people write them: "1.5s", "300ms", "250us", "5m", "2h".
#pragma once

#include <optional>
#include <string_view>

#include "core/base/text.h"
#include "core/base/time.h"

namespace takt {

/// Nothing if `text` is no duration, is not a whole number of microseconds, or exceeds
/// kMaxDuration. Never rounds.
std::optional<Micros> parse_duration(std::string_view text);

/// Whole numbers of the largest unit up to minutes that gives one. `duration` must not be negative.
/// parse_duration() of it is `duration` again, up to kMaxDuration.
FixedText<24> format_duration(Micros duration);

}  // namespace takt
