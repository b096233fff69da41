// SPDX-License-Identifier: Apache-2.0
#include "tools/programs/rehearsal.h"

#include <algorithm>
#include <vector>

#include "takt/core/base/bits.h"
#include "takt/core/engine/engine.h"
#include "takt/core/playback/interlock.h"

namespace takt {
namespace {

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

/// A stage on which a program is played to the guard alone.
class Stage {
 public:
  Stage(const Timeline& timeline, std::uint64_t most_frames)
      : timeline_(timeline),
        most_frames_(most_frames),
        has_rules_(InterlockGuard::needed_by(timeline.program())),
        motors_(unguarded_motors(timeline.program())),
        cursors_(EngineNeeds::of(timeline.program()).cursors),
        history_(timeline.program().outputs.size()) {}

  bool is_needed() const { return has_rules_ || !motors_.empty(); }

  Rehearsal play() {
    play_whole();
    if (!rehearsal_.fault || rehearsal_.is_certain) return rehearsal_;
    const Rehearsal whole = rehearsal_;
    const auto phases = static_cast<std::uint16_t>(timeline_.program().phases.size());
    for (std::uint16_t p = 0; p < phases && rehearsal_.complete; ++p) {
      play_alone(p);
      if (rehearsal_.is_certain) return rehearsal_;
    }
    return whole;
  }

 private:
  const Condition& end_of(std::uint32_t entry) const {
    return timeline_.program().phases[timeline_.entry(entry).phase].end;
  }
  /// When the condition of `entry`, which began at `begun`, may end it; kNever: it has none.
  LocalTime earliest_end(std::uint32_t entry, LocalTime begun) const {
    const Condition& end = end_of(entry);
    return end.exists() ? begun + end.arm_after + end.hold : kNever;
  }
  LocalTime timeout_of(std::uint32_t entry, LocalTime begun) const {
    const Condition& end = end_of(entry);
    return end.exists() && end.timeout > Micros{0} ? begun + end.timeout : kNever;
  }

  void begin(std::uint32_t entry, LocalTime at) {
    course_.begin_at(timeline_, {entry, Micros{0}}, at);
    entry_ = entry;
    begun_ = at;
    earliest_end_ = std::min(earliest_end_, earliest_end(entry, at));
  }

  void play_whole() {
    guard_.set_rules(timeline_.program(), history_);
    begin(0, LocalTime{});
    for (Frame frame; course_.next(frame);) {
      const LocalTime timeout = timeout_of(entry_, begun_);
      const bool is_over = timeout <= frame.at;
      if (fails_before(is_over ? timeout : frame.at)) return;
      if (is_over) {
        if (entry_ + 1 == timeline_.entry_count()) return;
        begin(entry_ + 1, timeout);
        guard_.begin_settling(timeout);
        continue;
      }
      if (frame.entry != entry_ && frame.entry != kEndEntry) {
        entry_ = frame.entry;
        begun_ = frame.at;
        earliest_end_ = std::min(earliest_end_, earliest_end(entry_, begun_));
      }
      look_for_reversal(frame);
      if (!judge(frame)) return;
    }
  }

  /// The phase by itself, with a guard that waits for ever: what is still a fault always is.
  void play_alone(std::uint16_t phase) {
    const std::uint32_t entry = timeline_.entry_of(phase, 0);
    guard_.forget();
    earliest_end_ = kNever;
    const LocalTime at{timeline_.start_of(entry)};
    begin(entry, at);
    guard_.begin_settling(kNever - seconds(1'000'000'000));
    const LocalTime until = std::min(earliest_end_, timeout_of(entry, at));
    for (Frame frame; course_.next(frame) && frame.entry == entry && frame.at <= until;) {
      if (judge(frame)) continue;
      const FaultReason reason = rehearsal_.fault->reason;
      if (reason == FaultReason::kTogether || reason == FaultReason::kTooHigh) return;
      rehearsal_.fault.reset();
      rehearsal_.is_certain = false;
      return;
    }
  }

  /// Whether an output is on for too long before `then`.
  bool fails_before(LocalTime then) {
    if (guard_.is_settling()) guard_.settle_to(then - Micros{1});
    const LocalTime overdue_at = guard_.overdue_at(Micros{0});
    if (overdue_at >= then) return false;
    const auto violation = guard_.overdue(overdue_at);
    if (violation) fail(*violation, overdue_at);
    return violation.has_value();
  }

  void look_for_reversal(const Frame& frame) {
    const std::uint32_t before = levels_.on;
    levels_ = frame.levels;
    if (rehearsal_.reversal) return;
    for (const std::uint8_t motor : motors_) {
      const unsigned direction = timeline_.program().outputs[motor].direction;
      const bool runs_on = has(before & levels_.on, motor);
      if (!runs_on || !has(before ^ levels_.on, direction)) continue;
      rehearsal_.reversal = {motor, frame.entry, frame.at.since_zero()};
      return;
    }
  }

  bool judge(const Frame& frame) {
    if (taken_ == most_frames_) {
      rehearsal_.complete = false;
      return false;
    }
    ++taken_;
    if (!has_rules_) return true;
    ++rehearsal_.frames;
    const auto violation = guard_.is_settling() ? guard_.settle(frame.levels, frame.at)
                                                : guard_.judge(frame.levels, frame.at);
    if (violation) fail(*violation, frame.at);
    return !violation;
  }

  void fail(const InterlockGuard::Violation& violation, LocalTime at) {
    rehearsal_.fault = Fault{at, violation.reason, violation.output, violation.other, entry_};
    rehearsal_.is_certain = at <= earliest_end_;
  }

  const Timeline& timeline_;
  const std::uint64_t most_frames_;
  const bool has_rules_;
  const std::vector<std::uint8_t> motors_;  ///< That no interlock guards.
  std::vector<PhaseCursor::Slot> cursors_;
  std::vector<InterlockGuard::History> history_;
  PatternFeeder sides_;
  Course course_{cursors_, &sides_};
  InterlockGuard guard_;
  Rehearsal rehearsal_;
  std::uint64_t taken_ = 0;          ///< Frames.
  Levels levels_;                    ///< Of the latest.
  std::uint32_t entry_ = 0;          ///< The phase run that plays.
  LocalTime begun_;                  ///< When that run began.
  LocalTime earliest_end_ = kNever;  ///< Before this, no condition has ended any.
};

}  // namespace

Rehearsal rehearse(const Timeline& timeline, std::uint64_t most_frames) {
  Stage stage{timeline, most_frames};
  return stage.is_needed() && timeline.duration() > Micros{0} ? stage.play() : Rehearsal{};
}

}  // namespace takt
