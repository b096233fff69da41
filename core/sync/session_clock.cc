// SPDX-License-Identifier: Apache-2.0
#include "core/sync/session_clock.h"

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

void SessionClock::lead(LocalTime now, bool alone) {
  const ClockMap best = best_at(now);
  const bool known = estimator_.exchanges() > 0;
  if (known) rate_ppb_ = best.rate_ppb;
  map_ = {now, map_.session_at(now), rate_ppb_,
          alone ? 0 : std::max(map_.growth_ppb, best.growth_ppb),
          alone ? Micros{0} : map_.bound_at(now)};
  typical_ = map_.bound;
  leading_ = true;
}

void SessionClock::be_exact(LocalTime now) {
  typical_ = {};
  map_ = {now, map_.session_at(now), map_.rate_ppb, 0, Micros{0}};
}

void SessionClock::follow(LocalTime now) {
  // What was being slewed towards is past; the bound covers what is left of it.
  map_ = {now, map_.session_at(now), rate_ppb_, map_.growth_ppb, map_.bound_at(now)};
  estimator_.reset();
  doubt_ = {};
  leading_ = false;
}

bool SessionClock::update(LocalTime now, bool steady) {
  if (leading_ || now < due_ || estimator_.exchanges() == 0) return false;
  const ClockMap best = best_at(now);
  const Micros behind = best.session_at(now) - map_.session_at(now);
  const Micros apart = behind < Micros{0} ? -behind : behind;
  const Micros held = map_.bound_at(now);
  // A new leader is believed once it is better known than the old one is remembered.
  if (best.bound > held + apart && estimator_.exchanges() < 16) return false;
  const Micros certain{kDrift.count() * 1'000'000'000 / std::max<std::int64_t>(best.growth_ppb, 1)};
  due_ = now + (steady ? std::clamp(certain, kSoonest, kRepublish) : kSoonest);
  rate_ppb_ = best.rate_ppb;
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
    map_.rate_ppb += static_cast<std::int32_t>(behind.count() * 1'000'000'000 / within.count());
    due_ = std::min(due_, now + within);
  }
  return true;
}

}  // namespace takt::sync
