// SPDX-License-Identifier: Apache-2.0
// Sees true time and both devices, and counts what must not happen.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "takt/app/record/true_time.h"
#include "takt/core/sync/plan.h"

namespace takt::sim {

/// The verdict on one session, or on many.
struct Verdict {
  std::uint64_t overlaps = 0;    ///< Both motors on.
  std::uint64_t short_gaps = 0;  ///< Less than the dead time between one side and the other.
  std::uint64_t bound_samples = 0;
  std::uint64_t dishonest_bounds = 0;
  std::uint64_t changes = 0;  ///< Plans that were played, after the first.
  std::uint64_t non_atomic_changes =
      0;                              ///< One device played the old plan after the other the new.
  std::uint64_t unsafe_silences = 0;  ///< Outputs on though the other was silent for too long.
  /// Outputs were on after an emergency stop, or after the first message of the other's stop.
  std::uint64_t slow_stops = 0;
  std::uint64_t unrecovered = 0;

  /// How often promises were broken.
  std::uint64_t breaches() const;
  bool clean() const { return breaches() == 0; }
  Verdict& operator+=(const Verdict& other);
};

/// One count of a verdict. All code that sums, judges or shows a verdict uses the table of these,
/// so no count can decide without being shown.
struct Count {
  std::uint64_t Verdict::*value;
  std::string_view key;    ///< In JSON.
  std::string_view name;   ///< For people.
  bool is_breach = true;   ///< Of a promise, if it is not 0.
  bool in_records = true;  ///< Can be told from records too, not only where all is simulated.
};
inline constexpr std::array<Count, 9> kCounts{
    {{&Verdict::overlaps, "overlaps", "both sides on"},
     {&Verdict::short_gaps, "short_gaps", "less than the dead time apart"},
     {&Verdict::bound_samples, "bound_samples", "bounds looked at", false},
     {&Verdict::dishonest_bounds, "dishonest_bounds", "bounds that did not hold"},
     {&Verdict::changes, "changes", "changes", false},
     {&Verdict::non_atomic_changes, "non_atomic_changes", "changes that only one made"},
     {&Verdict::unsafe_silences, "unsafe_silences", "outputs on after the holdover"},
     {&Verdict::slow_stops, "slow_stops", "stops that came late", true, false},
     {&Verdict::unrecovered, "unrecovered", "sessions that did not recover", true, false}}};
static_assert(sizeof(Verdict) == kCounts.size() * sizeof(std::uint64_t), "a count is missing");

/// What was measured in one session, besides the verdict.
struct Outcome {
  Verdict verdict;
  std::vector<float> edge_errors;
  std::vector<float> start_skews;
  double settle_s = 0;    ///< Until both clocks were good enough to start; -1: never.
  double pulse_kept = 0;  ///< Of the pulses' full length; -1: there were none.
  std::uint64_t messages = 0;
};

/// What a device believes at a moment.
struct Belief {
  /// A device that knows the time no better than this has no part in a session.
  static constexpr Micros kJoinedBound = seconds(1);

  bool joined = false;  ///< It plays, or could.
  bool settled = false;
  SessionTime session;
  Micros bound;
};

class Referee {
 public:
  static constexpr Micros kDeadTime = millis(1);
  static constexpr unsigned kMostPercent = 100;

  /// The motor of `device` runs with `percent` from `at` on; `beliefs` are those of both at this
  /// instant.
  void output(std::size_t device, TrueTime at, unsigned percent,
              const std::array<Belief, 2>& beliefs);
  /// Checks bounds at any other moment.
  void sample(TrueTime at, const std::array<Belief, 2>& beliefs);
  /// A device begins to play, or is to change to, this plan. Its motors run with `percent`, 1 to
  /// kMostPercent: from now on that means this plan. `pulse`: a full one, with perfect clocks.
  /// `exclusive`: the sides must not be on together.
  void planned(unsigned percent, const sync::Plan& plan, Micros pulse, bool exclusive);
  /// A datagram of the other reached the device whole.
  void heard(std::size_t device, TrueTime at) { heard_[device] = at; }

  const Verdict& verdict() const { return verdict_; }
  Verdict& verdict() { return verdict_; }

  bool is_on(std::size_t device) const { return on_[device] != 0; }
  TrueTime last_on(std::size_t device) const { return last_on_[device]; }
  /// Of the pulses' full length; -1: there were none.
  double pulse_kept() const { return full_pulse_time > 0 ? pulse_time / full_pulse_time : -1; }
  /// What it has counted, for the end.
  Outcome take_outcome();

  // Samples, in microseconds.
  std::vector<float> edge_errors;  ///< Both settled: how far apart both sides' plans are.
  std::vector<float> start_skews;  ///< The same at the first pulse after a start.
  double pulse_time = 0;           ///< How long pulses were on, once settled.
  double full_pulse_time = 0;      ///< How long they would be on with perfect clocks.

 private:
  void turned_on(std::size_t device, TrueTime at, unsigned percent,
                 const std::array<Belief, 2>& beliefs);

  Verdict verdict_;
  std::array<unsigned, 2> on_{};
  std::array<TrueTime, 2> last_on_{};
  std::array<TrueTime, 2> last_off_{};
  std::array<TrueTime, 2> heard_{};
  std::array<bool, 2> counted_{};  ///< The present pulse counts for the length of pulses.
  /// By percent, which sessions use in turn: the latest plan with it, 0: none.
  struct Known {
    std::uint64_t ordinal = 0;
    sync::Plan plan;
    Micros pulse;
    bool exclusive = true;
    bool flagged = false;
  };
  std::array<Known, kMostPercent + 1> known_{};
  std::uint64_t plans_ = 0;
  std::array<std::uint64_t, 2> shown_{};  ///< The newest plan that a device's motor showed.
  std::uint64_t skew_of_ = 0;
};

}  // namespace takt::sim
