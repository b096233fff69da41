// SPDX-License-Identifier: Apache-2.0
#include "tools/play/phase_ends.h"

#include <fmt/format.h>

#include "tools/cli/text.h"
#include "tools/programs/run_text.h"

namespace takt {

void PhaseEnds::note(const PhaseEnd& end) {
  for (std::optional<PhaseEnd>& known : ends_) {
    // That run was played again, and this time to its end.
    if (known && known->entry >= end.first && known->entry < end.entry) known.reset();
  }
  std::optional<PhaseEnd>& known = ends_[timeline_.entry(end.entry).phase];
  known.reset();
  if (end.cause != PhaseEndCause::kPlan) known = end;
}

std::optional<PhaseEnd> PhaseEnds::of(std::size_t phase, const PhaseLedger::Row& row) const {
  const std::optional<PhaseEnd>& known = ends_[phase];
  if (row.runs == 0) return known;  // Skipped before it began, if anything.
  if (known && (known->at > row.began || known->entry == row.latest)) return known;
  PhaseEnd plan;
  plan.entry = row.latest;
  return plan;
}

std::string text_of(const PhaseEnd& end) {
  if (end.cause != PhaseEndCause::kSensor) return std::string{name_of(end.cause)};
  return fmt::format("sensor {} at {}", printable(end.sensor), end.value);
}

std::string sentence_of(const PhaseEnd& end, std::size_t phase, const Program& program) {
  return fmt::format("phase {} of {}, {}, ended: {}", phase + 1, program.phases.size(),
                     phase_title(program, phase), text_of(end));
}

}  // namespace takt
