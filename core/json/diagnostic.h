// SPDX-License-Identifier: Apache-2.0
// What is wrong with a program, where, and how badly.
#pragma once

#include <cstdint>

#include "takt/core/base/text.h"

namespace takt {

enum class Severity : std::uint8_t { kWarning, kError };

struct Diagnostic {
  Severity severity = Severity::kError;
  FixedText<200> pointer;    ///< RFC 6901 pointer into the source document; empty: the whole.
  std::uint32_t line = 0;    ///< From 1; 0: the source has no lines (compiled), or not known yet.
  std::uint32_t column = 0;  ///< From 1, in bytes.
  FixedText<240> message;
};

/// Takes diagnostics in the order in which they are found.
class DiagnosticSink {
 public:
  virtual void report(const Diagnostic& diagnostic) = 0;

 protected:
  ~DiagnosticSink() = default;
};

/// For callers that need the status alone.
class IgnoredDiagnostics final : public DiagnosticSink {
 public:
  void report(const Diagnostic& /*diagnostic*/) override {}
};

}  // namespace takt
