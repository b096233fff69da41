// SPDX-License-Identifier: Apache-2.0
// A board that lives in a World.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "takt/app/boards/board.h"
#include "takt/firmware/ports.h"
#include "takt/ports/virtual/output_bank.h"
#include "takt/ports/virtual/waiter.h"
#include "takt/ports/virtual/watchdog.h"
#include "takt/ports/virtual/world.h"

namespace takt::firmware {

/// Ports with as much memory as the board, and a clock of their own. The world may have others.
class VirtualPorts : public Ports {
 public:
  /// The world outlives it. `zero`, `ppb`: see VirtualClock.
  VirtualPorts(World& world, const Board& board, WorldTime zero = {}, std::int32_t ppb = 0)
      : world_(world),
        clock_(world, zero, ppb),
        internal_(board.bytes_of(RegionKind::kInternal) / sizeof(std::max_align_t)),
        external_(board.bytes_of(RegionKind::kExternal) / sizeof(std::max_align_t)) {
    watchdog_.start(kPatience);
  }

  const Clock& clock() const override { return clock_; }
  Runner& realtime() override { return realtime_; }
  Runner& ordinary() override { return ordinary_; }
  OutputBank& outputs() override { return outputs_; }
  std::span<std::byte> internal_memory() override {
    return std::as_writable_bytes(std::span{internal_});
  }
  std::span<std::byte> external_memory() override {
    return std::as_writable_bytes(std::span{external_});
  }
  Waiter& waiter() override { return waiter_; }
  Exclusion& exclusion() override { return exclusion_; }
  Watchdog* watchdog() override { return &watchdog_; }
  void print(std::string_view text) override { printed_ += text; }

  const VirtualClock& virtual_clock() const { return clock_; }
  /// A board would have been reset.
  bool starved() const { return watchdog_.has_bitten(); }
  /// All that was printed.
  const std::string& printed() const { return printed_; }

 protected:
  void run(bool (*done)(void*), void* argument) override {
    while (!done(argument) && world_.step()) {
    }
  }

 private:
  World& world_;
  VirtualClock clock_;
  VirtualRunner realtime_{world_, clock_, VirtualRunner::Rank::kRealtime};
  VirtualRunner ordinary_{world_, clock_, VirtualRunner::Rank::kOrdinary};
  VirtualWaiter waiter_{world_, clock_};
  NoExclusion exclusion_;
  VirtualWatchdog watchdog_{clock_};
  VirtualOutputBank outputs_{64};
  std::vector<std::max_align_t> internal_;
  std::vector<std::max_align_t> external_;
  std::string printed_;
};

}  // namespace takt::firmware
