// SPDX-License-Identifier: Apache-2.0
#include "tools/trace/vcd_trace.h"

#include <algorithm>
#include <cctype>

#include "takt/core/base/bits.h"

namespace takt {
namespace {

/// 32 outputs fit into the printable characters that the format allows as codes.
char code_of(std::size_t index) { return static_cast<char>('!' + index); }

std::string identifier_of(const std::string& name, const std::vector<std::string>& taken) {
  std::string identifier;
  for (const char c : name) {
    identifier += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  }
  if (identifier.empty() || std::isdigit(static_cast<unsigned char>(identifier[0])) != 0) {
    identifier.insert(0, 1, '_');
  }
  const std::string stem = identifier;
  for (int number = 2; std::ranges::find(taken, identifier) != taken.end(); ++number) {
    identifier = stem + '_' + std::to_string(number);
  }
  return identifier;
}

}  // namespace

void VcdTrace::write_header() {
  file().append("$timescale 1 us $end\n$scope module takt $end\n");
  std::vector<std::string> taken;
  for (std::size_t i = 0; i < signals().size(); ++i) {
    taken.push_back(identifier_of(signals()[i].name, taken));
    file().append(signals()[i].analog ? "$var real 64 " : "$var wire 1 ");
    file().append(code_of(i));
    file().append(' ');
    file().append(taken.back());
    file().append(" $end\n");
  }
  file().append("$upscope $end\n$enddefinitions $end\n#0\n$dumpvars\n");
  for (std::size_t i = 0; i < signals().size(); ++i) write_value({}, i);
  file().append("$end\n");
}

void VcdTrace::write_value(const Levels& levels, std::size_t index) {
  const std::uint16_t number = value(levels, index);
  if (signals()[index].analog) {
    file().append('r');
    file().append(std::int64_t{number});
    file().append(' ');
  } else {
    file().append(number != 0 ? '1' : '0');
  }
  file().append(code_of(index));
  file().append('\n');
}

void VcdTrace::write(Micros at, const Levels& levels, std::uint32_t changed) {
  // Time 0 is the header's.
  if (at > Micros{0}) {
    file().append('#');
    file().append(at.count());
    file().append('\n');
  }
  for (const std::uint8_t index : Members{changed}) write_value(levels, index);
}

void VcdTrace::write_remark(std::string_view text) {
  remarks_ += "$comment ";
  // A dollar begins a keyword, so it could end the comment.
  for (const char c : text) remarks_ += c == '$' ? '_' : c;
  remarks_ += " $end\n";
}

void VcdTrace::write_end(Micros at) {
  file().append('#');
  file().append(at.count());
  file().append('\n');
  file().append(remarks_);
}

}  // namespace takt
