// SPDX-License-Identifier: Apache-2.0
// The two halves of an engine, joined to a board.
#pragma once

#include "takt/core/engine/engine.h"
#include "takt/ports/api/output_bank.h"
#include "takt/ports/api/runner.h"
#include "takt/ports/api/watchdog.h"

namespace takt {

/// Watches what a realtime half writes.
class OutputObserver {
 public:
  /// From `now` on the outputs are what `levels` says; by the plan, from `due` on. If only a later
  /// try succeeded, `due` is the time of that try. Context: the realtime half.
  virtual void on_applied(const Levels& levels, LocalTime due, LocalTime now) = 0;

 protected:
  ~OutputObserver() = default;
};

/// Takes due frames and writes the outputs.
///
/// An output bank that fails does not stop playback: the fault is reported once for every frame
/// that it hits, later frames are written as ever, and between frames the write is tried again, so
/// that outputs that should have gone off do not stay on until the next frame.
///
/// A watchdog is fed at every change of outputs, so in every dead time of a program for two sides.
/// It is also fed whenever kFeedEvery has passed: once more in longer halves, and while nothing
/// plays.
class RealtimeHalf final : public Work {
 public:
  /// First and longest pause before another try. It doubles, so that a bank that is gone for good
  /// does not use up the processor.
  static constexpr Micros kFirstRetry = millis(1);
  static constexpr Micros kLastRetry = seconds(1);

  static constexpr Micros kFeedEvery = millis(500);

  /// The patience of `watchdog`, if there is one, is at least twice kFeedEvery.
  RealtimeHalf(Player& player, OutputBank& outputs, Watchdog* watchdog = nullptr,
               OutputObserver* observer = nullptr);

  LocalTime run(LocalTime now) override;

 private:
  Player& player_;
  OutputBank& outputs_;
  Watchdog* const watchdog_;
  OutputObserver* const observer_;
  LocalTime feed_at_;            ///< kNever: there is no watchdog.
  LocalTime retry_at_ = kNever;  ///< kNever: the newest levels are written.
  Micros pause_;
};

/// Keeps the engine's window full.
class ControlHalf final : public Work {
 public:
  ControlHalf(Engine& engine, Runner& realtime) : engine_(engine), realtime_(realtime) {}

  /// Call it right after each command to the engine, too: it wakes the realtime half.
  LocalTime run(LocalTime now) override {
    const LocalTime next = engine_.feed(now);
    // The window may have run dry, and then the realtime half does not wait for a frame.
    realtime_.wake();
    return next;
  }

 private:
  Engine& engine_;
  Runner& realtime_;
};

/// What the board of a program's outputs must know. `pins` holds one place for each output.
void describe_pins(const Program& program, std::span<PinConfig> pins);

}  // namespace takt
