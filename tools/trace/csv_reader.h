// SPDX-License-Identifier: Apache-2.0
// A trace as CsvTrace wrote it, read back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "takt/core/base/levels.h"
#include "takt/core/base/status.h"
#include "takt/core/json/diagnostic.h"
#include "takt/core/program/model.h"

namespace takt {

/// Some 4 million changes: a day with fifty a second. They take up to ten times as much memory.
inline constexpr std::size_t kMaxTraceBytes = 64U << 20U;

struct PlayedTrace {
  /// Levels from a time on.
  struct Row {
    Micros at;
    Levels levels;
  };

  std::vector<Output> outputs;    ///< The outputs that Row::levels belong to.
  std::deque<std::string> names;  ///< Of outputs that no program named: what their ids point to.
  std::vector<Row> rows;          ///< In order of time, one for each time.
  std::uint32_t cut_line = 0;     ///< Number of a last line without an end, left out; 0: none.
};

/// Whether a text looks like a trace rather than a program.
bool is_csv_trace(std::string_view text);

/// Reads "time_us,output,value" and a line for each change, with "\n" or "\r\n" behind it. Names
/// may stand between quotes, as RFC 4180 says. Of several values of an output at one time the last
/// counts.
///
/// `outputs` are those of the program that was played; the trace then names no others, and no level
/// that they do not have. If there are none, they follow from the trace in the order of their first
/// lines: an output with a value above 1 is analog, and its largest value is its range.
///
/// Cost: O(text + changes · outputs). - kCorrupt: `wrong` says why, and where.
Result<PlayedTrace> read_csv_trace(std::string_view text, std::span<const Output> outputs,
                                   Diagnostic& wrong);

}  // namespace takt
