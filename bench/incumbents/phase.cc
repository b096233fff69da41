// SPDX-License-Identifier: Apache-2.0
#include "bench/incumbents/phase.h"

#include <algorithm>

namespace takt::incumbents {

TimerList::Timer* Phase::arm(TimerList::Callback callback, const void* argument, Micros delay) {
  TimerList::Timer* timer = timers_.create(callback, argument);
  if (timer != nullptr) timers_.start_once(*timer, delay);
  return timer;
}

void Phase::remove(TimerList::Timer*& timer) {
  if (timer == nullptr) return;
  timers_.stop(*timer);
  timers_.remove(*timer);
  timer = nullptr;
  timers_.run_until(timers_.now());  // The timer task preempts the task that removes.
}

Cost Phase::close(std::size_t events) const {
  Cost cost = cost_;
  cost.allocations = timers_.heap().allocations;
  cost.peak_bytes = HeapUse::bytes_of(timers_.heap().peak);
  cost.longest_walk = std::max<std::int64_t>(timers_.heap().peak, 1) - 1;
  cost.lost = static_cast<std::int64_t>(events) - cost.events_fired;
  return cost;
}

void Phase::event_due(void* self, const void* argument) {
  auto& phase = *static_cast<Phase*>(self);
  const auto& event = *static_cast<const Event*>(argument);
  phase.sink_.fire(phase.sink_.context, event.output, event.value);
  phase.cost_.worst_late = std::max(phase.cost_.worst_late, phase.elapsed() - event.at);
  ++phase.cost_.events_fired;
}

}  // namespace takt::incumbents
