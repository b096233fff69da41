// SPDX-License-Identifier: Apache-2.0
#include "tools/trace/trace_writer.h"

#include <algorithm>

#include "tools/trace/csv_trace.h"
#include "tools/trace/vcd_trace.h"

namespace takt {

TraceWriter::TraceWriter(std::span<const Output> outputs) {
  for (const Output& output : outputs) {
    const bool analog = output.kind == OutputKind::kAnalog;
    if (analog) analog_ |= std::uint32_t{1} << signals_.size();
    signals_.push_back({std::string{output.id}, analog, output.channel});
  }
}

std::uint32_t TraceWriter::changes() const {
  std::uint32_t changed = levels_.on ^ written_.on;
  if (levels_.analog == written_.analog) return changed;
  for (std::size_t i = 0; i < signals_.size(); ++i) {
    const bool differs = signals_[i].analog && value(levels_, i) != value(written_, i);
    changed |= std::uint32_t{differs} << i;
  }
  return changed;
}

void TraceWriter::write_pending() {
  if (const std::uint32_t changed = changes()) write(at_, levels_, changed);
  written_ = levels_;
}

Status TraceWriter::close(Micros at) {
  write_pending();
  write_end(std::max(at, at_));
  return file_.close();
}

Result<std::unique_ptr<TraceWriter>> open_trace(const std::string& path,
                                                std::span<const Output> outputs,
                                                std::string& error) {
  std::unique_ptr<TraceWriter> trace;
  if (path.ends_with(".csv")) {
    trace = std::make_unique<CsvTrace>(outputs);
  } else if (path.ends_with(".vcd")) {
    trace = std::make_unique<VcdTrace>(outputs);
  } else {
    error = path + ": a trace is a .csv or a .vcd file";
    return Status::kUnsupported;
  }
  if (const Status status = trace->file_.open(path); status != Status::kOk) {
    error = trace->error();
    return status;
  }
  trace->write_header();
  return trace;
}

}  // namespace takt
