// SPDX-License-Identifier: Apache-2.0
#include "bench/incumbents/timer_list.h"

#include <algorithm>
#include <cstdlib>
#include <new>

#include "takt/core/base/assert.h"

namespace takt::incumbents {

/// A one-shot has no period, but the object carries it and every dispatch reads and writes the
/// flags beside it.
struct TimerList::Timer {
  LocalTime alarm;  ///< Zero: not armed.
  std::uint64_t period : 56;
  std::uint64_t callback_is_running : 8;
  Callback callback;  ///< nullptr: removed, to be freed.
  const void* argument;
  Timer* next;
  Timer** link;  ///< What points here: the head, or the previous timer's `next`.
};

std::int64_t HeapUse::bytes_of(std::uint32_t timers) {
  return std::int64_t{timers} * (sizeof(TimerList::Timer) + kHeaderBytes);
}

TimerList::TimerList(LocalTime start, void* context) : context_(context), now_(start) {
  static_assert(sizeof(Timer) == (sizeof(void*) == 8 ? 48 : 32), "as large as esp_timer's");
  TAKT_ASSERT(start > LocalTime{});
}

TimerList::~TimerList() {
  while (Timer* timer = first_) {
    unlink(*timer);
    free_timer(*timer);
  }
}

TimerList::Timer* TimerList::create(Callback callback, const void* argument) {
  void* memory = std::calloc(1, sizeof(Timer));
  if (memory == nullptr) return nullptr;
  ++heap_.allocations;
  ++heap_.live;
  heap_.peak = std::max(heap_.peak, heap_.live);
  auto* timer = new (memory) Timer{};
  timer->callback = callback;
  timer->argument = argument;
  return timer;
}

bool TimerList::start_once(Timer& timer, Micros timeout) {
  const LocalTime alarm = now_ + timeout;
  mask();
  const bool idle = !is_armed(timer);
  if (idle) {
    timer.alarm = alarm;
    timer.period = 0;
    insert(timer);
  }
  unmask();
  return idle;
}

bool TimerList::stop(Timer& timer) {
  mask();
  const bool armed = is_armed(timer);
  if (armed) {
    const bool was_first = &timer == first_;
    unlink(timer);
    timer.alarm = LocalTime{};
    if (was_first) alarm_ = first_ == nullptr ? kNever : first_->alarm;
  }
  unmask();
  return armed;
}

bool TimerList::is_armed(const Timer& timer) const { return timer.alarm > LocalTime{}; }

bool TimerList::remove(Timer& timer) {
  mask();
  const bool idle = !is_armed(timer);
  if (idle) {
    timer.callback = nullptr;
    timer.alarm = now_;
    timer.period = 0;
    insert(timer);
  }
  unmask();
  return idle;
}

void TimerList::run_until(LocalTime until) {
  while (alarm_ != kNever && alarm_ <= until) {
    now_ = std::max(now_, alarm_);
    dispatch();
  }
}

void TimerList::insert(Timer& timer) {
  const auto is_due_before = [alarm = timer.alarm.since_zero().count()](const Timer& other) {
    return alarm < other.alarm.since_zero().count();
  };
  Timer** link = &first_;
  if (Timer* at = first_) {
    while (!is_due_before(*at) && at->next != nullptr) at = at->next;
    link = is_due_before(*at) ? at->link : &at->next;
  }
  timer.next = *link;
  timer.link = link;
  if (timer.next != nullptr) timer.next->link = &timer.next;
  *link = &timer;
  if (first_ == &timer) alarm_ = timer.alarm;
}

void TimerList::unlink(Timer& timer) {
  *timer.link = timer.next;
  if (timer.next != nullptr) timer.next->link = timer.link;
}

void TimerList::dispatch() {
  mask();
  while (first_ != nullptr && first_->alarm <= now_) {
    Timer& timer = *first_;
    unlink(timer);
    if (timer.callback == nullptr) {
      free_timer(timer);
      continue;
    }
    timer.callback_is_running = 1;
    timer.alarm = LocalTime{};
    const Callback callback = timer.callback;
    const void* argument = timer.argument;
    unmask();
    callback(context_, argument);
    mask();
    timer.callback_is_running = 0;
  }
  alarm_ = first_ == nullptr ? kNever : first_->alarm;
  unmask();
}

void TimerList::free_timer(Timer& timer) {
  --heap_.live;
  std::free(&timer);
}

}  // namespace takt::incumbents
