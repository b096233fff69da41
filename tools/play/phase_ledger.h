// SPDX-License-Identifier: Apache-2.0
// What happened in each phase while a program played.
#pragma once

#include <cstdint>
#include <vector>

#include "takt/core/playback/player.h"
#include "takt/core/program/timeline.h"

namespace takt {

/// Counts changes of levels by phase. An output that goes off where a run of a phase ends belongs
/// to that run; one that comes on there, to the next.
///
/// Context: one. Memory is taken when made. Cost of note(): constant, plus O(phases) where the
/// phase changes.
class PhaseLedger {
 public:
  struct Row {
    std::uint64_t runs = 0;
    std::uint64_t edges = 0;
    Micros duration;           ///< Pauses and waits between phases not counted.
    std::uint32_t latest = 0;  ///< The run that began last, if there was one.
    LocalTime began;           ///< When the latest run began.
  };

  /// `timeline` must outlive it.
  explicit PhaseLedger(const Timeline& timeline)
      : timeline_(timeline), rows_(timeline.program().phases.size()) {}

  /// From `now` on, what is on the outputs is `levels`, of phase run `entry` (also kIdleEntry or
  /// kEndEntry). Saying the same again changes nothing.
  void note(std::uint32_t entry, const Levels& levels, LocalTime now) {
    if (entry != entry_) return turn(entry, levels, now);
    if (levels == levels_) return;
    count(count_changes(levels_, levels));
    levels_ = levels;
  }

  const std::vector<Row>& rows() const { return rows_; }
  std::uint64_t edges() const { return edges_; }
  /// When the phase run, the pause, or what is after the end began.
  LocalTime since() const { return since_; }

 private:
  void turn(std::uint32_t entry, const Levels& levels, LocalTime now);
  void count_empty_runs(std::uint32_t entry, LocalTime now);
  void begin_run(std::uint32_t entry, LocalTime now);

  void count(std::uint64_t changes) {
    edges_ += changes;
    if (row_ != nullptr) row_->edges += changes;
  }

  const Timeline& timeline_;
  std::vector<Row> rows_;
  Row* row_ = nullptr;  ///< Of the latest phase run; null: none yet.
  std::uint32_t entry_ = kIdleEntry;
  std::uint32_t run_ = kIdleEntry;  ///< The latest phase run.
  Levels levels_;
  LocalTime since_;
  std::uint64_t edges_ = 0;
};

}  // namespace takt
