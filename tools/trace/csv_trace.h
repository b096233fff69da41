// SPDX-License-Identifier: Apache-2.0
// A trace as a table.
#pragma once

#include <string>
#include <vector>

#include "tools/trace/trace_writer.h"

namespace takt {

/// One row for each change, ordered by time, then by the place of the output in the program.
/// Names with commas, quotes or line ends stand between quotes, as RFC 4180 says.
class CsvTrace final : public TraceWriter {
 public:
  explicit CsvTrace(std::span<const Output> outputs);

 private:
  void write_header() override;
  void write(Micros at, const Levels& levels, std::uint32_t changed) override;
  void write_end(Micros at) override;

  std::vector<std::string> fields_;  ///< By output, with the commas around it.
};

}  // namespace takt
