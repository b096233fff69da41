// SPDX-License-Identifier: Apache-2.0
#include "takt/core/json/report.h"

#include <algorithm>

#include "takt/core/base/utf8.h"
#include "takt/core/json/json_text.h"

namespace takt {

LineColumn line_column(std::string_view source, std::size_t offset) {
  const std::size_t first = json::begin_of(source);
  LineColumn place;
  std::size_t line_start = first;
  for (std::size_t i = first; i < std::min(offset, source.size()); ++i) {
    if (source[i] != '\n') continue;
    place.line += 1;
    line_start = i + 1;
  }
  place.column = static_cast<std::uint32_t>(std::max(offset, line_start) - line_start + 1);
  return place;
}

void append_quoted(MessageText& message, std::string_view text) {
  constexpr std::size_t kLongest = 48;
  message.append("'");
  std::size_t taken = 0;
  while (taken < text.size()) {
    const std::size_t length = utf8_sequence(text.substr(taken));
    if (taken + length > kLongest) break;
    const auto byte = static_cast<unsigned char>(text[taken]);
    const bool shown = length > 0 && byte >= 0x20 && byte != 0x7F;
    message.append(shown ? text.substr(taken, length) : "?");
    taken += std::max<std::size_t>(length, 1);
  }
  message.append(taken < text.size() ? "...'" : "'");
}

void append_pointer(PointerText& pointer, std::string_view key) {
  pointer.append("/");
  for (const char c : key) {
    if (c == '~') {
      pointer.append("~0");
    } else if (c == '/') {
      pointer.append("~1");
    } else {
      pointer.append({&c, 1});
    }
  }
}

void append_pointer(PointerText& pointer, std::uint32_t index) {
  pointer.append("/").append(static_cast<std::int64_t>(index));
}

void Reporter::error(std::string_view message) {
  errors_ += 1;
  if (errors_ > kMaxReported) return;
  Diagnostic diagnostic;
  diagnostic.message.append(message);
  sink_.report(diagnostic);
}

void Reporter::report(Severity severity, std::uint32_t& count, const Where& where,
                      const MessageText& message) {
  count += 1;
  if (count > kMaxReported) return;
  const LineColumn place = line_column(source_, where.offset);
  Diagnostic diagnostic;
  diagnostic.severity = severity;
  diagnostic.pointer = where.pointer;
  diagnostic.line = place.line;
  diagnostic.column = place.column;
  diagnostic.message = message;
  sink_.report(diagnostic);
}

void Reporter::finish(Severity severity, std::uint32_t count) {
  if (count <= kMaxReported) return;
  Diagnostic diagnostic;
  diagnostic.severity = severity;
  const char* const what = severity == Severity::kError ? " more errors" : " more warnings";
  diagnostic.message.append(count - kMaxReported).append(what);
  sink_.report(diagnostic);
}

void Reporter::finish() {
  finish(Severity::kWarning, warnings_);
  finish(Severity::kError, errors_);
}

}  // namespace takt
