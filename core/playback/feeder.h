// SPDX-License-Identifier: Apache-2.0
// The control half's source of frames: a timeline, run after run, merged into one stream.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "takt/core/playback/window.h"
#include "takt/core/program/cursor.h"
#include "takt/core/program/timeline.h"

namespace takt {

/// Yields the frames of a program in the order of time. Each phase run begins with a frame; where
/// a run ends and the next begins at the same instant, that frame carries both, so an output that
/// both want on stays on. The last frame has all outputs off and belongs to kEndEntry. Programs
/// with two sides have a PatternFeeder.
///
/// Context: the control half. Memory: a cursor for each component of the largest phase, lent.
class Feeder {
 public:
  /// `storage` serves programs whose phases have up to its size in components.
  explicit Feeder(std::span<PhaseCursor::Slot> storage) : cursor_(storage) {}

  /// Goes to `position`, which lies before the end and falls on `at`. The next frame has the
  /// levels of that moment. `timeline` and its tables must stay in place.
  /// Cost: O(components of the phase · log points), wherever the position.
  void seek(const Timeline& timeline, Position position, LocalTime at);

  /// False: the frame that ends the program has been given. Cost: O(log components) for each edge
  /// of the frame, plus O(phases) where a phase begins.
  bool next(Frame& frame) {
    const Micros edge = cursor_.next();
    if (!between_edges_ || edge >= length_) return next_run(frame);
    frame.at = started_ + edge;
    frame.entry = entry_;
    cursor_.step();
    frame.levels = cursor_.levels();
    return true;
  }

 private:
  bool next_run(Frame& frame);
  void enter(std::uint32_t entry, Micros offset);

  PhaseCursor cursor_;
  const Timeline* timeline_ = nullptr;
  std::uint32_t entry_ = 0;
  LocalTime started_;           ///< When the current phase run began, or would have.
  Micros length_;               ///< Of the current phase run.
  Micros begin_at_;             ///< Offset of the frame that begins the run.
  bool between_edges_ = false;  ///< That frame has been given.
  bool ended_ = true;
};

}  // namespace takt
