// SPDX-License-Identifier: Apache-2.0
#include "takt/core/playback/interlock.h"

#include <algorithm>

#include "takt/core/base/assert.h"
#include "takt/core/base/bits.h"

namespace takt {
namespace {

bool has_limit(const Output& output) {
  return output.longest_on > Micros{0} || output.shortest_on > Micros{0} ||
         output.shortest_off > Micros{0} || output.highest > 0;
}

}  // namespace

bool InterlockGuard::needed_by(const Program& program) {
  return !program.interlocks.empty() ||
         std::any_of(program.outputs.begin(), program.outputs.end(), has_limit);
}

InterlockGuard::InterlockGuard(const Program& program, std::span<History> storage) {
  if (!needed_by(program)) return;
  TAKT_ASSERT(storage.size() >= program.outputs.size());
  outputs_ = program.outputs;
  rules_ = program.interlocks;
  history_ = storage.first(outputs_.size());
  for (unsigned i = 0; i < outputs_.size(); ++i) {
    if (outputs_[i].longest_on > Micros{0}) limited_ |= bit(i);
    is_capped_ = is_capped_ || outputs_[i].highest > 0;
    if (has_limit(outputs_[i])) guarded_ |= bit(i);
    longest_ = std::max({longest_, outputs_[i].shortest_on, outputs_[i].shortest_off});
  }
  for (const Interlock& rule : rules_) {
    longest_ = std::max(longest_, rule.dead_time);
    guarded_ |= rule.kind == InterlockKind::kReversal ? bit(rule.motor) | direction_bit(rule)
                                                      : rule.outputs;
  }
}

void InterlockGuard::forget(LocalTime off_since) {
  std::fill(history_.begin(), history_.end(), History{off_since, off_since});
  planned_ = 0;
  applied_ = 0;
  planned_turns_ = {0, ~0U};
  applied_turns_ = {0, ~0U};
  is_settling_ = false;
  settles_at_ = kNever;
  waiting_ = 0;
  withheld_ = 0;
}

void InterlockGuard::move_to(const InterlockGuard& next) {
  outputs_ = next.outputs_;
  rules_ = next.rules_;
  history_ = next.history_;
  waiting_ = 0;
  withheld_ = 0;
}

std::uint32_t InterlockGuard::direction_bit(const Interlock& rule) const {
  return bit(outputs_[rule.motor].direction);
}

InterlockGuard::Found InterlockGuard::judge(const Levels& next, LocalTime at) {
  if (is_capped_) {
    if (const Found found = judge_caps(next)) return found;
  }
  const std::uint32_t changed = (planned_ ^ next.on) & guarded_;
  if (changed == 0) {
    planned_ = next.on;
    return std::nullopt;
  }
  if (const Found found = judge_limits(changed, next.on, at)) return found;
  for (const Interlock& rule : rules_) {
    if (const Found found = judge_rule(rule, next.on, at)) return found;
  }
  note_planned(next.on, at);
  return std::nullopt;
}

InterlockGuard::Found InterlockGuard::judge_caps(const Levels& next) const {
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const Output& output = outputs_[i];
    if (output.highest > 0 && next.analog[output.channel] > output.highest) {
      return Violation{FaultReason::kTooHigh, static_cast<std::uint8_t>(i)};
    }
  }
  return std::nullopt;
}

void InterlockGuard::note_planned(std::uint32_t next, LocalTime at) {
  note_turns(planned_, planned_turns_);
  for (const std::uint8_t output : Members{(planned_ ^ next) & guarded_}) {
    history_[output].planned = at;
  }
  planned_ = next;
}

void InterlockGuard::make_safe(LocalTime at) {
  note_planned(0, at);
  wanted_ = 0;
  settles_at_ = kNever;
}

/// For each motor that ran in `before`, remembers which way.
void InterlockGuard::note_turns(std::uint32_t before, Turns& turns) const {
  for (const Interlock& rule : rules_) {
    if (rule.kind != InterlockKind::kReversal || !has(before, rule.motor)) continue;
    const std::uint32_t direction = direction_bit(rule);
    turns.clockwise = (turns.clockwise & ~direction) | (before & direction);
    turns.unknown &= ~direction;
  }
}

InterlockGuard::Found InterlockGuard::judge_limits(std::uint32_t changed, std::uint32_t next,
                                                   LocalTime at) const {
  for (const std::uint8_t index : Members{changed}) {
    const Output& output = outputs_[index];
    const Micros since = at - history_[index].planned;
    if (has(next, index)) {
      if (since < output.shortest_off) return Violation{FaultReason::kShortestOff, index};
    } else if (since < output.shortest_on) {
      return Violation{FaultReason::kShortestOn, index};
    } else if (output.longest_on > Micros{0} && since > output.longest_on) {
      return Violation{FaultReason::kLongestOn, index};
    }
  }
  return std::nullopt;
}

InterlockGuard::Found InterlockGuard::judge_rule(const Interlock& rule, std::uint32_t next,
                                                 LocalTime at) const {
  return rule.kind == InterlockKind::kReversal ? judge_reversal(rule, next, at)
                                               : judge_together(rule, next, at);
}

