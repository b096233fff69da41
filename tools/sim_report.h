// SPDX-License-Identifier: Apache-2.0
// What sessions came to, whether they were simulated or recorded.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "tools/json_out.h"
#include "tools/sim/pair.h"

namespace takt {

inline constexpr std::array<std::string_view, 2> kSideNames{"left", "right"};

/// One row of a table on standard output.
void print_count(std::string_view name, std::uint64_t value);
/// What must not be, and how much there was of what may be.
void print_verdict(const sim::Verdict& verdict);
/// How exact it was.
void print_measures(const sim::Summary& sum);

void json_bounds_and_changes(JsonOut& out, const sim::Verdict& verdict);
void json_measures(JsonOut& out, const sim::Summary& sum);

}  // namespace takt
