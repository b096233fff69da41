// SPDX-License-Identifier: Apache-2.0
#include "takt/core/sync/estimator.h"

#include <algorithm>
#include <cmath>

#include "takt/core/base/assert.h"

namespace takt::sync {
namespace {

/// Two crystals seldom differ by more than twice this; what the fit starts from.
constexpr double kUsualRate = 30e-6;

/// Beyond this many standard errors the rate is taken not to lie.
constexpr double kSureErrors = 3;

// How a rate goes on in silence. The periods of temperature that matter are those of rooms, bodies
// and heaters, 20 to 60 minutes; these four keep the worst of them smallest after ten minutes.
constexpr double kMeanMemory = 1'800e6;
constexpr double kReturn = 240e6;     ///< The way back to the mean rate is 1/e done after this.
constexpr double kTrendEnds = 600e6;  ///< The trend has become its own opposite after this.
constexpr double kTrendLag = 100e6;   ///< The trend is a difference over about this.

constexpr double kFinest = 1;  ///< Stamps are whole microseconds.
/// By how much rounded stamps may put a true limit on the wrong side: one for each of the two.
constexpr double kRounding = 2;

double ppb(double count) { return count * 1e-9; }
double square(double x) { return x * x; }

}  // namespace

Estimator::Estimator(const EstimatorConfig& config) : config_(config) {
  TAKT_ASSERT(config.bucket >= millis(100) && config.memory > Micros{0});
  reset();
}

void Estimator::reset() {
  count_ = 0;
  length_ = (config_.bucket / 4).count();
  exchanges_ = 0;
  line_at_ = line_ = rate_ = mean_rate_ = late_rate_ = averaged_ = error_ = 0;
  rate_error_ = ppb(config_.oscillator.difference_ppb) / kSureErrors;
  stale_ = false;
  session_rate_ppb_ = 0;
}

bool Estimator::add(const Exchange& exchange) {
  const Micros round_trip = exchange.round_trip();
  if (exchange.answered < exchange.reached || round_trip < Micros{0} ||
      round_trip > kLongestRoundTrip) {
    return false;
  }
  if (exchange.rate_ppb != session_rate_ppb_) reset();
  if (exchanges_ == 0) {
    local_base_ = exchange.sent;
    session_base_ = exchange.reached;
    session_rate_ppb_ = exchange.rate_ppb;
  }
  const auto limit_of = [this](LocalTime local, SessionTime session) {
    const std::int64_t at = (local - local_base_).count();
    return Limit{static_cast<double>(at),
                 static_cast<double>((session - session_base_).count() - at) -
                     ppb(session_rate_ppb_) * static_cast<double>(at),
                 true};
  };
  open((exchange.returned - local_base_).count());
  Bucket& bucket = buckets_[count_ - 1];
  tighten(bucket.upper, limit_of(exchange.sent, exchange.reached), 1);
  tighten(bucket.lower, limit_of(exchange.returned, exchange.answered), -1);
  ++exchanges_;
  stale_ = true;
  return true;
}

/// Keeps the limit that is tighter where both are carried to one instant. `sign` is 1 for upper.
void Estimator::tighten(Limit& kept, const Limit& limit, double sign) const {
  if (!kept.known || sign * (limit.offset - kept.offset - rate_ * (limit.at - kept.at)) <= 0) {
    kept = limit;
  }
}

/// Makes the newest bucket one that `at` belongs to.
void Estimator::open(std::int64_t at) {
  if (count_ > 0 && at < buckets_[count_ - 1].begin + length_) return;
  if (stale_) fit(static_cast<double>(at));
  if (count_ > 0) buckets_[count_ - 1].rates = newest_rates();
  if (count_ == kBuckets) {
    if (length_ < config_.bucket.count()) {
      halve();
    } else {
      std::move(buckets_.begin() + 1, buckets_.end(), buckets_.begin());
      --count_;
    }
  }
  buckets_[count_++] = {{}, {}, at, {-HUGE_VAL, HUGE_VAL}};
}

/// Joins neighbours, so that buckets become twice as long.
void Estimator::halve() {
  for (std::size_t i = 0; i < kBuckets / 2; ++i) {
    Bucket joined = buckets_[2 * i];
    tighten(joined.upper, buckets_[2 * i + 1].upper, 1);
    tighten(joined.lower, buckets_[2 * i + 1].lower, -1);
    joined.rates.low = std::max(joined.rates.low, buckets_[2 * i + 1].rates.low);
    joined.rates.high = std::min(joined.rates.high, buckets_[2 * i + 1].rates.high);
    buckets_[i] = joined;
  }
  count_ = kBuckets / 2;
  length_ *= 2;
}

/// How far behind the best a good limit of one way typically is: the mean of those below the mean.
double Estimator::noise(Limit Bucket::*way, double sign, double& best) const {
  best = HUGE_VAL;
  double sum = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    const Limit& limit = buckets_[i].*way;
    const double level = sign * (limit.offset - rate_ * limit.at);
    best = std::min(best, level);
    sum += level;
  }
  const double mean = sum / static_cast<double>(count_);
  double low = 0;
  int below = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    const Limit& limit = buckets_[i].*way;
    const double level = sign * (limit.offset - rate_ * limit.at);
    if (level <= mean) low += level, ++below;
  }
  const double seen = below > 0 ? low / below - best : 0;
  // Of few limits the spread says little; that of delays is then as good a guess.
  const Bucket& newest = buckets_[count_ - 1];
  const double delay = (newest.upper.offset - newest.lower.offset) / 2;
  return kFinest + seen + std::abs(delay) / square(static_cast<double>(count_));
}

