// SPDX-License-Identifier: Apache-2.0
// How a command ends when it does not end well.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "takt/core/json/diagnostic.h"

namespace takt {

/// Exit status, part of the command line's contract. Besides these, 128 and more: see Interrupt.
enum class Exit : int {
  kGood = 0,
  kNo = 1,     ///< The answer is no: invalid program, limit exceeded, fault.
  kWords = 2,  ///< The call itself is wrong.
  kWorld = 3,  ///< File, port or memory failed.
};

/// Thrown by commands, caught in main(), which says it on standard error, and in JSON if asked.
class Failure : public std::runtime_error {
 public:
  Failure(Exit exit, const std::string& message) : Failure(exit, message, {}) {}
  /// `diagnostics` have been said on standard error already; they go into the JSON only.
  Failure(Exit exit, const std::string& message, std::vector<Diagnostic> diagnostics)
      : std::runtime_error(message), exit_(exit), diagnostics_(std::move(diagnostics)) {}

  Exit exit() const { return exit_; }
  const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }

 private:
  Exit exit_;
  std::vector<Diagnostic> diagnostics_;
};

}  // namespace takt
