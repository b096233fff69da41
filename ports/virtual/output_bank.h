// SPDX-License-Identifier: Apache-2.0
// Outputs in memory, with faults on demand.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "takt/ports/api/output_bank.h"

namespace takt {

/// Remembers what was applied, and shows what the pins of a real board would show.
class VirtualOutputBank final : public OutputBank {
 public:
  /// A board with pins 0 to `pins` - 1.
  explicit VirtualOutputBank(int pins = 1'024) : board_pins_(pins) {}

  Status configure(std::span<const PinConfig> pins) override;
  Status apply(const Levels& levels) override;

  /// Lets calls of apply() fail with kIo and change nothing: `count` of them, after the next
  /// `after` have succeeded.
  void fail(std::uint64_t after, std::uint64_t count) {
    fail_from_ = applies_ + after;
    fail_to_ = fail_from_ + count;
  }

  const Levels& levels() const { return levels_; }
  bool is_high(int pin) const;
  std::uint64_t applies() const { return applies_; }

 private:
  const int board_pins_;
  std::vector<PinConfig> pins_;
  Levels levels_;
  std::uint64_t applies_ = 0;  ///< Calls, failed ones included.
  std::uint64_t fail_from_ = 0;
  std::uint64_t fail_to_ = 0;
};

}  // namespace takt
