// SPDX-License-Identifier: Apache-2.0
// Outputs that leave a trace.
#pragma once

#include <atomic>
#include <cstdint>

#include "core/base/spsc.h"
#include "ports/api/clock.h"
#include "ports/api/output_bank.h"
#include "tools/trace/trace.h"

namespace takt {

/// Passes levels on to a bank and straight to a trace: for virtual time, in which writing a file
/// makes nothing late. A change that the bank refused is not in the trace, as it did not happen; a
/// trace that fails does not disturb the outputs, and says so when it is closed.
class TracedOutputs final : public OutputBank {
 public:
  /// The trace counts from `origin`.
  TracedOutputs(const Clock& clock, OutputBank& outputs, Trace& trace, LocalTime origin)
      : clock_(clock), outputs_(outputs), trace_(trace), origin_(origin) {}

  Status configure(std::span<const PinConfig> pins) override { return outputs_.configure(pins); }

  Status apply(const Levels& levels) override {
    const Status status = outputs_.apply(levels);
    if (status == Status::kOk) static_cast<void>(trace_.note(clock_.now() - origin_, levels));
    return status;
  }

 private:
  const Clock& clock_;
  OutputBank& outputs_;
  Trace& trace_;
  const LocalTime origin_;
};

/// The same for a realtime half that must not wait for a file: remembers changes for another
/// context to write. Should drain() not keep up, changes are lost from the trace alone, and
/// counted.
class TraceRecorder final : public OutputBank {
 public:
  /// More than a window of frames, and 160 ms of 100,000 frames a second.
  static constexpr std::size_t kCapacity = 16'384;

  TraceRecorder(const Clock& clock, OutputBank& outputs) : clock_(clock), outputs_(outputs) {}

  Status configure(std::span<const PinConfig> pins) override { return outputs_.configure(pins); }

  Status apply(const Levels& levels) override {
    const LocalTime at = clock_.now();
    const Status status = outputs_.apply(levels);
    if (status == Status::kOk && !changes_.push({at, levels})) {
      lost_.fetch_add(1, std::memory_order_relaxed);
    }
    return status;
  }

  /// Moves what was remembered to `trace`, whose time counts from `origin`. Context: one, which
  /// may wait for files. - kIo: the trace failed; what was remembered is gone all the same.
  Status drain(Trace& trace, LocalTime origin) {
    Change change;
    Status status = Status::kOk;
    while (changes_.pop(change)) status = trace.note(change.at - origin, change.levels);
    return status;
  }

  std::uint32_t lost() const { return lost_.load(std::memory_order_relaxed); }

 private:
  struct Change {
    LocalTime at;
    Levels levels;
  };

  const Clock& clock_;
  OutputBank& outputs_;
  std::atomic<std::uint32_t> lost_{0};
  SpscQueue<Change, kCapacity> changes_;
};

}  // namespace takt
