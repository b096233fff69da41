// SPDX-License-Identifier: Apache-2.0
// Durations and rates as people write them: "1.5s", "300ms", "250us", "5m", "2h"; "1.5Hz",
// "500mHz".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "takt/core/base/text.h"
#include "takt/core/base/time.h"
#include "takt/core/json/limits.h"

namespace takt {

/// The duration. Nothing if `text` is no duration, is not a whole number of microseconds, or
/// exceeds `most`, which is at most 10,000 years. Never rounds.
std::optional<Micros> parse_duration(std::string_view text, Micros most = kMaxDuration);

/// The rate in millihertz, up to 2^31 - 1. Nothing if `text` is no rate, or no whole number of
/// millihertz.
std::optional<std::uint32_t> parse_rate(std::string_view text);

/// A whole number of the largest unit, up to minutes, that gives one. `duration` must not be
/// negative. parse_duration() of it gives `duration` again, up to kMaxDuration.
FixedText<24> format_duration(Micros duration);

/// The rate in hertz, with as many decimals as it needs. parse_rate() of it gives `rate_mhz` again.
FixedText<24> format_rate(std::uint32_t rate_mhz);

}  // namespace takt