Estimator::Sums Estimator::centre(Limit Bucket::*way, double sign, double now, double& scale) {
  double best = 0;
  scale = noise(way, sign, best);
  Sums sums;
  for (std::size_t i = 0; i < count_; ++i) {
    const Limit& limit = buckets_[i].*way;
    const double age = now - limit.at;
    const double behind = sign * (limit.offset - rate_ * limit.at) - best;
    // What a rate not yet known may account for is not held against a limit.
    const double allowed = scale + kSureErrors * rate_error_ * age;
    weights_[i] = std::exp(-age / static_cast<double>(config_.memory.count())) *
                  square(allowed / (allowed + behind));
    sums.weight += weights_[i];
    sums.at += weights_[i] * limit.at;
    sums.offset += weights_[i] * limit.offset;
  }
  sums.at /= sums.weight;
  sums.offset /= sums.weight;
  for (std::size_t i = 0; i < count_; ++i) {
    const Limit& limit = buckets_[i].*way;
    const double from = limit.at - sums.at;
    sums.square += weights_[i] * from * from;
    sums.product += weights_[i] * from * (limit.offset - sums.offset);
  }
  return sums;
}

void Estimator::fit(double now) {
  const double since = now - line_at_;
  for (int round = 0; round < 2; ++round) {
    double upper_scale = 0;
    double lower_scale = 0;
    const Sums upper = centre(&Bucket::upper, 1, now, upper_scale);
    const Sums lower = centre(&Bucket::lower, -1, now, lower_scale);
    const double variance = (square(upper_scale) + square(lower_scale)) / 2;
    const double spread = upper.square + lower.square + variance / square(kUsualRate);
    const double most = ppb(config_.oscillator.difference_ppb);
    rate_ = std::clamp((upper.product + lower.product) / spread, -most, most);
    rate_error_ = std::sqrt(variance / spread);
    line_at_ = now;
    // Even the best of a bucket lies behind the limit, by about the scale: more where the way is
    // the more jittery one.
    line_ = (upper.offset - upper_scale + lower.offset + lower_scale +
             rate_ * (2 * now - upper.at - lower.at)) /
            2;
    error_ = std::sqrt(variance * (1 / upper.weight + 1 / lower.weight) / 4 +
                       square(rate_error_ * (now - (upper.at + lower.at) / 2)));
  }
  follow_temperature(since);
  stale_ = false;
}

/// `since`: the time since the last call.
void Estimator::follow_temperature(double since) {
  averaged_ = std::min(averaged_ + since, kMeanMemory);
  if (averaged_ == 0) return;
  mean_rate_ += (rate_ - mean_rate_) * since / averaged_;
  late_rate_ += (rate_ - late_rate_) * since / std::min(averaged_, kTrendLag + since);
}

/// Of the rate, in 1/us; as good as none where the rate itself is not known better than it changes.
double Estimator::trend() const {
  const double change = rate_ - late_rate_;
  const double error = rate_error_ + kFinest / kTrendLag;
  return change / kTrendLag * square(change) / (square(change) + square(error));
}

