// SPDX-License-Identifier: Apache-2.0
// Outputs that remember.
#pragma once

#include <vector>

#include "takt/ports/api/clock.h"
#include "takt/ports/api/output_bank.h"
#include "tests/support/oracle.h"

namespace takt::testing {

/// Notes all that is applied, by a clock's time, and can be told to fail. Read it while the
/// realtime half does not run.
class RecordingBank final : public OutputBank {
 public:
  explicit RecordingBank(const Clock& clock) : clock_(clock) { changes_.reserve(1U << 16U); }

  Status configure(std::span<const PinConfig> /*pins*/) override { return Status::kOk; }

  Status apply(const Levels& levels) override {
    if (calls_++ == failing_call) return Status::kIo;
    if (!forgets) changes_.push_back({clock_.now().since_zero(), levels});
    return Status::kOk;
  }

  const std::vector<Change>& changes() const { return changes_; }

  std::size_t failing_call = static_cast<std::size_t>(-1);  ///< From 0.
  bool forgets = false;  ///< For runs that would take too much memory.

 private:
  const Clock& clock_;
  std::size_t calls_ = 0;
  std::vector<Change> changes_;
};

}  // namespace takt::testing
