// SPDX-License-Identifier: Apache-2.0
// What the guard does where a phase ended early.
#include <algorithm>

#include "takt/core/base/bits.h"
#include "takt/core/playback/interlock.h"

namespace takt {

void InterlockGuard::begin_settling(LocalTime at) {
  if (!is_settling_) wanted_ = planned_;
  is_settling_ = true;
  settled_from_ = at + longest_;
}

InterlockGuard::Found InterlockGuard::settle(const Levels& next, LocalTime at) {
  // What is due at the very time of the frame is the frame's to decide.
  settle_to(at - Micros{1});
  if (at > settled_from_ && settles_at_ == kNever) {
    is_settling_ = false;
    return judge(next, at);
  }
  if (is_capped_) {
    if (const Found found = judge_caps(next)) return found;
  }
  for (const Interlock& rule : rules_) {
    const std::uint32_t on = next.on & rule.outputs;
    const std::uint32_t further = without_lowest(on);
    if (rule.kind != InterlockKind::kNeverTogether || on == 0 || further == 0) continue;
    return Violation{FaultReason::kTogether, lowest(on), lowest(further)};
  }
  for (const std::uint8_t output : Members{planned_ & ~next.on & limited_}) {
    if (at - history_[output].planned <= outputs_[output].longest_on) continue;
    return Violation{FaultReason::kLongestOn, output};
  }
  wanted_ = next.on;
  settle_now(at);
  return std::nullopt;
}

void InterlockGuard::settle_to(LocalTime now) {
  // Bounded: what is wanted stays the same meanwhile, so each output goes off and comes on at most
  // once.
  while (settles_at_ <= now) {
    settle_now(settles_at_);
  }
}

/// Whether the motor of `rule` is wanted the other way while it still runs.
bool InterlockGuard::turns_around(const Interlock& rule) const {
  if (rule.kind != InterlockKind::kReversal) return false;
  const std::uint32_t motor = bit(rule.motor);
  return (planned_ & wanted_ & motor) != 0 && ((planned_ ^ wanted_) & direction_bit(rule)) != 0;
}

/// Makes planned what is wanted, as far as the rules let it be at `at`.
void InterlockGuard::settle_now(LocalTime at) {
  if (settles_at_ != kNever) settled_from_ = std::max(settled_from_, at + longest_);
  settles_at_ = kNever;
  std::uint32_t ending = planned_ & ~wanted_ & guarded_;
  for (const Interlock& rule : rules_) {
    if (turns_around(rule)) ending |= bit(rule.motor);
  }
  const std::uint32_t held = held_on(ending, at);
  std::uint32_t waiting = held;
  std::uint32_t next = wanted_ | held;
  for (const std::uint8_t output : Members{wanted_ & guarded_ & (~planned_ | (ending & ~held))}) {
    const LocalTime from = free_from(output, held, at);
    if (from <= at) continue;
    wait_until(from);
    waiting |= bit(output);
    next &= ~bit(output);
  }
  // A motor that waits is not switched over before it stands, or before it starts.
  for (const std::uint8_t output : Members{waiting}) {
    const std::uint8_t direction = outputs_[output].direction;
    if (direction == kNoOutput) continue;
    next = (next & ~bit(direction)) | (planned_ & bit(direction));
  }
  note_planned(next, at);
}

/// Those of `ending` whose shortest on-time is not over.
std::uint32_t InterlockGuard::held_on(std::uint32_t ending, LocalTime at) {
  std::uint32_t held = 0;
  for (const std::uint8_t output : Members{ending}) {
    const LocalTime until = history_[output].planned + outputs_[output].shortest_on;
    if (until <= at) continue;
    held |= bit(output);
    wait_until(until);
  }
  return held;
}

/// When `output`, which is off or about to go off, may come on: no later than all of its rules say
/// as of now. What is held on is asked again once it has gone off.
LocalTime InterlockGuard::free_from(std::uint8_t output, std::uint32_t held, LocalTime at) const {
  const auto off_since = [&](std::uint8_t other) {
    return has(planned_, other) ? at : history_[other].planned;
  };
  LocalTime from = off_since(output) + outputs_[output].shortest_off;
  for (const Interlock& rule : rules_) {
    if (rule.kind == InterlockKind::kReversal) {
      if (rule.motor != output) continue;
      const bool runs = has(planned_, output);
      const Turns before = runs ? Turns{planned_} : planned_turns_;
      if (!before.differ(wanted_, direction_bit(rule))) continue;
      // Without a dead time too, it goes off before it turns.
      const Micros rest = std::max(rule.dead_time, runs ? Micros{1} : Micros{0});
      from = std::max(from, off_since(output) + rest);
    } else if ((rule.outputs & bit(output)) != 0) {
      for (const std::uint8_t other : Members{rule.outputs & ~bit(output)}) {
        const bool is_held = has(held, other);
        const Micros rest_on =
            is_held ? history_[other].planned + outputs_[other].shortest_on - at : Micros{0};
        from = std::max(from, off_since(other) + rest_on + rule.dead_time);
      }
    }
  }
  return from;
}

}  // namespace takt
