// SPDX-License-Identifier: Apache-2.0
// What outputs do over a run, planned or played, in one form for pictures and totals.
#pragma once

#include <span>
#include <vector>

#include "takt/core/engine/course.h"
#include "takt/core/program/timeline.h"
#include "tools/trace/csv_reader.h"

namespace takt {

/// Part of a run, not empty unless the run is.
struct Stretch {
  Micros from;
  Micros to;

  static Stretch whole(const Timeline& timeline) { return {Micros{}, timeline.duration()}; }
  Micros length() const { return to - from; }
};

/// Yields the levels of a run's outputs in the order of time.
class Frames {
 public:
  virtual ~Frames() = default;

  /// The next frame has the levels at a time not after `at`, unless the first of all comes later.
  virtual void seek(Micros at) = 0;
  /// From `at` on, the outputs are `levels`. False: there are no more.
  virtual bool next(Micros& at, Levels& levels) = 0;

  /// The end; nothing is known of what comes later.
  virtual Micros end() const = 0;
};

/// Frames of the plan. `timeline`'s tables must stay in place.
class PlannedFrames final : public Frames {
 public:
  explicit PlannedFrames(const Timeline& timeline);

  /// Cost: O(components of a phase), wherever the time.
  void seek(Micros at) override;
  bool next(Micros& at, Levels& levels) override;
  Micros end() const override { return timeline_.duration(); }

 private:
  const Timeline timeline_;
  std::vector<PhaseCursor::Slot> cursors_;
  PatternFeeder sides_;
  Course course_;
  bool is_over_ = false;
};

/// Frames of a trace, which must stay in place.
class PlayedFrames final : public Frames {
 public:
  explicit PlayedFrames(const PlayedTrace& trace) : rows_(trace.rows) {}

  /// Cost: O(log rows).
  void seek(Micros at) override;
  bool next(Micros& at, Levels& levels) override;
  Micros end() const override { return rows_.empty() ? Micros{} : rows_.back().at; }

 private:
  const std::span<const PlayedTrace::Row> rows_;
  std::size_t next_ = 0;
};

}  // namespace takt
