// SPDX-License-Identifier: Apache-2.0
// Numbers and times as people read them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "takt/core/base/time.h"

namespace takt {

/// "1,602".
std::string with_commas(std::uint64_t number);

/// "1,602 edges", "1 edge".
std::string counted(std::uint64_t number, std::string_view what);

/// "54.000 s", "7 min 7.200 s", "2 h 0 min 4.000 s", "3 d ..."; six decimals where microseconds
/// matter.
std::string readable(Micros duration);

/// "7:07.2", "2:00:04.0": a running clock.
std::string clock_text(Micros elapsed);

/// "964 B", "12.3 KiB", "4.0 MiB".
std::string readable_bytes(std::uint64_t bytes);

/// `text` with what is no UTF-8 or steers a terminal replaced by '?', so that it can be shown or
/// stand in JSON.
std::string printable(std::string_view text);

/// How many terminal cells `text` takes; every character counts one.
std::size_t cells(std::string_view text);

/// A character cell that is full up to `eighths`, 0 to 8; with or without UTF-8.
std::string_view level_glyph(unsigned eighths, bool utf8);

/// `text` cut or filled with spaces to exactly `width` cells; a cut shows as "…".
std::string fitted(std::string_view text, std::size_t width);

}  // namespace takt
