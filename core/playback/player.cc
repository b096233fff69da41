// SPDX-License-Identifier: Apache-2.0
#include "core/playback/player.h"

#include <algorithm>

#include "core/base/assert.h"

namespace takt {

Step Player::advance(LocalTime now) {
  TAKT_ASSERT(now >= now_);
  now_ = now;
  Step step;
  LocalTime coming = kNever;
  Frame frame;
  while (window_.front(frame)) {
    coming = frame.at;
    if (coming > now) break;
    window_.pop();
    coming = kNever;
    if (const Run* const run = next_run_.load(std::memory_order_acquire)) take_run(*run);
    if (faulted_.load(std::memory_order_relaxed)) continue;
    take(frame, now);
    step.lateness = now - frame.at;
  }
  // A program that runs always has a next frame: its end is one.
  const bool dry = coming == kNever && entry_ != kIdleEntry && entry_ != kEndEntry;
  const LocalTime starved_at = dry ? frame_at_ + grace_ + Micros{1} : kNever;
  if (emergency_.load(std::memory_order_acquire)) {
    if (!faulted_.load(std::memory_order_relaxed)) fail({FaultReason::kEmergencyStop}, now);
  } else if (const auto violation = guard_.overdue(now)) {
    fail(*violation, now);
  } else if (now >= starved_at) {
    fail({FaultReason::kUnderrun}, now);
  }
  const InterlockGuard::Allowed allowed = guard_.allow(target_, now);
  const unsigned changes = count_changes(applied_, allowed.levels);
  if (changes != 0) {
    edges_.add(changes);
    guard_.note_applied(allowed.levels, now);
    applied_ = allowed.levels;
    step.changed = true;
  }
  step.levels = applied_;
  step.entry = entry_;
  step.deadline = std::min({coming, allowed.until, guard_.overdue_at()});
  if (dry && entry_ != kIdleEntry) step.deadline = std::min(step.deadline, starved_at);
  return step;
}

void Player::take_run(const Run& run) {
  guard_.set_rules(run.program, run.history);
  edges_.reset();
  lateness_.reset();
  faults_lost_.store(0, std::memory_order_relaxed);
  faulted_.store(false, std::memory_order_release);
  next_run_.store(nullptr, std::memory_order_release);
}

void Player::take(const Frame& frame, LocalTime now) {
  lateness_.add(now - frame.at);
  if (const auto violation = guard_.judge(frame.levels, frame.at)) {
    fail(*violation, frame.at);
    return;
  }
  target_ = frame.levels;
  frame_at_ = frame.at;
  if (frame.entry == entry_) return;
  entry_ = frame.entry;
  shown_entry_.store(entry_, std::memory_order_release);
}

void Player::fail(const InterlockGuard::Violation& violation, LocalTime at) {
  record({at, violation.reason, violation.output, violation.other, entry_});
  target_ = {};
  // Safe levels break no rule, and judging them lets the guard know.
  static_cast<void>(guard_.judge(target_, at));
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
