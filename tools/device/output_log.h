// SPDX-License-Identifier: Apache-2.0
// Outputs that note when they really changed.
#pragma once

#include <atomic>
#include <cstdint>

#include "takt/core/base/spsc.h"
#include "takt/ports/api/output_bank.h"
#include "takt/ports/linux/clock.h"

namespace takt {

/// Passes levels on to another bank, and keeps what that bank took until somebody asks.
///
/// Context: as an output bank, the realtime half; take() belongs to one other.
class OutputLog final : public OutputBank {
 public:
  struct Change {
    std::int64_t at_ns = 0;  ///< Of CLOCK_MONOTONIC, once the outputs had changed.
    Levels levels;
  };

  explicit OutputLog(OutputBank& outputs) : outputs_(outputs) {}

  Status configure(std::span<const PinConfig> pins) override { return outputs_.configure(pins); }

  Status apply(const Levels& levels) override {
    const Status status = outputs_.apply(levels);
    if (status != Status::kOk) return status;
    if (!changes_.push({LinuxClock::nanoseconds(), levels})) {
      lost_.fetch_add(1, std::memory_order_relaxed);
    }
    return status;
  }

  [[nodiscard]] bool take(Change& change) { return changes_.pop(change); }
  std::uint32_t lost() const { return lost_.load(std::memory_order_relaxed); }

 private:
  OutputBank& outputs_;
  std::atomic<std::uint32_t> lost_{0};
  SpscQueue<Change, 1'024> changes_;
};

}  // namespace takt
