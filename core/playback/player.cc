// SPDX-License-Identifier: Apache-2.0
#include "core/playback/player.h"

#include <algorithm>

#include "core/base/assert.h"

namespace takt {

Player::Run::Run(const Program& of, std::span<InterlockGuard::History> history)
    : program(of), guard(of, history) {
  for (unsigned i = 0; i < of.outputs.size(); ++i) {
    if (of.outputs[i].kind == OutputKind::kAnalog) analog_outputs |= 1U << i;
  }
}

Step Player::advance(LocalTime now) {
  TAKT_ASSERT(now >= now_);
  now_ = now;
  Micros lateness;
  std::uint32_t before = frame_.levels.on;
  bool is_exact = true;  // One frame, in time: the outputs show all of the plan.
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
    if (is_exact && coming > now && !shortfall_.is_beyond_tolerance(lateness)) break;
    before = follow(before, is_exact, lateness);
    is_exact = false;
  }
  if (coming == kNever || emergency_.load(std::memory_order_acquire)) {
    coming = look_after_emergency_and_underrun(coming, now);
  }
  Levels levels = frame_.levels;
  if (guard_.has_rules()) {
    if (is_exact) shortfall_.plan(before, levels.on, frame_.at);  // It may be held back.
    levels = guarded_levels(now, coming);
  }
  if (shortfall_.is_owing()) {
    shortfall_.show(shown(applied_), shown(levels), frame_.at, now);
  }
  const unsigned changes = count_changes(applied_, levels, window_.analog_outputs());
  if (changes != 0) {
    edges_.add(changes);
    applied_ = levels;
  }
  return {levels, coming, lateness, entry_, changes != 0};
}

/// The outputs that are on.
std::uint32_t Player::shown(const Levels& levels) const {
  std::uint32_t on = levels.on;
  std::size_t channel = 0;
  for (std::uint32_t rest = analog_outputs_; rest != 0; rest &= rest - 1, ++channel) {
    if (levels.analog[channel] != 0) on |= rest & -rest;
  }
  return on;
}

/// Books the newest frame, one of several or a late one. `before`: what the plan had on; for the
/// first of them without analog outputs, which are as they were applied. Returns what it has on now.
std::uint32_t Player::follow(std::uint32_t before, bool is_first, Micros lateness) {
  if (is_first) before |= shown(applied_) & analog_outputs_;
  const std::uint32_t after = shown(frame_.levels);
  if (faulted_.load(std::memory_order_relaxed)) return after;
  shortfall_.plan(before, after, frame_.at);
  if (shortfall_.is_beyond_tolerance(lateness)) {
    shortfall_.note_late(before ^ after, frame_.at);
  }
  return after;
}

/// What is seldom needed; returns the deadline. A program that runs always has a next frame, for
/// its end is one: without it, outputs go to safe levels after the grace.
LocalTime Player::look_after_emergency_and_underrun(LocalTime coming, LocalTime now) {
  if (emergency_.load(std::memory_order_acquire) && !faulted_.load(std::memory_order_relaxed)) {
    fail({FaultReason::kEmergencyStop}, now, entry_);
  }
  if (coming == kNever) coming = window_.front_at();  // Frames may have come since.
  if (coming != kNever || entry_ >= kIdleEntry) return coming;
  const LocalTime starved_at = frame_.at + grace_ + Micros{1};
  if (now < starved_at) return starved_at;
  fail({FaultReason::kUnderrun}, now, entry_);
  return kNever;
}

/// The target as far as the interlock allows it now; brings `deadline` forward to when it will
/// allow more or an output will have been on for too long.
Levels Player::guarded_levels(LocalTime now, LocalTime& deadline) {
  if (const auto violation = guard_.overdue(now)) fail(*violation, now, entry_);
  look_after_overstay();
  const InterlockGuard::Allowed allowed = guard_.allow(frame_.levels, now);
  guard_.note_applied(allowed.levels, now);
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

void Player::take_frame() {
  if (guard_.has_rules()) {
    // Before the plan, which goes on as if nothing had happened.
    if (look_after_overstay()) return;
    if (const auto violation = guard_.judge(frame_.levels, frame_.at)) {
      fail(*violation, frame_.at, std::min(frame_.entry, kIdleEntry));
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
  analog_outputs_ = run.analog_outputs;
  shortfall_.reset();
  faults_lost_.store(0, std::memory_order_relaxed);
  faulted_.store(false, std::memory_order_release);
  next_run_.store(nullptr, std::memory_order_release);
}

void Player::fail(const InterlockGuard::Violation& violation, LocalTime at, std::uint32_t entry) {
  record({at, violation.reason, violation.output, violation.other, entry});
  frame_.levels = {};
  shortfall_.forgive();
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
