// SPDX-License-Identifier: Apache-2.0
// An engine with memory of its own, driven in virtual time.
#pragma once

#include <functional>
#include <vector>

#include "takt/core/engine/engine.h"
#include "tests/support/oracle.h"

namespace takt::testing {

/// Runs both halves of an engine at their deadlines, realtime half first, and notes every change.
class Rig {
 public:
  explicit Rig(const Program& program, std::size_t frames = Window::kDefaultFrames,
               Micros refill_latency = Micros{0});

  Engine& engine() { return engine_; }
  LocalTime now() const { return now_; }

  /// Loads and starts at the present time, or later.
  void play(const Timeline& timeline, Micros delay = {});

  /// Lets both halves catch up with a command.
  void settle();

  /// Runs until `end`, or until nothing is left to do. True: nothing is left.
  bool run_until(LocalTime end);
  bool run() { return run_until(kNever); }

  /// Times count from the rig's zero.
  const std::vector<Change>& changes() const { return changes_; }
  std::vector<Change>& changes() { return changes_; }

  /// Off: changes are not noted, so that running allocates nothing.
  bool keep_changes = true;

  /// The control half stands still until then; the realtime half goes on.
  LocalTime stalled_until;

  /// Added to each deadline of the realtime half before it runs.
  std::function<Micros()> lateness;

 private:
  void advance();

  std::vector<std::byte> memory_;
  Engine engine_;
  LocalTime now_;
  LocalTime realtime_due_ = kNever;
  LocalTime control_due_ = kNever;
  std::vector<Change> changes_;
};

}  // namespace takt::testing
