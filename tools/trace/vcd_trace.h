// SPDX-License-Identifier: Apache-2.0
// A trace for logic analyser programs: value change dump, IEEE 1364.
#pragma once

#include <string>
#include <vector>

#include "tools/trace/trace_writer.h"

namespace takt {

/// One wire for each output that is on or off, a real for each number; a microsecond is the unit.
/// A vector of bits would suit the numbers better, but sigrok up to 0.5.2 stops reading at one.
/// Names become identifiers: what is neither letter, digit nor underscore becomes an underscore,
/// and a number tells apart what then is the same. Remarks are comments.
class VcdTrace final : public TraceWriter {
 public:
  explicit VcdTrace(std::span<const Output> outputs) : TraceWriter(outputs) {}

 private:
  void write_header() override;
  void write(Micros at, const Levels& levels, std::uint32_t changed) override;
  void write_remark(std::string_view text) override;
  void write_end(Micros at) override;
  void write_value(const Levels& levels, std::size_t index);

  std::string remarks_;  ///< For the end: sigrok stops reading at a comment between changes.
};

}  // namespace takt
