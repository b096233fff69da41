// SPDX-License-Identifier: Apache-2.0
// Playback that notes what it does to the outputs.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>

#include "takt/core/base/spsc.h"
#include "takt/core/program/model.h"
#include "takt/firmware/examples/device.h"

namespace takt::firmware {

/// Stands between a realtime half and its board: notes each write, with the time of the run that
/// wrote it. The main loop makes rows of that, as `takt play --trace` does.
///
/// Context: run() and apply() the realtime half; the rest the main loop.
class Traced final : public OutputBank, public Work {
 public:
  Traced(Device& device, std::span<const Output> outputs) : device_(device), outputs_(outputs) {}

  Status configure(std::span<const PinConfig> pins) override {
    return device_.outputs().configure(pins);
  }
  Status apply(const Levels& levels) override;
  LocalTime run(LocalTime now) override;

  /// Begins the trace, whose times count from `zero`. `work` is what applies.
  void start(Work& work, LocalTime zero);

  /// Writes out what has been noted. Of several changes at one microsecond only the last counts, so
  /// the last is kept back.
  void drain();
  /// Writes out all. False: some did not fit between two calls of drain().
  bool finish();

 private:
  struct Change {
    LocalTime at;
    Levels levels;
  };

  void write_pending();

  Device& device_;
  const std::span<const Output> outputs_;
  Work* work_ = nullptr;
  LocalTime now_;
  SpscQueue<Change, 64> changes_;
  std::atomic<std::uint32_t> lost_{0};
  LocalTime zero_;
  Change pending_;
  Levels written_;
};

}  // namespace takt::firmware
