// SPDX-License-Identifier: Apache-2.0
#include "bench/incumbents/batched_timers.h"

#include <algorithm>

namespace takt::incumbents {
namespace {

/// What the firmware waits before an overdue event, and after the last event of a slice.
constexpr Micros kMargin = millis(1);

/// The loader only wakes the cycle task, which runs when the timer task has nothing more due.
void loader_due(void* /*self*/, const void* /*argument*/) {}

}  // namespace

Cost BatchedTimers::run() {
  TimerList& timers = phase_.timers();
  load();
  while (timers.next_alarm() != kNever) {
    timers.run_until(timers.next_alarm());
    if (loader_ != nullptr && !timers.is_armed(*loader_) && loaded_ < events_.size()) {
      remove_all();
      load();
    }
  }
  remove_all();
  return phase_.close(events_.size());
}

void BatchedTimers::load() {
  const auto slice = events_.subspan(loaded_, std::min(kBatch, events_.size() - loaded_));
  loaded_ += slice.size();
  const Micros elapsed = phase_.elapsed();
  for (std::size_t i = 0; i < slice.size(); ++i) {
    const Micros rest = slice[i].at - elapsed;
    handles_[i] = phase_.arm(slice[i], rest > Micros{} ? rest : kMargin);
  }
  // A phase of one slice has no loader; of several, even the last slice has one.
  if (slice.size() == events_.size()) return;
  const Micros rest = std::max(slice.back().at - elapsed, Micros{});
  loader_ = phase_.arm(loader_due, nullptr, rest + kMargin);
}

void BatchedTimers::remove_all() {
  for (TimerList::Timer*& timer : handles_) phase_.remove(timer);
  phase_.remove(loader_);
}

}  // namespace takt::incumbents
