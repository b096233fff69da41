// SPDX-License-Identifier: Apache-2.0
// What the parts of check() have in common.
#pragma once

#include <cstddef>
#include <string_view>

#include "takt/core/json/diagnostic.h"
#include "takt/core/json/report.h"
#include "takt/core/program/model.h"

namespace takt {

/// Hands faults on to a sink and remembers whether one was an error.
class CheckLog {
 public:
  explicit CheckLog(DiagnosticSink& sink) : sink_(sink) {}

  void error(const PointerText& pointer, const MessageText& message) {
    report(Severity::kError, pointer, message);
    errors_ += 1;
  }
  void error(const PointerText& pointer, std::string_view text) {
    error(pointer, MessageText{text});
  }
  void warn(const PointerText& pointer, const MessageText& message) {
    report(Severity::kWarning, pointer, message);
  }

  unsigned errors() const { return errors_; }
  bool failed() const { return errors_ > 0; }

 private:
  void report(Severity severity, const PointerText& pointer, const MessageText& message) {
    Diagnostic diagnostic;
    diagnostic.severity = severity;
    diagnostic.pointer = pointer;
    diagnostic.message = message;
    sink_.report(diagnostic);
  }

  DiagnosticSink& sink_;
  unsigned errors_ = 0;
};

/// "/table/index".
inline PointerText row_pointer(std::string_view table, std::size_t index) {
  PointerText pointer;
  pointer.append("/").append(table).append("/").append(static_cast<std::int64_t>(index));
  return pointer;
}

/// The part of check() that looks at the pattern of `program`, which must have one; its outputs and
/// interlocks must have passed.
void check_pattern(const Program& program, CheckLog& log);

}  // namespace takt
