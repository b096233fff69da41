// SPDX-License-Identifier: Apache-2.0
#include "tools/trace/csv_trace.h"

#include <array>
#include <charconv>

#include "takt/core/base/bits.h"

namespace takt {
namespace {

std::string quoted(const std::string& name) {
  if (name.find_first_of(",\"\r\n") == std::string::npos) return name;
  std::string text = "\"";
  for (const char c : name) text += c == '"' ? "\"\"" : std::string(1, c);
  return text + '"';
}

}  // namespace

CsvTrace::CsvTrace(std::span<const Output> outputs) : TraceWriter(outputs) {
  for (const Signal& signal : signals()) fields_.push_back("," + quoted(signal.name) + ",");
}

void CsvTrace::write_header() { file().append("time_us,output,value\n"); }

void CsvTrace::write(Micros at, const Levels& levels, std::uint32_t changed) {
  std::array<char, 20> digits{};
  const char* const end = std::to_chars(digits.begin(), digits.end(), at.count()).ptr;
  const std::string_view time{digits.data(), static_cast<std::size_t>(end - digits.data())};
  for (const std::uint8_t index : Members{changed}) {
    file().append(time);
    file().append(fields_[index]);
    file().append(std::int64_t{value(levels, index)});
    file().append('\n');
  }
}

void CsvTrace::write_end(Micros /*at*/) {}

}  // namespace takt
