// SPDX-License-Identifier: Apache-2.0
// The engine's part for programs with two sides.
#include <algorithm>

#include "takt/core/engine/engine.h"
#include "takt/core/program/bilateral_rules.h"

namespace takt {

Status Engine::set_clock(const ClockMap& map) {
  if (memory_.pattern.empty()) return Status::kNotLoaded;
  memory_.pattern.front().set_clock(map);
  return Status::kOk;
}

Status Engine::start_at(const SharedRun& run, LocalTime now) {
  const std::optional<Timeline>& coming = staged_ ? staged_ : timeline_;
  if (!coming) return Status::kNotLoaded;
  if (coming->program().pattern == nullptr) return Status::kUnsupported;
  if (run.setting && refusal_of(*run.setting, coming->program())) return Status::kOutOfRange;
  if (const Status begun = begin_run(); begun != Status::kOk) return begun;
  course_.begin(*timeline_, run, now);
  begin_queue(now);
  return Status::kOk;
}

/// Null: nothing plays, or no program with two sides.
PatternFeeder* Engine::playing_sides() const {
  return state_ == EngineState::kPlaying ? course_.sides() : nullptr;
}

bool Engine::is_taking_over() const {
  const PatternFeeder* const sides = running() ? course_.sides() : nullptr;
  return sides != nullptr && staged_ && sides->is_to_take(staged_->program().pattern);
}

/// Notices that the program loaded last has taken over.
void Engine::follow_take_over() {
  const PatternFeeder* const sides = course_.sides();
  if (sides == nullptr || !staged_ || !sides->has_taken(staged_->program().pattern)) return;
  timeline_ = staged_;
  staged_.reset();
  course_.take_over();
}

Result<PatternFeeder::Receipt> Engine::change_sides(PatternFeeder::Change change, LocalTime now) {
  PatternFeeder* const sides = playing_sides();
  if (sides == nullptr || all_queued_) return Status::kNotLoaded;
  // What lies within the look-ahead may be queued already, or be too close to be queued otherwise.
  const SessionTime open = sides->session_at(now + config_.look_ahead) + Micros{1};
  change.not_before = std::max(change.not_before, open);
  return sides->change(change);
}

Result<PatternFeeder::Receipt> Engine::change(const Bilateral& setting, SessionTime not_before,
                                              LocalTime now) {
  if (course_.sides() == nullptr) return Status::kNotLoaded;
  if (refusal_of(setting, timeline_->program())) return Status::kOutOfRange;
  PatternFeeder::Change change;
  change.bilateral = setting;
  change.not_before = not_before;
  return change_sides(change, now);
}

Result<PatternFeeder::Receipt> Engine::change_program(SessionTime not_before, LocalTime now) {
  if (course_.sides() == nullptr || !staged_) return Status::kNotLoaded;
  const Program& present = timeline_->program();
  const Program& coming = staged_->program();
  if (coming.pattern == nullptr || coming.pattern->sides != present.pattern->sides ||
      !same_rules(coming, present)) {
    return Status::kUnsupported;
  }
  PatternFeeder::Change change;
  change.kind = PatternFeeder::Change::Kind::kProgram;
  change.timeline = &*staged_;
  change.not_before = not_before;
  return change_sides(change, now);
}

Result<PatternFeeder::Receipt> Engine::stop_at_boundary(SessionTime not_before, LocalTime now) {
  PatternFeeder::Change change;
  change.kind = PatternFeeder::Change::Kind::kEnd;
  change.not_before = not_before;
  return change_sides(change, now);
}

Status Engine::withdraw_change() {
  PatternFeeder* const sides = playing_sides();
  return sides != nullptr && sides->withdraw_change() ? Status::kOk : Status::kNotLoaded;
}

bool Engine::has_change() const {
  const PatternFeeder* const sides = playing_sides();
  return sides != nullptr && sides->has_change();
}

}  // namespace takt
