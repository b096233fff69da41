// SPDX-License-Identifier: Apache-2.0
#include "core/playback/player.h"

#include <algorithm>

#include "core/base/assert.h"

namespace takt {

Step Player::advance(LocalTime now) {
  TAKT_ASSERT(now >= now_);
  now_ = now;
  Micros lateness;
  LocalTime coming = window_.front_at();
  // Bounded: by the frames that were published when front_at() looked.
  while (coming <= now && coming != kNever) {
    coming = window_.pop(frame_);
    if (const Run* const run = next_run_.load(std::memory_order_acquire)) take_run(*run);
    if (faulted_.load(std::memory_order_relaxed)) {
      frame_.levels = {};
      continue;
    }
    lateness = now - frame_.at;
    lateness_.add(lateness);
    take_frame();
  }
  if (coming == kNever || emergency_.load(std::memory_order_acquire)) {
    coming = look_after_emergency_and_underrun(coming, now);
  }
  const Levels levels = guard_.has_rules() ? guarded_levels(now, coming) : frame_.levels;
  const unsigned changes = count_changes(applied_, levels, window_.analog_outputs());
  if (changes != 0) {
    edges_.add(changes);
    applied_ = levels;
  }
  return {levels, coming, lateness, entry_, changes != 0};
}

/// What is seldom needed; returns the deadline. A program that runs always has a next frame, for
/// its end is one: without it, outputs go to safe levels after the grace.
LocalTime Player::look_after_emergency_and_underrun(LocalTime coming, LocalTime now) {
  if (emergency_.load(std::memory_order_acquire) && !faulted_.load(std::memory_order_relaxed)) {
    fail({FaultReason::kEmergencyStop}, now);
  }
  if (coming == kNever) coming = window_.front_at();  // Frames may have come since.
  if (coming != kNever || entry_ >= kIdleEntry) return coming;
  const LocalTime starved_at = frame_.at + grace_ + Micros{1};
  if (now < starved_at) return starved_at;
  fail({FaultReason::kUnderrun}, now);
  return kNever;
}

/// The target as far as the interlock allows it now; brings `deadline` forward to when it will
/// allow more or an output will have been on for too long.
Levels Player::guarded_levels(LocalTime now, LocalTime& deadline) {
  if (const auto violation = guard_.overdue(now)) fail(*violation, now);
  const InterlockGuard::Allowed allowed = guard_.allow(frame_.levels, now);
  guard_.note_applied(allowed.levels, now);
  deadline = std::min({deadline, allowed.until, guard_.overdue_at()});
  return allowed.levels;
}

void Player::take_frame() {
  if (guard_.has_rules()) {
    if (const auto violation = guard_.judge(frame_.levels, frame_.at)) {
      fail(*violation, frame_.at);
      return;
    }
  }
  if (frame_.entry == entry_) return;
  entry_ = frame_.entry;
  shown_entry_.store(entry_, std::memory_order_release);
}

void Player::take_run(const Run& run) {
  guard_ = run.guard;
  guard_.forget();
  edges_.reset();
  lateness_.reset();
  faults_lost_.store(0, std::memory_order_relaxed);
  faulted_.store(false, std::memory_order_release);
  next_run_.store(nullptr, std::memory_order_release);
}

void Player::fail(const InterlockGuard::Violation& violation, LocalTime at) {
  record({at, violation.reason, violation.output, violation.other, entry_});
  frame_.levels = {};
  // Safe levels break no rule, and judging them lets the guard know.
  if (guard_.has_rules()) static_cast<void>(guard_.judge(frame_.levels, at));
  entry_ = kIdleEntry;
  shown_entry_.store(entry_, std::memory_order_release);
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
