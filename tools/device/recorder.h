// SPDX-License-Identifier: Apache-2.0
// Turns what a device of a session believes and plays into its record.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "takt/app/record/record.h"
#include "takt/core/engine/lockstep.h"
#include "takt/ports/linux/clock.h"
#include "tools/device/output_log.h"
#include "tools/trace/output_file.h"

namespace takt {

/// Collects entries from both halves and writes them in order of time. True time is
/// CLOCK_MONOTONIC, whatever the device's own clock says.
///
/// Context: note() and heard() belong to the control half, write() to one other; they take turns by
/// a mutex of the caller's.
class Recorder {
 public:
  /// `speed`: of the device's clock, against true time.
  Recorder(const LinuxClock& clock, double speed) : clock_(clock), speed_(speed) {}

  /// Opens the file. Nothing is kept before. - kIo: see error().
  Status open(const std::string& path, std::uint8_t side);
  bool is_open() const { return open_; }

  /// Notes what is new with the device; `latest` is the largest lateness so far, `lost` the number
  /// of lost pulses.
  void note(const Lockstep& lockstep, const Engine& engine, Micros latest, std::uint32_t lost,
            LocalTime now);
  /// A datagram has arrived.
  void heard();

  /// The side goes on or off. To be called before write().
  void switched(bool on, std::int64_t at_ns);

  /// Writes what is older than kHeldBack, by which time both halves have told of it; `all`:
  /// everything. - kIo: see error().
  Status write(bool all);
  const std::string& error() const { return file_.error(); }

 private:
  static constexpr Micros kHeldBack = millis(20);

  static sim::TrueTime now();
  void add(sim::TrueTime at, const sim::Event& event) { entries_.push_back({at, event}); }
  sim::Believed belief_of(const sync::Peer& peer, LocalTime now) const;

  const LinuxClock& clock_;
  const double speed_;
  OutputFile file_;
  bool open_ = false;
  std::vector<sim::Entry> entries_;
  sim::TrueTime written_;

  // Noted last.
  std::optional<std::uint32_t> clock_seen_;
  bool settled_ = false;
  std::uint32_t revision_ = 0;
  std::optional<sim::Stated> stated_;
};

}  // namespace takt
