// SPDX-License-Identifier: Apache-2.0
#include "takt/core/engine/course.h"

#include <algorithm>

#include "takt/core/base/assert.h"

namespace takt {

void Course::choose(const Timeline& timeline) {
  timeline_ = &timeline;
  has_sides_ = timeline.program().pattern != nullptr;
  TAKT_ASSERT(!has_sides_ || sides_.feeder() != nullptr);
}

void Course::begin(const Timeline& timeline, LocalTime at, LocalTime now) {
  choose(timeline);
  if (const PatternFeeder* const feeder = sides()) {
    return begin(timeline, SharedRun{feeder->session_at(at)}, now);
  }
  const Position position = timeline.position_at(std::max(now - at, Micros{0}));
  is_at_end(position) ? wait_at(position) : enter(position, std::max(at, now));
}

void Course::begin(const Timeline& timeline, const SharedRun& run, LocalTime now) {
  choose(timeline);
  PatternFeeder& feeder = *sides_.feeder();
  const Micros elapsed = feeder.session_at(now) - run.epoch;
  const Position position = timeline.position_at(std::max(elapsed, Micros{0}));
  if (is_at_end(position)) return wait_at(position);
  place_ = position;
  entered_at_ = elapsed < Micros{0} ? feeder.local_at(run.epoch) : now;
  feeder.begin(timeline, run, entered_at_);
}

void Course::begin_at(const Timeline& timeline, Position position, LocalTime at) {
  choose(timeline);
  place_ = position;
  entered_at_ = at;
  has_sides_ ? sides_.begin(timeline, position, at) : phases_.begin(timeline, position, at);
}

void Course::enter(Position position, LocalTime at) {
  place_ = position;
  entered_at_ = at;
  has_sides_ ? sides_.enter(*timeline_, position, at) : phases_.enter(*timeline_, position, at);
}

Position Course::position(LocalTime now) const {
  if (now < entered_at_) return place_;
  return timeline_->position_at(has_sides_ ? sides_.elapsed(now) : phases_.elapsed(now));
}

Micros Course::until(Position position) const {
  return timeline_->start_of(position.entry) + position.offset;
}

bool Course::is_cut_short(LocalTime now) const {
  const Micros duration = timeline_->duration();
  return has_sides_ ? sides_.is_cut_short(now, duration) : phases_.is_cut_short(now, duration);
}

Position Course::place_to_pause(LocalTime now) const {
  // Not before the place where it began or was resumed, even if that half has yet to begin.
  const Micros elapsed = std::max(until(position(now)), until(place_));
  return timeline_->position_at(has_sides_ ? sides_.resumes_at(elapsed)
                                           : phases_.resumes_at(elapsed));
}

void Course::take_over() {
  place_ = {};
  entered_at_ = sides_.feeder()->local_at(sides_.feeder()->epoch());
}

}  // namespace takt
