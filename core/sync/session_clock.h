// SPDX-License-Identifier: Apache-2.0
// The clock map that a device plays by: follows the estimate without jumps.
#pragma once

#include <algorithm>
#include <cstdint>

#include "takt/core/base/clock_map.h"
#include "takt/core/sync/estimator.h"

namespace takt::sync {

/// Maintains the one ClockMap of a device.
///
/// While steady, small corrections are slewed: session time stays continuous and never goes back;
/// what is still to be corrected is part of the bound. Larger ones are one step, which players take
/// at their next boundary, so that no edge repeats or vanishes either. Corrections beyond kJump,
/// after a long silence or of another leader, are counted, so that players may begin anew.
///
/// While the device leads, its own line is session time: it goes on from where it was, at the rate
/// that the device has followed, as far as two oscillators may differ. Its bound is how far others
/// may be from it until they follow. Every answer states that rate. So followers compare clocks
/// with clocks, as OscillatorLimits require, however often session time was handed on.
///
/// Limits that contradict each other mean that nothing is known: the estimate begins anew, with a
/// bound of Estimator::kUnknown.
class SessionClock {
 public:
  static constexpr Micros kSlewed = millis(2);
  static constexpr Micros kJump = millis(20);
  static constexpr std::int64_t kSlewPpb = 500'000;
  static constexpr std::int64_t kTypicalErrors = 4;

  explicit SessionClock(const EstimatorConfig& config)
      : estimator_(config), most_ppb_(config.oscillator.difference_ppb) {
    forget();
  }

  const ClockMap& map() const { return map_; }
  /// map() with a bound that holds as a rule: kTypicalErrors standard errors, instead of all that
  /// a lopsided link could account for.
  ClockMap typical_map() const {
    ClockMap map = map_;
    map.bound = std::min(map.bound, typical_);
    return map;
  }
  std::uint32_t jumps() const { return jumps_; }
  /// How often limits contradicted each other.
  std::uint32_t losses() const { return losses_; }
  const Estimator& estimator() const { return estimator_; }

  /// Keeps time for others from now on. `alone`: nobody else has a notion of session time.
  void lead(LocalTime now, bool alone);
  /// Says that it leads and everybody follows: by definition there is no error.
  void be_exact(LocalTime now);
  /// Takes session time from another; the present line holds until there is something better.
  void follow(LocalTime now);

  /// Drops what was known of session time.
  void forget() {
    map_ = {LocalTime{}, SessionTime{}, 0, 0, Estimator::kUnknown};
    rate_ppb_ = 0;
    growth_ppb_ = 0;
    typical_ = Micros::max();
    estimator_.reset();
    doubt_ = {};
  }

  /// `doubt`: see Message; it makes the bound larger. False: see Estimator::add().
  bool add(const Exchange& exchange, Micros doubt = {});

  /// Brings the map up to date; true: it changed. `steady`: outputs are played by it.
  /// Cost: O(Estimator::kBuckets), a few times a minute once settled.
  bool update(LocalTime now, bool steady);
  /// When to call update() next; kNever: not before the next exchange.
  LocalTime due() const { return leading_ ? kNever : due_; }

 private:
  /// How long a map is good for while nothing new is known.
  static constexpr Micros kRepublish = seconds(10);
  static constexpr Micros kSoonest = seconds(1);
  /// A new map is due when the old one may have drifted by this.
  static constexpr Micros kDrift{40};

  ClockMap best_at(LocalTime now);
  void lose(LocalTime now);

  Estimator estimator_;
  const std::int64_t most_ppb_;
  ClockMap map_;
  Micros doubt_;                    ///< The leader's own bound at doubted_.
  LocalTime doubted_;               ///< When doubt_ was heard.
  std::int32_t rate_ppb_ = 0;       ///< The rate of map_, without what it is slewed by.
  std::uint32_t growth_ppb_ = 0;    ///< How far rate_ppb_ may be off.
  Micros typical_ = Micros::max();  ///< Bound at the anchor of map_, typically.
  LocalTime due_;
  std::uint32_t jumps_ = 0;
  std::uint32_t losses_ = 0;
  bool leading_ = false;
};

}  // namespace takt::sync
