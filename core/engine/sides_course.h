// SPDX-License-Identifier: Apache-2.0
// The course of a program with two sides.
#pragma once

#include <algorithm>
#include <cstdint>

#include "takt/core/playback/pattern_feeder.h"

namespace takt {

/// A run by the session's clock. It goes on at boundaries only, dark until the next one, and is
/// queued half by half, for what is not queued may still change. What the members mean stands at
/// Course.
class SidesCourse {
 public:
  /// `feeder`, unless null, is this one's for its whole life.
  explicit SidesCourse(PatternFeeder* feeder) : feeder_(feeder) {}

  /// Null: this device was lent nothing to play two sides with.
  PatternFeeder* feeder() const { return feeder_; }

  void begin(const Timeline& timeline, Position position, LocalTime at) {
    feeder_->begin(timeline, {epoch_of(timeline, position, at)}, at);
  }
  void enter(const Timeline& timeline, Position position, LocalTime at) {
    feeder_->seek(epoch_of(timeline, position, at), at);
  }

  /// A program that took over may not have begun yet.
  Micros elapsed(LocalTime now) const {
    return std::max(feeder_->session_at(now) - feeder_->epoch(), Micros{0});
  }
  Micros resumes_at(Micros elapsed) const { return feeder_->boundary_before(elapsed); }
  bool joins(Position /*place*/) const { return false; }
  bool is_cut_short(LocalTime now, Micros duration) const { return elapsed(now) < duration; }

  bool first(Frame& /*frame*/) { return false; }
  bool next(Frame& frame, LocalTime until) { return open_from() <= until && feeder_->next(frame); }
  LocalTime open_from() const {
    const LocalTime open = feeder_->open_from();
    return open == kNever ? kLongAgo : open;
  }
  std::uint32_t silenced() const { return feeder_->silenced(); }

 private:
  SessionTime epoch_of(const Timeline& timeline, Position position, LocalTime at) const {
    return feeder_->session_at(at) - timeline.start_of(position.entry) - position.offset;
  }

  PatternFeeder* const feeder_;
};

}  // namespace takt
