// SPDX-License-Identifier: Apache-2.0
#include "takt/core/sync/session_clock.h"

#include <algorithm>

namespace takt::sync {

/// As estimated, for all in the session and not only towards the leader.
ClockMap SessionClock::best_at(LocalTime now) {
  ClockMap best = estimator_.map_at(now);
  if (doubt_ == Micros{0}) return best;
  // The leader's doubt grows as its own clock drifts, which is no better than this one.
  const std::int64_t age = std::max(now - doubted_, Micros{0}).count();
  best.bound += doubt_ + Micros{age * best.growth_ppb / 1'000'000'000 + 1};
  best.growth_ppb *= 2;
  return best;
}

bool SessionClock::add(const Exchange& exchange, Micros doubt) {
  if (!estimator_.add(exchange)) return false;
  doubt_ = doubt;
  doubted_ = exchange.returned;
  if (!estimator_.is_consistent(exchange.returned)) due_ = exchange.returned;
  return true;
}

void SessionClock::lead(LocalTime now, bool alone) {
  if (estimator_.exchanges() > 0) {
    const ClockMap best = best_at(now);
    rate_ppb_ = best.rate_ppb;
    growth_ppb_ = best.growth_ppb;
  }
  const std::int64_t followed = rate_ppb_;
  rate_ppb_ = static_cast<std::int32_t>(std::clamp(followed, -most_ppb_, most_ppb_));
  growth_ppb_ =
      alone ? 0 : growth_ppb_ + static_cast<std::uint32_t>(std::abs(followed - rate_ppb_));
  map_ = {now, map_.session_at(now), rate_ppb_, growth_ppb_,
          alone ? Micros{0} : map_.bound_at(now)};
  typical_ = map_.bound;
  leading_ = true;
}

/// Nothing is known any more, least of all how far from here the session's time is.
void SessionClock::lose(LocalTime now) {
  map_.session = map_.session_at(now);
  map_.local = now;
  map_.bound = Estimator::kUnknown;
  typical_ = Micros::max();
  estimator_.reset();
  doubt_ = {};
  due_ = now;
  ++losses_;
}

void SessionClock::be_exact(LocalTime now) {
  typical_ = {};
  growth_ppb_ = 0;
  map_ = {now, map_.session_at(now), rate_ppb_, growth_ppb_, Micros{0}};
}

void SessionClock::follow(LocalTime now) {
  // What was being slewed towards is past; the bound covers what is left of it.
  map_ = {now, map_.session_at(now), rate_ppb_, growth_ppb_, map_.bound_at(now)};
  estimator_.reset();
  doubt_ = {};
  leading_ = false;
}

bool SessionClock::update(LocalTime now, bool steady) {
  if (leading_ || now < due_ || estimator_.exchanges() == 0) return false;
  if (!estimator_.is_consistent(now)) {
    lose(now);
    return true;
  }
  const ClockMap best = best_at(now);
  const Micros behind = best.session_at(now) - map_.session_at(now);
  const Micros apart = behind < Micros{0} ? -behind : behind;
  const Micros held = map_.bound_at(now);
  // A new leader is believed once it is better known than the old one is remembered.
  if (best.bound > held + apart && estimator_.exchanges() < 16) return false;
  const Micros certain{kDrift.count() * 1'000'000'000 / std::max<std::int64_t>(best.growth_ppb, 1)};
  due_ = now + (steady ? std::clamp(certain, kSoonest, kRepublish) : kSoonest);
  rate_ppb_ = best.rate_ppb;
  growth_ppb_ = best.growth_ppb;
  typical_ = estimator_.typical_error() * kTypicalErrors + Micros{1};
  if (!steady || apart > kSlewed) {
    if (steady && apart > kJump) ++jumps_;
    map_ = best;
    due_ = now + kSoonest;
    return true;
  }
  map_ = {now, map_.session_at(now), best.rate_ppb, best.growth_ppb, best.bound + apart};
  typical_ += apart;
  if (apart > Micros{2}) {
    const Micros within = std::max(kSoonest, Micros{apart.count() * 1'000'000'000 / kSlewPpb});
    const std::int64_t slew = behind.count() * 1'000'000'000 / within.count();
    map_.rate_ppb += static_cast<std::int32_t>(slew);
    // A device that is stopped meanwhile goes past the line by as much.
    map_.growth_ppb += static_cast<std::uint32_t>(std::abs(slew));
    due_ = std::min(due_, now + within);
  }
  return true;
}

}  // namespace takt::sync
