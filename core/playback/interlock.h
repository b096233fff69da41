// SPDX-License-Identifier: Apache-2.0
// The last guard on the way to the pins.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "core/base/levels.h"
#include "core/playback/fault.h"
#include "core/program/model.h"

namespace takt {

/// Holds every frame against the program's interlocks and limits, on two time scales.
///
/// By the plan. A frame whose nominal time breaks a rule is a fault: judge() says which. Lateness
/// cannot cause such a fault, and cannot hide one.
///
/// In reality. Late frames may come so close together that a planned dead time would be cut short.
/// allow() then withholds what would come on too early and says until when; outputs going off
/// never wait. An output that was on for longer than it may be, and than lateness explains, is a
/// fault: overstayed() says which.
///
/// Going to safe levels is always allowed.
///
/// Context: the realtime half. Cost: O(outputs + interlocks · outputs), for frames that change an
/// output with a rule; else constant.
class InterlockGuard {
 public:
  /// The instants of an output's last change, on both scales.
  struct History {
    LocalTime planned;
    LocalTime actual;
  };
  struct Violation {
    FaultReason reason;
    std::uint8_t output = kNoOutput;
    std::uint8_t other = kNoOutput;
  };
  struct Allowed {
    Levels levels;
    LocalTime until = kNever;  ///< Something is withheld until then; kNever: nothing is.
  };

  /// Whether `program` has any rules at all.
  static bool needed_by(const Program& program);

  InterlockGuard() = default;
  /// Takes the rules of `program`. Both `program`'s tables and `storage`, one History for each
  /// output if there are rules, must stay in place; `storage` is first written by forget().
  /// Cost: O(outputs + rules); the rest of this class costs nothing without rules.
  InterlockGuard(const Program& program, std::span<History> storage);

  /// Begins anew, with everything off for as long as any rule asks. Cost: O(outputs).
  void forget();

  /// Both in one.
  void set_rules(const Program& program, std::span<History> storage) {
    *this = InterlockGuard{program, storage};
    forget();
  }

  /// Whether there is anything to hold frames against. If not, the other members may be left out.
  bool has_rules() const { return guarded_ != 0 || is_capped_; }

  /// Whether a planned frame breaks a rule. If not, it becomes the newest planned one.
  std::optional<Violation> judge(const Levels& next, LocalTime at);

  /// The outputs that the newest planned frame has on.
  std::uint32_t planned() const { return planned_; }

  /// What of `target` may be on the pins at `now`.
  Allowed allow(const Levels& target, LocalTime now) const;

  /// Notes what is on the pins from `now` on.
  void note_applied(const Levels& levels, LocalTime now);

  /// Which output is on for longer than it may be at `now`, by the plan.
  std::optional<Violation> overdue(LocalTime now) const;

  /// Which output has really been on at `now` for longer than it may be and `lateness`.
  std::optional<Violation> overstayed(LocalTime now, Micros lateness) const;

  /// When one of them may find something; kNever: not before the next frame.
  LocalTime overdue_at(Micros lateness) const;

 private:
  using Found = std::optional<Violation>;
  Found judge_caps(const Levels& next) const;
  Found judge_limits(std::uint32_t changed, std::uint32_t next, LocalTime at) const;
  Found judge_rule(const Interlock& rule, std::uint32_t next, LocalTime at) const;
  Found judge_together(const Interlock& rule, std::uint32_t next, LocalTime at) const;
  Found judge_reversal(const Interlock& rule, std::uint32_t next, LocalTime at) const;
  struct Withheld {
    std::uint32_t off = 0;   ///< Outputs that stay or go off.
    std::uint32_t kept = 0;  ///< Directions that stay as they are.
  };
  LocalTime withhold(const Interlock& rule, std::uint32_t target, LocalTime now,
                     Withheld& withheld) const;
  std::uint32_t direction_bit(const Interlock& rule) const;
  void note_turns(std::uint32_t before, std::uint32_t& turned) const;

  std::span<const Output> outputs_;
  std::span<const Interlock> rules_;
  std::span<History> history_;
  std::uint32_t guarded_ = 0;  ///< Outputs that any rule or limit names.
  std::uint32_t limited_ = 0;  ///< Outputs with a longest on-time.
  bool is_capped_ = false;     ///< An analog output has a highest level.
  std::uint32_t planned_ = 0;
  std::uint32_t applied_ = 0;
  // By direction output, the way in which its motor last ran, on both scales.
  std::uint32_t planned_turn_ = 0;
  std::uint32_t applied_turn_ = 0;
};

}  // namespace takt
