// SPDX-License-Identifier: Apache-2.0
#include "tests/support/rig.h"

#include <algorithm>

namespace takt::testing {

Rig::Rig(const Program& program, std::size_t frames, Micros refill_latency)
    : memory_(EngineNeeds::of(program, frames).bytes()),
      engine_({EngineNeeds::of(program, frames), memory_}, {refill_latency}) {}

void Rig::play(const Timeline& timeline, Micros delay) {
  const Status loaded = engine_.load(timeline);
  TAKT_ASSERT(loaded == Status::kOk);
  const Status started = engine_.start(now_ + delay, now_);
  TAKT_ASSERT(started == Status::kOk);
  settle();
}

void Rig::settle() {
  advance();
  control_due_ = engine_.feed(now_);
  advance();
}

void Rig::advance() {
  const Step step = engine_.realtime().advance(now_);
  if (step.changed && keep_changes) changes_.push_back({now_.since_zero(), step.levels});
  realtime_due_ = step.deadline;
  if (lateness && realtime_due_ != kNever) realtime_due_ += lateness();
}

bool Rig::run_until(LocalTime end) {
  for (;;) {
    const LocalTime due = std::min(realtime_due_, std::max(control_due_, stalled_until));
    if (due > end || due == kNever) break;
    now_ = std::max(now_, due);
    if (realtime_due_ <= now_) advance();
    if (control_due_ > now_ || now_ < stalled_until) continue;
    control_due_ = engine_.feed(now_);
    // What was queued may be due before what the realtime half waits for.
    advance();
  }
  if (end != kNever) now_ = end;
  return realtime_due_ == kNever && control_due_ == kNever;
}

}  // namespace takt::testing