InterlockGuard::Found InterlockGuard::judge_together(const Interlock& rule, std::uint32_t next,
                                                     LocalTime at) const {
  const std::uint32_t on = next & rule.outputs;
  if (on == 0) return std::nullopt;
  const std::uint8_t index = lowest(on);
  const std::uint32_t further = without_lowest(on);
  if (further != 0) return Violation{FaultReason::kTogether, index, lowest(further)};
  if ((planned_ & on) != 0) return std::nullopt;  // It was on already.
  for (const std::uint8_t other : Members{rule.outputs & ~on}) {
    const LocalTime off_since = has(planned_, other) ? at : history_[other].planned;
    if (at - off_since < rule.dead_time) {
      return Violation{FaultReason::kDeadTime, index, other};
    }
  }
  return std::nullopt;
}

InterlockGuard::Found InterlockGuard::judge_reversal(const Interlock& rule, std::uint32_t next,
                                                     LocalTime at) const {
  const std::uint32_t motor = bit(rule.motor);
  const std::uint32_t direction = direction_bit(rule);
  if ((next & motor) == 0) return std::nullopt;
  const bool runs = (planned_ & motor) != 0;
  const Turns before = runs ? Turns{planned_} : planned_turns_;
  if (!before.differ(next, direction)) return std::nullopt;
  const bool rested = !runs && at - history_[rule.motor].planned >= rule.dead_time;
  if (rested) return std::nullopt;
  return Violation{FaultReason::kReversal, rule.motor};
}

InterlockGuard::Allowed InterlockGuard::allow(const Levels& target, LocalTime now) const {
  Allowed allowed{target};
  allowed.levels.on = planned_;
  if (((applied_ ^ planned_) & guarded_) == 0) return allowed;
  LocalTime until{Micros{0}};
  Withheld withheld;
  for (const Interlock& rule : rules_) {
    until = std::max(until, withhold(rule, planned_, now, withheld));
  }
  if (withheld.off == 0) return allowed;
  allowed.levels.on = (planned_ & ~withheld.off & ~withheld.kept) | (applied_ & withheld.kept);
  allowed.until = until;
  return allowed;
}

/// Adds to `withheld` what `rule` does not allow yet, and returns when it will.
LocalTime InterlockGuard::withhold(const Interlock& rule, std::uint32_t target, LocalTime now,
                                   Withheld& withheld) const {
  LocalTime until{Micros{0}};
  if (rule.kind == InterlockKind::kNeverTogether) {
    const std::uint32_t rising = target & rule.outputs & ~applied_;
    if (rising == 0) return until;
    for (const std::uint8_t other : Members{rule.outputs & ~rising}) {
      const LocalTime off_since = has(applied_, other) ? now : history_[other].actual;
      until = std::max(until, off_since + rule.dead_time);
    }
    if (until > now) withheld.off |= rising;
    return until;
  }
  const std::uint32_t motor = bit(rule.motor);
  const std::uint32_t direction = direction_bit(rule);
  if ((target & motor) == 0) return until;
  const bool runs = (applied_ & motor) != 0;
  const Turns before = runs ? Turns{applied_} : applied_turns_;
  if (!before.differ(target, direction)) return until;
  until = (runs ? now : history_[rule.motor].actual) + rule.dead_time;
  if (until <= now) return until;
  withheld.off |= motor;
  withheld.kept |= direction;
  return until;
}

void InterlockGuard::note_applied(const Levels& levels, LocalTime now) {
  const std::uint32_t changed = (applied_ ^ levels.on) & guarded_;
  if (changed != 0) {
    note_turns(applied_, applied_turns_);
    for (const std::uint8_t output : Members{changed}) {
      history_[output].actual = now;
    }
  }
  applied_ = levels.on;
  note_waiting(levels.on);
}

/// Counts each edge when it begins to wait.
void InterlockGuard::note_waiting(std::uint32_t applied) {
  const std::uint32_t asked = is_settling_ ? wanted_ : planned_;
  const std::uint32_t waiting = (asked ^ applied) & guarded_;
  if (const std::uint32_t more = waiting & ~waiting_) {
    std::atomic_ref{withheld_}.store(withheld_ + count_few(more), std::memory_order_relaxed);
  }
  waiting_ = waiting;
}

InterlockGuard::Found InterlockGuard::overdue(LocalTime now) const {
  for (const std::uint8_t index : Members{planned_ & limited_}) {
    if (now - history_[index].planned >= outputs_[index].longest_on) {
      return Violation{FaultReason::kLongestOn, index};
    }
  }
  return std::nullopt;
}

InterlockGuard::Found InterlockGuard::overstayed(LocalTime now, Micros lateness) const {
  for (const std::uint8_t index : Members{applied_ & limited_}) {
    if (now - history_[index].actual > outputs_[index].longest_on + lateness) {
      return Violation{FaultReason::kLongestOn, index};
    }
  }
  return std::nullopt;
}

LocalTime InterlockGuard::overdue_at(Micros lateness) const {
  LocalTime earliest = kNever;
  for (const std::uint8_t index : Members{planned_ & limited_}) {
    earliest = std::min(earliest, history_[index].planned + outputs_[index].longest_on);
  }
  for (const std::uint8_t index : Members{applied_ & limited_}) {
    const Micros most = outputs_[index].longest_on + lateness;
    earliest = std::min(earliest, history_[index].actual + most + Micros{1});
  }
  return earliest;
}

}  // namespace takt
