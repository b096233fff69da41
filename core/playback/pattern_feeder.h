// SPDX-License-Identifier: Apache-2.0
// The control half's source of frames for programs with two sides.
#pragma once

#include <cstdint>
#include <optional>

#include "takt/core/base/clock_map.h"
#include "takt/core/pattern/score.h"
#include "takt/core/playback/window.h"
#include "takt/core/program/timeline.h"

namespace takt {

/// A run that other devices play too, and that may have been changed since it began.
struct SharedRun {
  SessionTime epoch;  ///< When it began: its length and soft start count from here.
  std::optional<Bilateral> setting{};  ///< In place of the program's own.
  Micros beat{};                       ///< Cycles count from so long after the epoch.
};

/// Yields the frames of both sides half by half, and takes changes at their boundaries.
///
/// Boundaries. A frame is never withdrawn once it was given. A change takes effect with the first
/// half that has not begun, so no pulse is cut short and no half is lost or doubled. The beat goes
/// on: after left comes right, whatever changes.
///
/// Clocks. Everything is computed in session time from the epoch of the run; only the finished edge
/// is turned into local time, through a ClockMap that is exchanged at boundaries. Where sides must
/// not touch, a pulse shrinks by the bound of that map at both ends, until it would be shorter than
/// its outputs may be on; then it is left out.
///
/// Every half ends with a frame at its boundary, so that the realtime half never waits for a frame
/// which is not yet decided.
///
/// Context: the control half.
class PatternFeeder {
 public:
  /// Goes to the first boundary that falls on `from` or later, in a run of `timeline`, whose
  /// program has a pattern and whose tables stay in place. Forgets all changes. Constant cost,
  /// wherever that boundary is.
  void begin(const Timeline& timeline, const SharedRun& run, LocalTime from);

  /// Sets the sides that this device has, from the next half on.
  void set_sides(SideSet sides) { sides_ = sides; }

  /// The same as begin() in the run that has begun, as if it had begun at `epoch`; changes stay.
  void seek(SessionTime epoch, LocalTime from);

  /// Taken at the next boundary.
  void set_clock(const ClockMap& map) { next_map_ = map; }
  SessionTime session_at(LocalTime at) const { return next_map_.session_at(at); }
  LocalTime local_at(SessionTime at) const { return next_map_.local_at(at); }

  /// When the next half begins whose frames were not given yet, and so may still change; kNever: a
  /// half is being given, or none follows.
  LocalTime open_from() const;

  /// False: the frame that ends the run has been given. Constant cost, and O(log segments) where a
  /// half begins.
  bool next(Frame& frame);

  /// What changes at a boundary.
  struct Change {
    enum class Kind : std::uint8_t { kBilateral, kProgram, kEnd };
    Kind kind = Kind::kBilateral;
    Bilateral bilateral;                 ///< Of kBilateral.
    const Timeline* timeline = nullptr;  ///< Of kProgram: one with the same outputs.
    SessionTime not_before;
  };
  /// The boundary that a change gets, and whether it replaces one that was to come.
  struct Receipt {
    SessionTime boundary;
    bool replaces = false;
  };
  Receipt change(const Change& change);
  /// Forgets the change that is to come. False: there is none, or no longer.
  bool withdraw_change();
  bool has_change() const { return change_.has_value(); }
  /// Whether the program of `pattern`, null if it has none, is to take over, or has.
  bool is_to_take(const Pattern* pattern) const {
    return change_ && change_->timeline != nullptr &&
           change_->timeline->program().pattern == pattern;
  }
  bool has_taken(const Pattern* pattern) const { return pattern_ == pattern; }

  SessionTime epoch() const { return epoch_; }
  /// From the epoch to the boundary at or before `elapsed`.
  Micros boundary_before(Micros elapsed) const;
  const Score& score() const { return score_; }
  /// Pulses of which the bound left nothing, or too little.
  std::uint32_t silenced() const { return silenced_; }

 private:
  enum class Stage : std::uint8_t { kBoundary, kPulse, kEnd, kOver };

  void take_program(const Timeline& timeline);
  bool begin_half(Frame& frame);
  void take_change();
  bool place_pulse();
  Micros next_tick(Micros after) const;
  Half half_from(SessionTime at) const { return half_at(score_, at - epoch_ - score_at_); }
  SessionTime session(Micros in_score) const { return epoch_ + score_at_ + in_score; }
  bool give(Frame& frame, LocalTime at, const Levels& levels);
  Levels dark() const;
  Levels lit(Micros at) const;
  void light(Levels& levels, const SideOutputs& side, const Look& look) const;
  void set_level(Levels& levels, std::uint8_t output, unsigned percent) const;

  const Pattern* pattern_ = nullptr;
  std::span<const Output> outputs_;
  Micros length_;  ///< Of the run.
  SideSet sides_ = kBothSides;
  std::uint32_t directions_ = 0;  ///< Outputs that say which way a motor turns.
  Micros shortest_;               ///< Pulse, of any of the outputs.

  ClockMap map_;
  ClockMap next_map_;
  SessionTime epoch_;  ///< When the run began.
  Score score_;
  Micros score_at_;  ///< From the epoch to the beginning of the score; may be negative.
  std::optional<Change> change_;

  Stage stage_ = Stage::kOver;
  SessionTime boundary_;     ///< When the next half begins.
  Half half_;                ///< The one being given.
  LocalTime on_;             ///< When its pulse begins.
  LocalTime off_;            ///< When its pulse ends; kNever: at the boundary.
  Micros fade_tick_;         ///< The next step of its fade, in the score; Micros::max(): none.
  std::uint32_t scale_ = 0;  ///< Of its look, by soft start and stop: parts of kFullScale.
  Levels levels_;            ///< Given last.
  LocalTime last_at_;        ///< When levels_ were given.
  LocalTime dark_from_;      ///< When the latest pulse ended.
  std::uint32_t entry_ = 0;
  std::uint32_t silenced_ = 0;
};

}  // namespace takt
