// SPDX-License-Identifier: Apache-2.0
// Incumbent (a): a timer for every event of a phase.
#pragma once

#include <span>
#include <vector>

#include "bench/incumbents/phase.h"

namespace takt::incumbents {

/// Arms a timer for each event in the order given, lets all fire, then removes them. Ascending
/// order, the natural one, makes every insertion walk the whole list.
class TimerPerEvent {
 public:
  /// Keeps a view of `events`.
  TimerPerEvent(std::span<const Event> events, Sink sink);

  /// Plays the phase at virtual time; once.
  Cost run();

 private:
  std::span<const Event> events_;
  std::vector<TimerList::Timer*> handles_;
  Phase phase_;
};

}  // namespace takt::incumbents
