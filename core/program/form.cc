// SPDX-License-Identifier: Apache-2.0
#include "takt/core/program/form.h"

namespace takt {

void Form::count(const json::Walker& at, std::size_t& rows, std::size_t limit,
                 std::string_view what) {
  rows += 1;
  if (!is(Pass::kMeasure) || rows != limit + 1) return;
  error(at, at.here(), message_of("too many ", what, "; the limit is ", limit));
}

void Form::count_phase(const json::Walker& at) {
  components_ = 0;
  count(at, size_.phases, kMaxPhases, "phases");
}

void Form::count_component(const json::Walker& at) {
  size_.components += 1;
  count(at, components_, kMaxComponentsPerPhase, "components in one phase");
}

void Form::count_points(const json::Walker& at) {
  const bool fit_before = size_.points <= kMaxPoints;
  size_.points += row_.count();
  if (!is(Pass::kMeasure) || !fit_before || size_.points <= kMaxPoints) return;
  error(at, at.here(), message_of("too many steps and edges; the limit is ", kMaxPoints));
}

bool Form::fits_run(const json::Walker& at, Micros start, Micros period, std::uint32_t repeats) {
  if (repeats == 0 || period <= (kMaxRun - start) / std::int64_t{repeats}) return true;
  error(at, at.here(), message_of("lasts longer than a hundred years, the limit of a run"));
  return false;
}

}  // namespace takt
