// SPDX-License-Identifier: Apache-2.0
// JSON as it is written.
#pragma once

#include <concepts>
#include <cstdint>
#include <string_view>

#include "takt/core/base/text_out.h"

namespace takt::json {

/// Writes one JSON text in the order of the calls, without a heap and whatever its size. It writes
/// commas, quotes and escapes by itself. Each begin must have its end, and in an object each value
/// follows its key.
class Writer {
 public:
  enum class Layout : std::uint8_t {
    kCompact,  ///< As in {"a":1,"b":2}.
    kSpaced,   ///< As in {"a": 1, "b": 2}.
  };

  /// `out` outlives this.
  explicit Writer(TextOut& out, Layout layout = Layout::kCompact) : out_(out), layout_(layout) {}

  void begin_object() { begin("{"); }
  void end_object() { end("}"); }
  void begin_array() { begin("["); }
  void end_array() { end("]"); }
  void begin_object(std::string_view name) { key(name), begin_object(); }
  void begin_array(std::string_view name) { key(name), begin_array(); }

  void key(std::string_view name);

  /// Requires UTF-8.
  void value(std::string_view text);
  void value(const char* text) { value(std::string_view{text}); }
  void value(bool truth) { word(truth ? "true" : "false"); }
  template <std::integral Number>
  requires(std::signed_integral<Number> ||
           sizeof(Number) < sizeof(std::int64_t)) void value(Number number) {
    integer(number);
  }
  void null() { word("null"); }

  template <typename Value>
  void field(std::string_view name, const Value& content) {
    key(name);
    value(content);
  }

  /// What comes next begins a line of its own, `indent` spaces in. At most kMostIndent.
  void new_line(unsigned indent = 0);
  static constexpr unsigned kMostIndent = 16;

 private:
  void begin(std::string_view bracket);
  void end(std::string_view bracket);
  void word(std::string_view text);
  void integer(std::int64_t number);
  void separate();
  void break_line();
  void quote(std::string_view text);

  static constexpr std::uint8_t kSameLine = 0xFF;

  TextOut& out_;
  const Layout layout_;
  bool comma_ = false;  ///< A value of the same container came before.
  std::uint8_t indent_ = kSameLine;
};

}  // namespace takt::json
