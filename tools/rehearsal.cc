// SPDX-License-Identifier: Apache-2.0
#include "tools/rehearsal.h"

#include <algorithm>
#include <vector>

#include "core/engine/engine.h"
#include "core/playback/feeder.h"
#include "core/playback/interlock.h"

namespace takt {
namespace {

Fault fault_of(const InterlockGuard::Violation& violation, LocalTime at, std::uint32_t entry) {
  return {at, violation.reason, violation.output, violation.other, entry};
}

/// Motors that may reverse under power as far as the rules go.
std::vector<std::uint8_t> unguarded_motors(const Program& program) {
  std::vector<std::uint8_t> motors;
  for (std::size_t i = 0; i < program.outputs.size(); ++i) {
    const auto motor = static_cast<std::uint8_t>(i);
    const bool guarded = std::ranges::any_of(program.interlocks, [motor](const Interlock& rule) {
      return rule.kind == InterlockKind::kReversal && rule.motor == motor;
    });
    if (program.outputs[i].direction != kNoOutput && !guarded) motors.push_back(motor);
  }
  return motors;
}

class Rehearsing {
 public:
  explicit Rehearsing(const Program& program)
      : program_(program),
        has_rules_(InterlockGuard::needed_by(program)),
        motors_(unguarded_motors(program)),
        history_(program.outputs.size()) {
    guard_.set_rules(program, history_);
  }

  bool is_needed() const { return has_rules_ || !motors_.empty(); }

  /// False: the run would end here.
  bool take(const Frame& frame, Rehearsal& rehearsal) {
    look_for_reversal(frame, rehearsal);
    return !has_rules_ || judge(frame, rehearsal);
  }

 private:
  void look_for_reversal(const Frame& frame, Rehearsal& rehearsal) {
    const std::uint32_t before = levels_.on;
    levels_ = frame.levels;
    if (rehearsal.reversal) return;
    for (const std::uint8_t motor : motors_) {
      const unsigned direction = program_.outputs[motor].direction;
      const bool runs_on = ((before & levels_.on) >> motor & 1U) != 0;
      if (!runs_on || ((before ^ levels_.on) >> direction & 1U) == 0) continue;
      rehearsal.reversal = {motor, frame.entry, frame.at.since_zero()};
      return;
    }
  }

  bool judge(const Frame& frame, Rehearsal& rehearsal) {
    const LocalTime overdue_at = guard_.overdue_at(Micros{0});
    if (overdue_at < frame.at) {
      if (const auto violation = guard_.overdue(overdue_at)) {
        rehearsal.fault = fault_of(*violation, overdue_at, entry_);
        return false;
      }
    }
    entry_ = frame.entry;
    ++rehearsal.frames;
    const auto violation = guard_.judge(frame.levels, frame.at);
    if (violation) rehearsal.fault = fault_of(*violation, frame.at, frame.entry);
    return !violation;
  }

  const Program& program_;
  const bool has_rules_;
  const std::vector<std::uint8_t> motors_;
  std::vector<InterlockGuard::History> history_;
  InterlockGuard guard_;
  Levels levels_;
  std::uint32_t entry_ = 0;
};

}  // namespace

Rehearsal rehearse(const Timeline& timeline, std::uint64_t most_frames) {
  Rehearsal rehearsal;
  const Program& program = timeline.program();
  Rehearsing rehearsing{program};
  if (!rehearsing.is_needed() || timeline.duration() == Micros{0}) return rehearsal;
  std::vector<PhaseCursor::Slot> cursors(EngineNeeds::of(program).cursors);
  PatternFeeder sides;
  Feeder feeder{cursors, &sides};
  feeder.seek(timeline, {}, LocalTime{});
  std::uint64_t taken = 0;
  for (Frame frame; feeder.next(frame); ++taken) {
    if (taken == most_frames) {
      rehearsal.complete = false;
      return rehearsal;
    }
    if (!rehearsing.take(frame, rehearsal)) return rehearsal;
  }
  return rehearsal;
}

}  // namespace takt
