// SPDX-License-Identifier: Apache-2.0
// Where the run of a program is, and what comes next, whichever form the program has.
#pragma once

#include <cstdint>
#include <span>

#include "takt/core/engine/phase_course.h"
#include "takt/core/engine/sides_course.h"
#include "takt/core/program/timeline.h"

namespace takt {

/// The course of a run through time, in one of two forms: PhaseCourse, SidesCourse. What begins a
/// run chooses the form; until then, only set_clock() of sides() makes sense.
///
/// Context: the control half.
class Course {
 public:
  /// `cursors` serves programs of phases with up to its size in components; programs with two sides
  /// need `sides`. Both are lent for the life of this.
  Course(std::span<PhaseCursor::Slot> cursors, PatternFeeder* sides)
      : phases_(cursors), sides_(sides) {}

  /// A run of `timeline` that begins at `at`, or began then: goes to where it is at `now`. The
  /// tables of `timeline`, and the object itself, must stay in place.
  void begin(const Timeline& timeline, LocalTime at, LocalTime now);
  /// The same for a program with two sides, by the session's clock.
  void begin(const Timeline& timeline, const SharedRun& run, LocalTime now);
  /// The same, but the run comes to `position`, before its end, at `at`.
  void begin_at(const Timeline& timeline, Position position, LocalTime at);

  /// Goes to `position`, before the end, which the run comes to at `at`. With two sides: at the
  /// next boundary; changes that are to come stay.
  void enter(Position position, LocalTime at);
  /// Waits at `position`, which may be the end, until told to enter one.
  void wait_at(Position position) {
    place_ = position;
    entered_at_ = kNever;
  }

  /// Where the run is; before it enters the place that it was told to go to, that place.
  Position position(LocalTime now) const;
  bool is_at_end(Position position) const { return position.entry == timeline_->entry_count(); }
  /// The time from the start of the run to `position`.
  Micros until(Position position) const;
  /// Where a run that is interrupted now goes on: with two sides, at the boundary before.
  Position place_to_pause(LocalTime now) const;

  /// When the run enters the place that it was told to go to last; kNever: it waits there.
  LocalTime entered_at() const { return entered_at_; }
  /// Whether what plays first may be the middle of a pulse.
  bool joins() const { return has_sides_ ? sides_.joins(place_) : phases_.joins(place_); }
  /// Whether a run that is over was told to end before its time.
  bool is_cut_short(LocalTime now) const;

  /// The frame of the place itself. False: outputs stay dark until the next boundary.
  bool first(Frame& frame) { return has_sides_ ? sides_.first(frame) : phases_.first(frame); }
  /// The next frame, if its half begins at `until` or earlier. False: it does not, or the frame
  /// that ends the program has been given.
  bool next(Frame& frame, LocalTime until = kNever) {
    return has_sides_ ? sides_.next(frame, until) : phases_.next(frame);
  }
  /// When the half of the next frame begins: it may still change, so it is asked for late.
  /// kLongAgo: there is no half that does.
  LocalTime open_from() const { return has_sides_ ? sides_.open_from() : phases_.open_from(); }
  /// Pulses left out because the clock's bound left nothing of them.
  std::uint32_t silenced() const { return has_sides_ ? sides_.silenced() : phases_.silenced(); }

  /// The part of a run with two sides that takes changes at their boundaries; null: it has none.
  PatternFeeder* sides() const { return has_sides_ ? sides_.feeder() : nullptr; }
  /// The program that is to take over has done so; it stands where the one before stood.
  void take_over();

 private:
  void choose(const Timeline& timeline);

  PhaseCourse phases_;
  SidesCourse sides_;
  bool has_sides_ = false;
  const Timeline* timeline_ = nullptr;
  Position place_;                 ///< Where it was told to go.
  LocalTime entered_at_ = kNever;  ///< When it is due there.
};

}  // namespace takt
