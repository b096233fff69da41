// SPDX-License-Identifier: Apache-2.0
// The last guard on the way to the pins.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <optional>
#include <span>

#include "takt/core/base/levels.h"
#include "takt/core/playback/fault.h"
#include "takt/core/program/model.h"

namespace takt {

/// Holds every frame against the program's interlocks and limits, on two time scales.
///
/// By the plan. A frame whose nominal time breaks a rule is a fault: judge() says which. Lateness
/// cannot cause such a fault, and cannot hide one.
///
/// Settling. Where a phase ends early, nobody planned what meets there. From such a cut on, what
/// would break a rule waits instead: settle() lets an output come on once its own dead time,
/// reversal or shortest off-time is over, and go off once its shortest on-time is. Everything else
/// follows the frames at once. The result is the plan; when the cut and the last wait are longer
/// ago than any rule looks back, frames are judged again. Two outputs that a frame wants on
/// together, a level that is too high and an output that is on for too long remain faults.
///
/// In reality. Late frames may come so close together that a planned dead time would be cut short.
/// allow() then withholds what would come on too early and says until when; outputs going off
/// never wait. An output that was on for longer than it may be, and than lateness explains, is a
/// fault: overstayed() says which.
///
/// Going to safe levels is always allowed. What waited, for either reason, is counted.
///
/// Context: the realtime half. Cost: O(outputs + interlocks · outputs), for frames that change an
/// output with a rule; else constant. While settling, for every frame.
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

  /// Begins anew, with everything off since `off_since`; which way a motor turned before that is
  /// not known. Cost: O(outputs).
  void forget(LocalTime off_since = kLongAgo);

  /// Goes on with the rules of `next`, which are equal but may stand elsewhere. Counts from zero.
  void move_to(const InterlockGuard& next);

  /// The constructor and forget() in one.
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

  /// Goes to safe levels, which nothing forbids.
  void make_safe(LocalTime at);

  /// Says that what follows was not planned to follow what was before `at`.
  void begin_settling(LocalTime at);
  bool is_settling() const { return is_settling_; }
  /// judge() while settling. Ends settling where that is over.
  std::optional<Violation> settle(const Levels& next, LocalTime at);
  /// Lets outputs come on and go off that have waited until now.
  void settle_to(LocalTime now);
  /// When settle_to() will change something; kNever: nothing waits.
  LocalTime settles_at() const { return settles_at_; }
  /// Whether an output that should be off must be on a little longer.
  bool holds_on() const { return (planned_ & ~wanted_ & guarded_) != 0 && is_settling_; }

  /// What may be on the pins at `now` of the plan; `target` is the newest frame's.
  Allowed allow(const Levels& target, LocalTime now) const;

  /// Notes what is on the pins from `now` on.
  void note_applied(const Levels& levels, LocalTime now);

  /// Edges that did not come when the frames had them, because a rule made them wait; also those
  /// that never came. Any context.
  std::uint32_t withheld() const {
    return std::atomic_ref{withheld_}.load(std::memory_order_relaxed);
  }

  /// Which output is on for longer than it may be at `now`, by the plan.
  std::optional<Violation> overdue(LocalTime now) const;

  /// Which output has really been on at `now` for longer than it may be and `lateness`.
  std::optional<Violation> overstayed(LocalTime now, Micros lateness) const;

  /// When one of them may find something; kNever: not before the next frame.
  LocalTime overdue_at(Micros lateness) const;

 private:
  using Found = std::optional<Violation>;
  /// By direction output, the way in which its motor last ran.
  struct Turns {
    std::uint32_t clockwise = 0;
    std::uint32_t unknown = 0;

    bool differ(std::uint32_t levels, std::uint32_t direction) const {
      return (((clockwise ^ levels) | unknown) & direction) != 0;
    }
  };
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
  void note_turns(std::uint32_t before, Turns& turns) const;
  void note_planned(std::uint32_t next, LocalTime at);
  void note_waiting(std::uint32_t applied);
  bool turns_around(const Interlock& rule) const;
  void settle_now(LocalTime at);
  std::uint32_t held_on(std::uint32_t ending, LocalTime at);
  LocalTime free_from(std::uint8_t output, std::uint32_t held, LocalTime at) const;
  void wait_until(LocalTime then) { settles_at_ = std::min(settles_at_, then); }

  std::span<const Output> outputs_;
  std::span<const Interlock> rules_;
  std::span<History> history_;
  std::uint32_t guarded_ = 0;  ///< Outputs that any rule or limit names.
  std::uint32_t limited_ = 0;  ///< Outputs with a longest on-time.
  bool is_capped_ = false;     ///< An analog output has a highest level.
  bool is_settling_ = false;
  std::uint32_t planned_ = 0;
  std::uint32_t applied_ = 0;
  Turns planned_turns_;
  Turns applied_turns_;

  Micros longest_;                   ///< How far any rule looks back, but for the longest on-time.
  std::uint32_t wanted_ = 0;         ///< While settling: what the newest frame wants on.
  LocalTime settles_at_ = kNever;    ///< While settling: when an output that waits is due.
  LocalTime settled_from_ = kNever;  ///< When settling is over, unless another output has to wait.

  std::uint32_t waiting_ = 0;  ///< Outputs that are not as the newest frame has them.
  /// Others read it while it counts, so by std::atomic_ref only; that lets this class be copied.
  mutable std::uint32_t withheld_ = 0;
};

}  // namespace takt
