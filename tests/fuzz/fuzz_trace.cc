// SPDX-License-Identifier: Apache-2.0
// Any text is read as a trace, or refused with its place; what is read is in order.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "takt/core/base/assert.h"
#include "tools/trace/csv_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace takt;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  Diagnostic wrong;
  const Result<PlayedTrace> read = read_csv_trace(text, {}, wrong);
  TAKT_ASSERT(read.ok() == wrong.message.empty());
  if (!read.ok()) {
    TAKT_ASSERT(wrong.line > 0 && wrong.column > 0);
    return 0;
  }
  TAKT_ASSERT(is_csv_trace(text));
  const PlayedTrace& trace = read.value();
  TAKT_ASSERT((trace.cut_line == 0) == text.ends_with('\n'));
  for (std::size_t i = 1; i < trace.rows.size(); ++i) {
    TAKT_ASSERT(trace.rows[i - 1].at < trace.rows[i].at);
  }
  for (const PlayedTrace::Row& row : trace.rows) {
    TAKT_ASSERT(trace.outputs.size() == kMaxOutputs || row.levels.on >> trace.outputs.size() == 0);
  }
  // With its own outputs as a program's, it says the same.
  const Result<PlayedTrace> again = read_csv_trace(text, trace.outputs, wrong);
  TAKT_ASSERT(again.ok() && again.value().rows.size() == trace.rows.size());
  for (std::size_t i = 0; i < trace.rows.size(); ++i) {
    TAKT_ASSERT(again.value().rows[i].levels == trace.rows[i].levels);
  }
  return 0;
}
