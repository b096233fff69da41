// SPDX-License-Identifier: Apache-2.0
// The engine's part for programs with two sides.
#include <algorithm>

#include "takt/core/engine/engine.h"
#include "takt/core/program/bilateral_rules.h"

namespace takt {

Status Engine::set_clock(const ClockMap& map) {
  if (memory_.pattern.empty()) return Status::kNotLoaded;
  sides().set_clock(map);
  return Status::kOk;
}

Status Engine::start_at(const SharedRun& run, LocalTime now) {
  const std::optional<Timeline>& coming = staged_ ? staged_ : timeline_;
  if (!coming) return Status::kNotLoaded;
  if (coming->program().pattern == nullptr) return Status::kUnsupported;
  if (run.setting && refusal_of(*run.setting, coming->program())) return Status::kOutOfRange;
  if (const Status begun = begin_run(); begun != Status::kOk) return begun;
  play_sides(run, now);
  return Status::kOk;
}

void Engine::play_sides(const SharedRun& run, LocalTime now) {
  const Micros elapsed = sides().session_at(now) - run.epoch;
  beyond_since_ = kNever;
  first_entry_ = timeline_->position_at(std::max(elapsed, Micros{0})).entry;
  if (elapsed >= timeline_->duration()) {
    place_ = {timeline_->entry_count() - 1, Micros{0}};
    cut_to_safe(kEndEntry, now);
    return;
  }
  place_ = timeline_->position_at(std::max(elapsed, Micros{0}));
  entered_at_ = elapsed < Micros{0} ? sides().local_at(run.epoch) : now;
  all_queued_ = false;
  feeder_.play(*timeline_, run, entered_at_);
  begin_queue({now, kIdleEntry, {}}, now);
}

/// A program that took over may not have begun yet.
Micros Engine::elapsed(LocalTime now) const {
  if (!has_sides()) return now - origin_;
  return std::max(sides().session_at(now) - sides().epoch(), Micros{0});
}

/// Up to the first half that may still change.
bool Engine::may_queue(LocalTime now) const {
  if (!has_sides()) return true;
  const LocalTime open = sides().open_from();
  return open == kNever || open <= now + config_.look_ahead;
}

bool Engine::is_taking_over() const {
  return has_sides() && running() && staged_ && staged_->program().pattern != nullptr &&
         sides().is_to_take(*staged_->program().pattern);
}

/// Notices that the program loaded last has taken over.
void Engine::follow_sides() {
  if (!staged_ || staged_->program().pattern == nullptr) return;
  if (!sides().has_taken(*staged_->program().pattern)) return;
  timeline_ = staged_;
  staged_.reset();
  entered_at_ = sides().local_at(sides().epoch());
  place_ = {};
}

Result<PatternFeeder::Receipt> Engine::change_sides(PatternFeeder::Change change, LocalTime now) {
  if (state_ != EngineState::kPlaying || !has_sides() || all_queued_) return Status::kNotLoaded;
  // What lies within the look-ahead may be queued already, or be too close to be queued otherwise.
  const SessionTime open = sides().session_at(now + config_.look_ahead) + Micros{1};
  change.not_before = std::max(change.not_before, open);
  return sides().change(change);
}

Result<PatternFeeder::Receipt> Engine::change(const Bilateral& setting, SessionTime not_before,
                                              LocalTime now) {
  if (!has_sides()) return Status::kNotLoaded;
  if (refusal_of(setting, timeline_->program())) return Status::kOutOfRange;
  PatternFeeder::Change change;
  change.bilateral = setting;
  change.not_before = not_before;
  return change_sides(change, now);
}

Result<PatternFeeder::Receipt> Engine::change_program(SessionTime not_before, LocalTime now) {
  if (!has_sides() || !staged_) return Status::kNotLoaded;
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
  const bool plays = state_ == EngineState::kPlaying && has_sides();
  return plays && sides().withdraw_change() ? Status::kOk : Status::kNotLoaded;
}

bool Engine::has_change() const {
  return state_ == EngineState::kPlaying && has_sides() && sides().has_change();
}

}  // namespace takt
