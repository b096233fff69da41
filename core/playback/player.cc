// SPDX-License-Identifier: Apache-2.0
#include "takt/core/playback/player.h"

#include <algorithm>

#include "takt/core/base/assert.h"

namespace takt {

Step Player::advance(LocalTime now) {
  TAKT_ASSERT(now >= now_);
  now_ = now;
  Micros lateness;
  LocalTime coming = window_.front_at();
  if (coming <= now && coming != kNever) {
    const std::uint32_t before = frame_.levels.on;
    coming = take(lateness);
    if (coming <= now || shortfall_.is_beyond_tolerance(lateness)) {
      coming = catch_up(before, coming, lateness);
    }
  }
  if (coming == kNever || emergency_.load(std::memory_order_acquire)) {
    coming = look_after_emergency_and_underrun(coming, now);
  }
  if (guard_.is_settling()) settle(coming);
  const Levels levels = guard_.has_rules() ? guarded_levels(now, coming) : frame_.levels;
  const unsigned changes = count_changes(applied_, levels, window_.analog_outputs());
  if (changes != 0) {
    edges_.add(changes);
    applied_ = levels;
  }
  return {levels, coming, lateness, entry_, changes != 0};
}

/// Takes the frame that is due; returns when the next one is.
inline LocalTime Player::take(Micros& lateness) {
  const LocalTime coming = window_.pop(frame_);
  if (const Run* const run = next_run_.load(std::memory_order_acquire)) take_run(*run);
  if (faulted_.load(std::memory_order_relaxed)) {
    frame_.levels = {};
    frame_.entry = kIdleEntry;
    return coming;
  }
  lateness = now_ - frame_.at;
  lateness_.add(lateness);
  if (guard_.has_rules() && !keeps_rules()) return coming;
  if (frame_.entry != entry_) show_entry(frame_.at);
  return coming;
}

/// The rest after a first frame, when it came late or others are due with it: books what the
/// outputs will not show. `before`: what the plan had on before the first.
LocalTime Player::catch_up(std::uint32_t before, LocalTime coming, Micros& lateness) {
  // Switches that have rules are booked where frames are held against these.
  const std::uint32_t ours = guard_.has_rules() ? 0 : ~0U;
  // Analog levels are applied as planned.
  before = (before & ours) | shortfall_.analog_on(applied_);
  // Bounded: by the frames that were published when front_at() looked.
  for (;;) {
    if (!faulted_.load(std::memory_order_relaxed)) {
      const std::uint32_t after = (frame_.levels.on & ours) | shortfall_.analog_on(frame_.levels);
      shortfall_.follow(before, after, frame_.at, lateness);
      before = after;
    }
    if (coming > now_ || coming == kNever) break;
    coming = take(lateness);
  }
  if (ours != 0) show(frame_.levels);
  return coming;
}

/// Books what the outputs, which are as applied before, show from now on.
void Player::show(const Levels& levels) {
  if (shortfall_.is_owing()) shortfall_.show(applied_, levels, frame_.at, now_);
}

/// What is seldom needed; returns the deadline. A program that runs always has a next frame, for
/// its end is one: without it, outputs go to safe levels after the grace.
LocalTime Player::look_after_emergency_and_underrun(LocalTime coming, LocalTime now) {
  if (emergency_.load(std::memory_order_acquire) && !faulted_.load(std::memory_order_relaxed)) {
    fail({FaultReason::kEmergencyStop}, now, entry_);
  }
  if (coming == kNever) coming = window_.front_at();  // Frames may have come since.
  if (coming != kNever || frame_.entry >= kIdleEntry) return coming;
  const LocalTime starved_at = frame_.at + grace_ + Micros{1};
  if (now < starved_at) return starved_at;
  fail({FaultReason::kUnderrun}, now, entry_);
  return kNever;
}

/// Lets come on and go off what has waited after a cut; brings `deadline` forward to the next one.
void Player::settle(LocalTime& deadline) {
  const std::uint32_t before = guard_.planned();
  guard_.settle_to(now_);
  shortfall_.follow(before, guard_.planned(), now_, Micros{0});
  show_entry(now_);
  deadline = std::min(deadline, guard_.settles_at());
}

/// The plan as far as the interlock allows it now; brings `deadline` forward to when it will allow
/// more or an output will have been on for too long.
Levels Player::guarded_levels(LocalTime now, LocalTime& deadline) {
  if (const auto violation = guard_.overdue(now)) fail(*violation, now, entry_);
  look_after_overstay();
  const InterlockGuard::Allowed allowed = guard_.allow(frame_.levels, now);
  guard_.note_applied(allowed.levels, now);
  show(allowed.levels);
  deadline = std::min({deadline, allowed.until, guard_.overdue_at(lateness_limit_)});
  return allowed.levels;
}

/// True: a stall has kept an output on for too long.
bool Player::look_after_overstay() {
  if (faulted_.load(std::memory_order_relaxed)) return false;
  const auto violation = guard_.overstayed(now_, lateness_limit_);
  if (violation) fail(*violation, now_, entry_);
  return violation.has_value();
}

/// False: the frame ends the run, as it or what was before it broke a rule.
bool Player::keeps_rules() {
  // Before the plan, which goes on as if nothing had happened.
  if (look_after_overstay()) return false;
  const std::uint32_t before = guard_.planned();
  if (window_.take_cut()) guard_.begin_settling(frame_.at);
  std::optional<InterlockGuard::Violation> violation;
  if (!guard_.is_settling()) {
    violation = guard_.judge(frame_.levels, frame_.at);
  } else if (frame_.entry != kIdleEntry) {
    violation = guard_.settle(frame_.levels, frame_.at);
  } else {
    guard_.make_safe(frame_.at);
  }
  if (violation) {
    fail(*violation, frame_.at, std::min(frame_.entry, kIdleEntry));
    return false;
  }
  shortfall_.follow(before, guard_.planned(), frame_.at, now_ - frame_.at);
  return true;
}

/// Lets others know what plays from `at` on.
void Player::show_entry(LocalTime at) {
  if (frame_.entry == entry_ || (frame_.entry == kEndEntry && guard_.holds_on())) return;
  entry_ = frame_.entry;
  if (entry_ >= kIdleEntry) ended_at_ = at;
  shown_entry_.store(entry_, std::memory_order_release);
}

void Player::take_run(const Run& run) {
  if (run.keeps_history) {
    guard_.move_to(run.guard);
  } else if (run.guard.has_rules() || guard_.has_rules()) {
    guard_ = run.guard;
    guard_.forget(ended_at_);
  }
  if (guard_.has_rules()) {
    static_cast<void>(window_.take_cut());
    guard_.begin_settling(run.joins ? frame_.at : ended_at_);
  }
  edges_.reset();
  lateness_.reset();
  shortfall_.reset(run.analog_outputs);
  faults_lost_.store(0, std::memory_order_relaxed);
  faulted_.store(false, std::memory_order_release);
  next_run_.store(nullptr, std::memory_order_release);
}

void Player::fail(const InterlockGuard::Violation& violation, LocalTime at, std::uint32_t entry) {
  record({at, violation.reason, violation.output, violation.other, entry});
  frame_.levels = {};
  frame_.entry = kIdleEntry;
  shortfall_.forgive();
  if (guard_.has_rules()) guard_.make_safe(at);
  show_entry(at);
  faulted_.store(true, std::memory_order_release);
}

void Player::record(const Fault& fault) {
  if (!faults_.push(fault)) {
    faults_lost_.store(faults_lost_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
}

void Player::port_failed(LocalTime now) {
  record({now, FaultReason::kPort, kNoOutput, kNoOutput, entry_});
}

}  // namespace takt
