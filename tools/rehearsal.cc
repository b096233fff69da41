// SPDX-License-Identifier: Apache-2.0
#include "tools/rehearsal.h"

#include <vector>

#include "core/engine/engine.h"
#include "core/playback/feeder.h"
#include "core/playback/interlock.h"

namespace takt {
namespace {

Fault fault_of(const InterlockGuard::Violation& violation, LocalTime at, std::uint32_t entry) {
  return {at, violation.reason, violation.output, violation.other, entry};
}

}  // namespace

Rehearsal rehearse(const Timeline& timeline, std::uint64_t most_frames) {
  Rehearsal rehearsal;
  const Program& program = timeline.program();
  if (!InterlockGuard::needed_by(program) || timeline.duration() == Micros{0}) return rehearsal;
  std::vector<PhaseCursor::Slot> cursors(EngineNeeds::of(program).cursors);
  std::vector<InterlockGuard::History> history(program.outputs.size());
  PatternFeeder sides;
  Feeder feeder{cursors, &sides};
  InterlockGuard guard;
  guard.set_rules(program, history);
  feeder.seek(timeline, {}, LocalTime{});
  std::uint32_t entry = 0;
  for (Frame frame; feeder.next(frame); entry = frame.entry) {
    const LocalTime overdue_at = guard.overdue_at(Micros{0});
    if (overdue_at < frame.at) {
      if (const auto violation = guard.overdue(overdue_at)) {
        rehearsal.fault = fault_of(*violation, overdue_at, entry);
        return rehearsal;
      }
    }
    if (rehearsal.frames == most_frames) {
      rehearsal.complete = false;
      return rehearsal;
    }
    ++rehearsal.frames;
    if (const auto violation = guard.judge(frame.levels, frame.at)) {
      rehearsal.fault = fault_of(*violation, frame.at, frame.entry);
      return rehearsal;
    }
  }
  return rehearsal;
}

}  // namespace takt
