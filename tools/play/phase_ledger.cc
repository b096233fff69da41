// SPDX-License-Identifier: Apache-2.0
#include "tools/play/phase_ledger.h"

#include <algorithm>

namespace takt {
namespace {

bool is_run(std::uint32_t entry) { return entry != kIdleEntry && entry != kEndEntry; }

/// The levels between two runs: what goes to zero is there, what comes up is not.
Levels fallen(const Levels& before, const Levels& after) {
  Levels between = before;
  between.on &= after.on;
  for (std::size_t i = 0; i < between.analog.size(); ++i) {
    if (after.analog[i] == 0) between.analog[i] = 0;
  }
  return between;
}

}  // namespace

void PhaseLedger::turn(std::uint32_t entry, const Levels& levels, LocalTime now) {
  const Levels between = fallen(levels_, levels);
  count(count_changes(levels_, between));
  if (is_run(entry_)) row_->duration += now - since_;
  if (entry != kIdleEntry && entry != run_) {
    count_empty_runs(entry, now);
    if (is_run(entry)) {
      begin_run(entry, now);
      row_ = &rows_[timeline_.entry(entry).phase];
      run_ = entry;
    }
  }
  count(count_changes(between, levels));
  levels_ = levels;
  entry_ = entry;
  since_ = now;
}

/// Runs of no length have no frame; they lie between the latest run and the next.
void PhaseLedger::count_empty_runs(std::uint32_t entry, LocalTime now) {
  const std::uint32_t end = std::min(entry, timeline_.entry_count());
  for (std::uint32_t e = run_ == kIdleEntry ? 0 : run_ + 1; e < end; ++e) {
    const std::uint16_t phase = timeline_.entry(e).phase;
    if (timeline_.length_of(phase) > Micros{0}) return;  // It was skipped.
    begin_run(e, now);
  }
}

void PhaseLedger::begin_run(std::uint32_t entry, LocalTime now) {
  Row& row = rows_[timeline_.entry(entry).phase];
  ++row.runs;
  row.latest = entry;
  row.began = now;
}

}  // namespace takt
