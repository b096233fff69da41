// SPDX-License-Identifier: Apache-2.0
// How the codecs say what is wrong with a source text.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "takt/core/base/text.h"
#include "takt/core/json/diagnostic.h"

namespace takt {

using PointerText = decltype(Diagnostic::pointer);
using MessageText = decltype(Diagnostic::message);

struct LineColumn {
  std::uint32_t line = 1;    ///< From 1.
  std::uint32_t column = 1;  ///< From 1, in bytes; a byte order mark does not count.
};

/// Cost: O(offset).
LineColumn line_column(std::string_view source, std::size_t offset);

/// `text` in quotes, shortened so that a message stays readable, control characters replaced.
void append_quoted(MessageText& message, std::string_view text);

struct Quoted {
  std::string_view text;
};

inline void append_part(MessageText& message, std::string_view part) { message.append(part); }
inline void append_part(MessageText& message, Quoted part) { append_quoted(message, part.text); }
template <std::integral Number>
void append_part(MessageText& message, Number part) {
  message.append(static_cast<std::int64_t>(part));
}

/// Texts, numbers and Quoted, one after the other.
template <typename... Parts>
MessageText message_of(const Parts&... parts) {
  MessageText message;
  (append_part(message, parts), ...);
  return message;
}

/// One reference token of a JSON pointer, escaped by RFC 6901.
void append_pointer(PointerText& pointer, std::string_view key);
void append_pointer(PointerText& pointer, std::uint32_t index);

/// A place in a source text.
struct Where {
  PointerText pointer;
  std::size_t offset = 0;
};

/// Hands diagnostics on to a sink, with lines and columns. A broken document can hold a million
/// faults, so only the first kMaxReported errors and warnings each are handed on.
class Reporter {
 public:
  static constexpr std::uint32_t kMaxReported = 32;

  Reporter(std::string_view source, DiagnosticSink& sink) : source_(source), sink_(sink) {}

  void error(const Where& where, const MessageText& message) {
    report(Severity::kError, errors_, where, message);
  }
  void warn(const Where& where, const MessageText& message) {
    report(Severity::kWarning, warnings_, where, message);
  }
  /// For a source that has no lines.
  void error(std::string_view message);

  bool failed() const { return errors_ > 0; }

  /// Says how many were not handed on. Call once, after the last.
  void finish();

 private:
  void report(Severity severity, std::uint32_t& count, const Where& where,
              const MessageText& message);
  void finish(Severity severity, std::uint32_t count);

  std::string_view source_;
  DiagnosticSink& sink_;
  std::uint32_t errors_ = 0;
  std::uint32_t warnings_ = 0;
};

}  // namespace takt
