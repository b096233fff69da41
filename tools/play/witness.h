// SPDX-License-Identifier: Apache-2.0
// The realtime half with a witness.
#pragma once

#include <atomic>
#include <cstdint>

#include "takt/app/playback/halves.h"
#include "takt/core/base/spsc.h"
#include "tools/play/phase_ledger.h"

namespace takt {

/// Runs a player on an output bank, keeps the ledger, and passes on what the outputs did.
///
/// Context: run() belongs to the realtime runner; take() to one other; ledger() to any, once the
/// runner has stopped. A change that the bank refused did not happen. Should take() not keep up,
/// changes are lost to it alone, and counted.
class Witness final : public Work, private OutputBank {
 public:
  struct Change {
    LocalTime at;
    Levels levels;
  };

  Witness(Player& player, OutputBank& outputs, const Timeline& timeline,
          Watchdog* watchdog = nullptr)
      : player_(player), outputs_(outputs), half_(player, *this, watchdog), ledger_(timeline) {}

  LocalTime run(LocalTime now) override {
    now_ = now;
    const LocalTime due = half_.run(now);
    ledger_.note(player_.entry(), levels_, now);
    return due;
  }

  [[nodiscard]] bool take(Change& change) { return changes_.pop(change); }
  std::uint32_t lost() const { return lost_.load(std::memory_order_relaxed); }

  const PhaseLedger& ledger() const { return ledger_; }

 private:
  Status configure(std::span<const PinConfig> pins) override { return outputs_.configure(pins); }

  Status apply(const Levels& levels) override {
    const Status status = outputs_.apply(levels);
    if (status != Status::kOk) return status;
    levels_ = levels;
    if (!changes_.push({now_, levels})) lost_.fetch_add(1, std::memory_order_relaxed);
    return status;
  }

  /// More than a window of frames, and 160 ms of 100,000 frames a second.
  static constexpr std::size_t kCapacity = 16'384;

  Player& player_;
  OutputBank& outputs_;
  RealtimeHalf half_;
  PhaseLedger ledger_;
  Levels levels_;
  LocalTime now_;
  std::atomic<std::uint32_t> lost_{0};
  SpscQueue<Change, kCapacity> changes_;
};

}  // namespace takt
