// SPDX-License-Identifier: Apache-2.0
#include "bench/incumbents/timer_per_event.h"

namespace takt::incumbents {

TimerPerEvent::TimerPerEvent(std::span<const Event> events, Sink sink)
    : events_(events), handles_(events.size()), phase_(sink) {}

Cost TimerPerEvent::run() {
  for (std::size_t i = 0; i < events_.size(); ++i)
    handles_[i] = phase_.arm(events_[i], events_[i].at);
  phase_.timers().run_until(kNever);
  for (TimerList::Timer*& timer : handles_) phase_.remove(timer);
  return phase_.close(events_.size());
}

}  // namespace takt::incumbents
