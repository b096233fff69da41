// SPDX-License-Identifier: Apache-2.0
#include "takt/core/json/json_writer.h"

#include "takt/core/base/assert.h"
#include "takt/core/base/text.h"

namespace takt::json {

void Writer::begin(std::string_view bracket) {
  separate();
  out_.write(bracket);
  comma_ = false;
}

void Writer::end(std::string_view bracket) {
  break_line();
  out_.write(bracket);
  comma_ = true;
}

void Writer::key(std::string_view name) {
  separate();
  quote(name);
  out_.write(layout_ == Layout::kSpaced ? ": " : ":");
  comma_ = false;
}

void Writer::value(std::string_view text) {
  separate();
  quote(text);
  comma_ = true;
}

void Writer::word(std::string_view text) {
  separate();
  out_.write(text);
  comma_ = true;
}

void Writer::integer(std::int64_t number) { word(FixedText<24>{}.append(number).view()); }

void Writer::new_line(unsigned indent) {
  TAKT_ASSERT(indent <= kMostIndent);
  indent_ = static_cast<std::uint8_t>(indent);
}

/// What stands between the value before, if any, and the next one.
void Writer::separate() {
  const bool in_line = indent_ == kSameLine;
  if (comma_) out_.write(in_line && layout_ == Layout::kSpaced ? ", " : ",");
  break_line();
}

void Writer::break_line() {
  if (indent_ == kSameLine) return;
  constexpr std::string_view kBreak = "\n                ";
  static_assert(kBreak.size() == 1 + kMostIndent);
  out_.write(kBreak.substr(0, 1U + indent_));
  indent_ = kSameLine;
}

void Writer::quote(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out_.write("\"");
  std::size_t plain = 0;  // From here on nothing needed an escape.
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
    out_.write(text.substr(plain, i - plain));
    plain = i + 1;
    if (byte >= 0x20) {
      out_.write("\\");
      plain = i;
      continue;
    }
    out_.write("\\u00");
    out_.write(kHex.substr(byte >> 4U, 1));
    out_.write(kHex.substr(byte & 15U, 1));
  }
  out_.write(text.substr(plain));
  out_.write("\"");
}

}  // namespace takt::json
