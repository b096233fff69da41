// SPDX-License-Identifier: Apache-2.0
// What goes into both incumbents, what comes out, and what they have in common.
#pragma once

#include <cstddef>
#include <cstdint>

#include "bench/incumbents/timer_list.h"
#include "takt/core/base/time.h"

namespace takt::incumbents {

/// One output's new value at a time since the start of the phase. The firmware's own form has 24
/// bytes; these 16 favour it.
struct Event {
  Micros at;
  std::uint16_t output;
  std::uint16_t value;

  bool operator==(const Event&) const = default;
};

/// Takes each event as it fires, in the thread that runs the phase.
struct Sink {
  void (*fire)(void* context, std::uint16_t output, std::uint16_t value);
  void* context;
};

/// What a phase took. Bytes and allocations are those of the timers alone: the list of events and
/// the array of handles are static in the firmware, and are not counted.
struct Cost {
  std::int64_t allocations = 0;
  std::int64_t peak_bytes = 0;  ///< Timers and the allocator's headers.
  /// Nodes that one insertion passes, with interrupts off, where timers are armed in the order of
  /// their alarms: all others that live. Not counted, because that would make the walk longer.
  std::int64_t longest_walk = 0;
  std::int64_t events_fired = 0;
  std::int64_t lost = 0;  ///< Events that never fired.
  Micros worst_late;      ///< Of those that fired.
};

/// The timers of one phase, and its account. An event for which the heap has no room is lost, as
/// in the firmware.
class Phase {
 public:
  explicit Phase(Sink sink) : sink_(sink) {}

  TimerList& timers() { return timers_; }
  Micros elapsed() const { return timers_.now() - kStart; }

  /// A timer that fires `event`, which must stay put; nullptr: the heap is exhausted.
  TimerList::Timer* arm(const Event& event, Micros delay) { return arm(event_due, &event, delay); }
  TimerList::Timer* arm(TimerList::Callback callback, const void* argument, Micros delay);

  /// Stops, removes and frees the timer, if there is one, and forgets it.
  void remove(TimerList::Timer*& timer);

  /// The account of a phase that had this many events.
  Cost close(std::size_t events) const;

 private:
  static constexpr LocalTime kStart{seconds(1)};  // Any time but zero.

  static void event_due(void* self, const void* event);

  Sink sink_;
  Cost cost_;
  TimerList timers_{kStart, this};
};

}  // namespace takt::incumbents
