// SPDX-License-Identifier: Apache-2.0
// Incumbent (b): the same timers, at most 200 events at a time.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "bench/incumbents/phase.h"

namespace takt::incumbents {

/// Plays a phase as the cycleOptima firmware (version 4) does: slices of 200 events in the order
/// given, a timer for each, and a loader that fires 1 ms after the last *listed* event of its
/// slice, removes the whole slice and arms the next.
///
/// The faults are the firmware's. An event that is due when its slice is armed fires 1 ms later,
/// so ascending input sees up to 2 ms around a slice's end, and 1 ms at time zero. In any other
/// order an event can be as late as its slice is loaded, or be removed before it fires; the
/// firmware then waits for ever, run() ends and counts it as lost.
class BatchedTimers {
 public:
  static constexpr std::size_t kBatch = 200;

  /// Keeps a view of `events`.
  BatchedTimers(std::span<const Event> events, Sink sink) : events_(events), phase_(sink) {}

  /// Plays the phase at virtual time; once.
  Cost run();

 private:
  void load();
  void remove_all();

  std::span<const Event> events_;
  std::size_t loaded_ = 0;
  Phase phase_;
  std::array<TimerList::Timer*, kBatch> handles_{};
  TimerList::Timer* loader_ = nullptr;
};

}  // namespace takt::incumbents
