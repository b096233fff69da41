// SPDX-License-Identifier: Apache-2.0
// What of the plan the outputs did not show, or showed too late.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "takt/core/base/levels.h"
#include "takt/core/base/limits.h"
#include "takt/core/base/time.h"
#include "takt/core/program/model.h"

namespace takt {

/// How often something fell short, and the planned time of the first.
struct ShortfallFigures {
  std::uint32_t count = 0;
  LocalTime first;  ///< Valid if `count` is not 0.
};

/// Counts pulses that no output ever showed, and edges that came later than the tolerance.
///
/// A pulse is lost when the plan turns an output on and the output does not come on for it: because
/// frames that were due together were merged, or because a dead time held the output back until the
/// pulse was over. Where the pause between two pulses is swallowed, the later of the two is lost.
///
/// An output is on or off; an analog one is on while its level is above 0. Sets of outputs have bit
/// i for output i.
///
/// Context: the realtime half, except lost_outputs(), lost() and beyond(), which are for any. They
/// must not be called between Player::begin() and the first frame of that run.
class Shortfall {
 public:
  explicit Shortfall(Micros tolerance) : tolerance_(tolerance) {}

  bool is_beyond_tolerance(Micros lateness) const { return lateness > tolerance_; }

  static std::uint32_t analog_outputs_of(const Program& program);

  /// Begins anew, with a program that has these analog outputs. Nothing is owed then: a run ends
  /// with all outputs off, or in forgive().
  void reset(std::uint32_t analog_outputs) {
    analog_outputs_ = analog_outputs;
    lost_outputs_.store(0, std::memory_order_relaxed);
    beyond_count_.store(0, std::memory_order_relaxed);
  }

  /// The analog outputs that are on.
  std::uint32_t analog_on(const Levels& levels) const;

  /// At `at` the plan goes from `before` to `after`; the realtime half learned of it `lateness`
  /// later. For each output, tell all changes or none. Cost: O(outputs that change).
  void follow(std::uint32_t before, std::uint32_t after, LocalTime at, Micros lateness);

  /// Whether the outputs have yet to show what was planned.
  bool is_owing() const { return unshown_ != 0; }

  /// At `now` the outputs go from `from` to `to`; `at` is when their newest frame was planned.
  void show(const Levels& from, const Levels& to, LocalTime at, LocalTime now);

  /// Drops what is still owed: it will not come, and something else is to blame.
  void forgive() { unshown_ = waiting_ = 0; }

  std::uint32_t lost_outputs() const { return lost_outputs_.load(std::memory_order_acquire); }
  ShortfallFigures lost(unsigned output) const;
  /// Counted once, whether the edge was shown later or not at all.
  ShortfallFigures beyond() const;

 private:
  void lose(std::uint32_t outputs);
  void count_beyond(std::uint32_t outputs, LocalTime at);

  const Micros tolerance_;
  std::uint32_t analog_outputs_ = 0;
  std::uint32_t unshown_ = 0;  ///< Planned to be on; the pins did not follow yet.
  std::uint32_t waiting_ = 0;  ///< Those of unshown_ that a dead time holds back.
  LocalTime waiting_since_;    ///< When the first of waiting_ was planned.
  std::uint32_t counted_ = 0;  ///< Those that are counted as beyond the tolerance.

  /// Outputs that lost a pulse: only their bits say that counts and times are valid, so that
  /// beginning a run need not clear the arrays.
  std::atomic<std::uint32_t> lost_outputs_{0};
  std::array<std::atomic<std::uint32_t>, kMaxOutputs> lost_counts_{};
  /// Until an output has lost a pulse: when its latest one was planned. Then it stays.
  std::array<LocalTime, kMaxOutputs> lost_first_{};
  std::atomic<std::uint32_t> beyond_count_{0};
  LocalTime beyond_first_;  ///< Written before beyond_count_ leaves 0.
};

}  // namespace takt
