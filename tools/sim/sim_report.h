// SPDX-License-Identifier: Apache-2.0
// The results of sessions, simulated or recorded.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "tools/cli/failure.h"
#include "tools/cli/json_out.h"
#include "tools/sim/sessions.h"

namespace takt {

inline constexpr std::array<std::string_view, 2> kSideNames{"left", "right"};

/// One row of a table on standard output.
void print_count(std::string_view name, std::uint64_t value);
/// The source of a verdict, which decides what it tells: a record does not tell all.
enum class Told : std::uint8_t { kBySimulation, kByRecords };

/// The counts of what must not happen, and of what may.
void print_verdict(const sim::Verdict& verdict, Told told);
/// The same.
void json_verdict(JsonOut& out, const sim::Verdict& verdict, Told told);

/// How exact it was.
void print_measures(const sim::Summary& sum);

void json_measures(JsonOut& out, const sim::Summary& sum);

/// Judges the records of a left and a right device, and prints the result under `title`. kNo: a
/// promise was broken, or both were judged for less than `least_percent` of the longer record.
/// Throws Failure.
Exit check_records(const std::array<std::string, 2>& files, const std::string& title,
                   double least_percent, bool json);

}  // namespace takt
