// SPDX-License-Identifier: Apache-2.0
// Bilateral sessions and patterns of takt's own form. What their values may be is for check().
#include "takt/core/base/bits.h"
#include "takt/core/program/takt_form.h"

namespace takt {

void TaktForm::begin_pattern(const json::Walker& at, std::string_view phase) {
  size_.patterns += 1;
  count_phase(at);
  count_text(phase);
  if (!is(Pass::kPhases)) return;
  Phase& row = builder().add_phase();
  row.name = builder().add_text(phase);
}

void TaktForm::end_segment() {
  if (is(Pass::kPhases)) builder().add_segment() = segment_;
}

void TaktForm::end_pattern(const json::Walker& at, const json::Shape& shape, std::uint32_t seen) {
  if (&shape == &kBilateralShape) {
    pattern_.score.exclusive = true;
  } else {
    pattern_.score.length = pattern_.length;
    if (has(seen, id_of(shapes::kPatternRows, "segments")) && size_.segments == 0) {
      error(at, at.at_field("segments"), message_of("there must be at least one segment"));
    }
  }
  if (is(Pass::kPhases)) builder().add_pattern() = pattern_;
}

void TaktForm::end_root(const json::Walker& at, std::uint32_t seen) {
  repeats_ = root_.repeats;
  const bool phases = has(seen, id_of(shapes::kRootRows, "phases"));
  const bool bilateral = has(seen, id_of(shapes::kRootRows, "bilateral"));
  const bool pattern = has(seen, id_of(shapes::kRootRows, "pattern"));
  if (int{phases} + int{bilateral} + int{pattern} != 1) {
    error(at, at.here(),
          message_of("a program must have one of the fields 'phases', 'bilateral' and 'pattern'"));
  } else if (!phases && has(seen, id_of(shapes::kRootRows, "loops"))) {
    error(at, at.at_field("loops"), message_of("'loops' go with 'phases'"));
  }
}

}  // namespace takt
