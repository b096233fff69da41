// SPDX-License-Identifier: Apache-2.0
// The trace of a device, as `takt play --trace` writes it.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>

#include "takt/app/playback/halves.h"
#include "takt/core/base/spsc.h"
#include "takt/core/program/model.h"
#include "takt/firmware/ports.h"

namespace takt::firmware {

/// Notes each write to the outputs, at the time that the plan has for it. The main loop makes rows
/// of the notes.
///
/// Context: on_applied() the realtime half; the rest the main loop.
class Trace final : public OutputObserver {
 public:
  explicit Trace(Ports& ports) : ports_(ports) {}

  void on_applied(const Levels& levels, LocalTime due, LocalTime now) override;

  /// Begins with the header; times count from `zero`. `outputs` outlive it.
  void start(std::span<const Output> outputs, LocalTime zero);

  /// Writes out what has been noted since start(). Of several changes at one microsecond only the
  /// last counts, so the last is kept back.
  void drain();
  /// Writes out everything. False: some writes did not fit between two calls of drain().
  bool finish();

 private:
  struct Change {
    LocalTime at;
    Levels levels;
  };

  void write_pending();

  Ports& ports_;
  std::span<const Output> outputs_;
  SpscQueue<Change, 64> changes_;
  std::atomic<std::uint32_t> lost_{0};
  LocalTime zero_;
  Change pending_;
  Levels written_;
};

}  // namespace takt::firmware
