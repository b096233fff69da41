// SPDX-License-Identifier: Apache-2.0
// Why each phase of a run ended.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "takt/core/engine/phase_end.h"
#include "takt/core/program/timeline.h"
#include "tools/play/phase_ledger.h"

namespace takt {

/// Keeps the latest end of each phase.
class PhaseEnds {
 public:
  /// `timeline` must outlive it.
  explicit PhaseEnds(const Timeline& timeline)
      : timeline_(timeline), ends_(timeline.program().phases.size()) {}

  /// Give it all ends that the engine tells, in order.
  void note(const PhaseEnd& end);

  /// Why the latest run of `phase` ended; nothing: there was none. `row`: what the ledger has of
  /// it.
  std::optional<PhaseEnd> of(std::size_t phase, const PhaseLedger::Row& row) const;

 private:
  const Timeline& timeline_;
  std::vector<std::optional<PhaseEnd>> ends_;  ///< By phase; only ends that were not by the plan.
};

/// "sensor level at 63", "skip".
std::string text_of(const PhaseEnd& end);

/// "phase 2 of 3, fill, ended: sensor level at 63".
std::string sentence_of(const PhaseEnd& end, std::size_t phase, const Program& program);

}  // namespace takt
