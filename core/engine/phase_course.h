// SPDX-License-Identifier: Apache-2.0
// The course of a program of phases.
#pragma once

#include <cstdint>
#include <span>

#include "takt/core/playback/feeder.h"

namespace takt {

/// A run by this device's clock. It goes on from any place at once, and may be queued as far ahead
/// as there is room. What the members mean stands at Course.
class PhaseCourse {
 public:
  explicit PhaseCourse(std::span<PhaseCursor::Slot> cursors) : feeder_(cursors) {}

  void begin(const Timeline& timeline, Position position, LocalTime at) {
    enter(timeline, position, at);
  }
  void enter(const Timeline& timeline, Position position, LocalTime at) {
    origin_ = at - timeline.start_of(position.entry) - position.offset;
    feeder_.seek(timeline, position, at);
  }

  Micros elapsed(LocalTime now) const { return now - origin_; }
  Micros resumes_at(Micros elapsed) const { return elapsed; }
  bool joins(Position place) const { return place.entry > 0 || place.offset > Micros{0}; }
  bool is_cut_short(LocalTime /*now*/, Micros /*duration*/) const { return false; }

  bool first(Frame& frame) { return feeder_.next(frame); }
  bool next(Frame& frame) { return feeder_.next(frame); }
  LocalTime open_from() const { return kLongAgo; }
  std::uint32_t silenced() const { return 0; }

 private:
  Feeder feeder_;
  LocalTime origin_;  ///< When the run would have begun, had no command come between.
};

}  // namespace takt