/// Between which the average rate from an earlier bucket to the newest one was: it cannot have been
/// outside of what the limits at both leave open, however lopsided the link was or came to be.
Estimator::Range Estimator::newest_rates() const {
  const Bucket& late = buckets_[count_ - 1];
  Range range{-HUGE_VAL, HUGE_VAL};
  for (std::size_t i = 0; i + 1 < count_; ++i) {
    const Bucket& early = buckets_[i];
    const double rise = late.upper.at - early.lower.at;
    const double fall = late.lower.at - early.upper.at;
    if (rise <= 0 || fall <= 0) continue;
    range.high = std::min(range.high, (late.upper.offset - early.lower.offset + kRounding) / rise);
    range.low = std::max(range.low, (late.lower.offset - early.upper.offset - kRounding) / fall);
  }
  return range;
}

/// Between which the rate is now: no further from what it was lately than oscillators are stable,
/// and twice as far from what it was a while ago.
Estimator::Range Estimator::rates() const {
  if (!config_.bound_grows) return {rate_, rate_};
  const double most = ppb(config_.oscillator.difference_ppb);
  const double stable = ppb(config_.oscillator.stability_ppb);
  const Range newest = newest_rates();
  Range range{std::max(-most, newest.low - stable), std::min(most, newest.high + stable)};
  for (std::size_t i = 0; i + 1 < count_; ++i) {
    range.low = std::max(range.low, buckets_[i].rates.low - 2 * stable);
    range.high = std::min(range.high, buckets_[i].rates.high + 2 * stable);
  }
  return range;
}

bool Estimator::is_consistent(const Range& rates, double at) const {
  if (!config_.bound_grows) return true;
  const Range range = range_at(at, rates);
  return rates.low <= rates.high && range.low <= range.high + 2 * kRounding;
}

bool Estimator::is_consistent(LocalTime now) const {
  return exchanges_ == 0 ||
         is_consistent(rates(), static_cast<double>((now - local_base_).count()));
}

/// Between which offsets all limits put the true one, if rates were between `rates`.
Estimator::Range Estimator::range_at(double at, const Range& rates) const {
  Range range{-HUGE_VAL, HUGE_VAL};
  for (std::size_t i = 0; i < count_; ++i) {
    const auto& [upper, lower, begin, ignored] = buckets_[i];
    range.high = std::min(range.high, upper.offset + rates.high * (at - upper.at));
    range.low = std::max(range.low, lower.offset + rates.low * (at - lower.at));
  }
  return range;
}

ClockMap Estimator::map_at(LocalTime now) {
  if (exchanges_ == 0) {
    return {now, SessionTime{now.since_zero()}, 0, config_.oscillator.difference_ppb, kUnknown};
  }
  const auto at = static_cast<double>((now - local_base_).count());
  if (stale_) fit(at);
  const double silence = at - line_at_;
  const double away = std::exp(-silence / kReturn);
  const double bent = std::exp(-silence / kTrendEnds);
  Range rates = this->rates();
  const bool is_known = is_consistent(rates, at);
  if (rates.low > rates.high) std::swap(rates.low, rates.high);
  const double rate = std::clamp(
      mean_rate_ + (rate_ - mean_rate_) * away + trend() * silence * bent, rates.low, rates.high);
  double line = line_ + mean_rate_ * silence + (rate_ - mean_rate_) * kReturn * (1 - away) +
                trend() * square(kTrendEnds) * (1 - bent * (1 + silence / kTrendEnds));
  Range range = range_at(at, rates);
  if (range.low > range.high) std::swap(range.low, range.high);
  line = std::clamp(line, range.low, range.high);
  const double bound = std::max(range.high - line, line - range.low);
  const auto offset = static_cast<std::int64_t>(std::floor(line + ppb(session_rate_ppb_) * at));
  return {now, session_base_ + (now - local_base_) + Micros{offset},
          static_cast<std::int32_t>(std::lround(rate * 1e9)) + session_rate_ppb_,
          static_cast<std::uint32_t>(std::max(rates.high - rate, rate - rates.low) * 1e9) + 1,
          is_known ? Micros{static_cast<std::int64_t>(std::ceil(bound + kRounding))} : kUnknown};
}

}  // namespace takt::sync
