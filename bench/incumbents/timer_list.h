// SPDX-License-Identifier: Apache-2.0
// The timers that takt is compared with: one heap object each, in one sorted list.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "takt/core/base/time.h"

namespace takt::incumbents {

/// How much of the heap timers take. The figures are words, as counting them is part of the
/// measured cost.
struct HeapUse {
  /// What the allocator adds to one timer. Two words of 8 bytes with glibc (one is the header, one
  /// is lost to the rounding of 48 + 8 bytes), one of 4 bytes with ESP-IDF and newlib.
  static constexpr std::size_t kHeaderBytes = sizeof(void*) == 8 ? 16 : 4;

  /// With kHeaderBytes for each.
  static std::int64_t bytes_of(std::uint32_t timers);

  std::uint32_t allocations = 0;
  std::uint32_t live = 0;
  std::uint32_t peak = 0;
};

/// One-shot timers that cost what those of ESP-IDF's esp_timer cost, at virtual time.
///
/// Written from the behaviour of esp_timer (task dispatch, profiling off), not from its text. The
/// object has the same size and order of fields, so a walk reads the same bytes, and on a Cortex-M3
/// it takes the same seven instructions for a node; scripts/metal holds it to them. Left out, in
/// favour of the incumbent: the spinlock of a chip with two cores, the alarm's registers, the
/// interrupt and the wake of the timer task. Of the lock the mask remains: to switch interrupts off
/// is one relaxed store, and to switch them on another.
///
/// Context. One thread. A callback may create, arm, stop and remove, but not run the list.
class TimerList {
 public:
  /// `context` is that of the list, `argument` that of the timer.
  using Callback = void (*)(void* context, const void* argument);
  struct Timer;

  /// `start` is later than zero: an alarm of zero marks a timer that is not armed.
  TimerList(LocalTime start, void* context);
  /// Frees what is in the list; a timer that was created but is not armed leaks.
  ~TimerList();
  TimerList(const TimerList&) = delete;
  TimerList& operator=(const TimerList&) = delete;

  /// nullptr: the heap is exhausted. Cost: one allocation.
  Timer* create(Callback callback, const void* argument);

  /// False: already armed, nothing was changed. `timeout` counts from now(). Cost: a walk from the
  /// head over every timer that is due no later, with interrupts off.
  bool start_once(Timer& timer, Micros timeout);

  /// False: was not armed. Cost: constant.
  bool stop(Timer& timer);

  /// False: still armed, nothing was changed. Otherwise the timer is queued as due now and freed
  /// by the next run_until(), which stands for the timer task; the caller forgets it at once.
  bool remove(Timer& timer);

  /// The virtual clock: the start, or the latest alarm that was handled.
  LocalTime now() const { return now_; }

  /// When the hardware alarm fires; kNever when no timer is armed.
  LocalTime next_alarm() const { return alarm_; }

  /// Handles every alarm up to and including `until`, those in the past at now().
  void run_until(LocalTime until);

  bool is_armed(const Timer& timer) const;

  const HeapUse& heap() const { return heap_; }

 private:
  void insert(Timer& timer);
  static void unlink(Timer& timer);
  void dispatch();
  void free_timer(Timer& timer);
  void mask() { masked_.store(true, std::memory_order_relaxed); }
  void unmask() { masked_.store(false, std::memory_order_relaxed); }

  HeapUse heap_;
  Timer* first_ = nullptr;
  void* context_;
  LocalTime now_;
  LocalTime alarm_ = kNever;
  std::atomic<bool> masked_{false};
};

}  // namespace takt::incumbents
