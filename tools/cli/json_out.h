// SPDX-License-Identifier: Apache-2.0
// The one JSON object that a command prints.
#pragma once

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <concepts>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string_view>

#include "takt/core/base/time.h"
#include "takt/core/json/diagnostic.h"

namespace takt {

/// Writes values in the order of the calls; begin_ and end_ must match.
class JsonOut {
 public:
  /// Opens the object that everything else goes into.
  JsonOut() { writer_.StartObject(); }

  void key(std::string_view name) {
    writer_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  }
  void begin_object() { writer_.StartObject(); }
  void begin_object(std::string_view name) { key(name), begin_object(); }
  void end_object() { writer_.EndObject(); }
  void begin_array(std::string_view name) { key(name), writer_.StartArray(); }
  void end_array() { writer_.EndArray(); }

  /// Each byte that is not UTF-8 becomes '?'.
  void value(std::string_view text);
  void value(const char* text) { value(std::string_view{text}); }
  void value(bool truth) { writer_.Bool(truth); }
  void value(double number) { writer_.Double(number); }
  void value(Micros duration) { writer_.Int64(duration.count()); }
  template <std::integral Number>
  void value(Number number) {
    if constexpr (std::signed_integral<Number>) {
      writer_.Int64(number);
    } else {
      writer_.Uint64(number);
    }
  }
  void null() { writer_.Null(); }

  template <typename Value>
  void field(std::string_view name, const Value& content) {
    key(name);
    value(content);
  }

  /// The diagnostics of one severity, as an array of places and messages.
  void diagnostics(std::string_view name, std::span<const Diagnostic> all, Severity severity);

  /// Closes the object and prints it. Throws Failure if standard output does not take it.
  void print();

 private:
  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

/// The stream on which a command speaks to people: standard output belongs to the JSON, if that is
/// asked for.
std::FILE* people(bool json);

/// Writes out what is still on its way to standard output. Throws Failure if it cannot.
void flush_output();

}  // namespace takt
