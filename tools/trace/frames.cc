// SPDX-License-Identifier: Apache-2.0
#include "tools/trace/frames.h"

#include <algorithm>

#include "takt/core/engine/engine.h"

namespace takt {

PlannedFrames::PlannedFrames(const Timeline& timeline)
    : timeline_(timeline),
      cursors_(EngineNeeds::of(timeline.program()).cursors),
      course_(cursors_, &sides_) {
  seek(Micros{});
}

void PlannedFrames::seek(Micros at) {
  is_over_ = at >= end();
  if (is_over_) return;
  // Two sides are joined at a boundary: at the one before.
  if (const Pattern* const pattern = timeline_.program().pattern) {
    at = half_at(pattern->score, at).begin;
  }
  course_.begin_at(timeline_, timeline_.position_at(at), LocalTime{at});
}

bool PlannedFrames::next(Micros& at, Levels& levels) {
  if (is_over_) return false;
  Frame frame;
  if (!course_.next(frame)) return false;
  at = frame.at.since_zero();
  levels = frame.levels;
  return true;
}

void PlayedFrames::seek(Micros at) {
  const auto later =
      std::upper_bound(rows_.begin(), rows_.end(), at,
                       [](Micros time, const PlayedTrace::Row& row) { return time < row.at; });
  const auto index = static_cast<std::size_t>(later - rows_.begin());
  next_ = index == 0 ? 0 : index - 1;
}

bool PlayedFrames::next(Micros& at, Levels& levels) {
  if (next_ == rows_.size()) return false;
  at = rows_[next_].at;
  levels = rows_[next_].levels;
  ++next_;
  return true;
}

}  // namespace takt
