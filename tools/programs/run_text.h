// SPDX-License-Identifier: Apache-2.0
// Times and phases of a run, as people write and read them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "takt/core/base/time.h"
#include "takt/core/program/model.h"

namespace takt {

/// A time of a run, as the value of the word `option`: any that a program can last. Nothing: it is
/// no time. Throws Failure (kWords) if it is longer than any program.
std::optional<Micros> parse_run_time(std::string_view text, std::string_view option);

/// The name of a phase, or its number if it has none.
std::string phase_title(const Program& program, std::size_t phase);

}  // namespace takt
