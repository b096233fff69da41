// SPDX-License-Identifier: Apache-2.0
// How far the session's clock is from ours, how fast it moves away, and how wrong that may be.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "takt/core/base/clock_map.h"
#include "takt/core/base/time.h"

namespace takt::sync {

/// What two oscillators may do to each other. Both numbers are promises: where they do not hold,
/// bounds are wrong.
struct OscillatorLimits {
  /// Largest difference of two rates: two crystals of ±50 ppm.
  std::uint32_t difference_ppb = 100'000;
  /// Largest deviation of the difference from what was measured lately: temperature and ageing
  /// over the minutes of a holdover.
  std::uint32_t stability_ppb = 4'000;
};

struct EstimatorConfig {
  OscillatorLimits oscillator;
  /// Length of time of which only the fastest datagram each way counts. Longer suits links with
  /// much jitter: the best of n comes n times closer to the shortest delay.
  Micros bucket = seconds(8);
  /// Age at which a bucket's weight in the fit has fallen to 1/e: temperature bends the line.
  Micros memory = seconds(64);
  /// Cleared only to prove that the simulator would notice.
  bool bound_grows = true;
};

/// The four stamps of a request and its answer, taken where datagrams leave and arrive.
struct Exchange {
  LocalTime sent;
  SessionTime reached;
  SessionTime answered;
  LocalTime returned;
  /// Session time is faster by this than the clock of the device that answered; at most
  /// ±ClockMap::kMaxRatePpb. OscillatorLimits compare two clocks, and session time may be neither.
  std::int32_t rate_ppb = 0;

  Micros round_trip() const { return (returned - sent) - (answered - reached); }
};

/// Estimates the line from local to session time out of exchanges with the device that keeps that
/// time.
///
/// No datagram arrives before it was sent, so each way limits the offset from one side. A bucket
/// keeps the tightest limit of each way; buckets double in length until they have the configured
/// one, so the first seconds are used as well as the last minutes.
///
/// Estimate. A weighted line fit through both sets of limits with one common slope; the middle
/// between the two lines is the offset. What lies far inside (queues, one-way congestion) weighs
/// next to nothing. The slope shrinks towards zero as its uncertainty grows (ridge regression). In
/// silence it follows its trend for some minutes and returns to its mean, as temperature does.
///
/// Bound. The limits themselves, each widened by what the oscillators may have done since: half
/// the best round trip, residual and drift in one. How fast they may have gone is taken from pairs
/// of limits in the same way, not from the scatter of the fit. It assumes OscillatorLimits and
/// nothing about the link's symmetry, or that it stays as it is.
///
/// Contradiction. Limits that leave no line open mean that somebody's clock did not keep what
/// OscillatorLimits promise: it was stopped, set, or is another one. Then nothing is known.
///
/// Cost: O(kBuckets) double operations in map_at() and when a bucket closes; else O(1).
class Estimator {
 public:
  static constexpr std::size_t kBuckets = 32;
  /// Slower answers say nothing that others do not say better.
  static constexpr Micros kLongestRoundTrip = seconds(4);

  explicit Estimator(const EstimatorConfig& config);

  void reset();

  /// False: the exchange is impossible or useless, and was ignored. If `rate_ppb` differs from that
  /// of the exchanges before, another device keeps session time: the estimate begins anew.
  bool add(const Exchange& exchange);

  std::uint32_t exchanges() const { return exchanges_; }

  /// The best line for now, anchored at `now`, which is not before the last exchange. Before the
  /// first exchange: identity with kUnknown for a bound. While the limits contradict each other:
  /// the best guess with kUnknown for a bound.
  ClockMap map_at(LocalTime now);

  /// Whether the limits leave any line open at `now`. Cost: as map_at().
  bool is_consistent(LocalTime now) const;

  /// How far the estimate is off, typically: standard error of the fit, without the part of the
  /// bound that only a lopsided link could use up.
  Micros typical_error() const { return Micros{static_cast<std::int64_t>(error_)}; }

  /// Bound of a clock about which nothing is known.
  static constexpr Micros kUnknown = seconds(3'600);

 private:
  /// A limit of the offset (session less local, from the bases), at a local instant, both in us.
  struct Limit {
    double at = 0;
    double offset = 0;
    bool known = false;
  };
  struct Range {
    double low = 0;
    double high = 0;
  };
  struct Bucket {
    Limit upper;  ///< By the fastest request.
    Limit lower;  ///< By the fastest answer.
    std::int64_t begin = 0;
    Range rates;  ///< From earlier buckets to this one; set when the next one begins.
  };
  /// Weighted sums over the limits of one way, about their mean.
  struct Sums {
    double weight = 0;
    double at = 0;
    double offset = 0;
    double square = 0;
    double product = 0;
  };

  void open(std::int64_t at);
  void halve();
  void fit(double now);
  double noise(Limit Bucket::*way, double sign, double& best) const;
  Sums centre(Limit Bucket::*way, double sign, double now, double& scale);
  void follow_temperature(double since);
  Range newest_rates() const;
  Range rates() const;
  bool is_consistent(const Range& rates, double at) const;
  Range range_at(double at, const Range& rates) const;
  double trend() const;
  void tighten(Limit& kept, const Limit& limit, double sign) const;

  EstimatorConfig config_;
  std::array<Bucket, kBuckets> buckets_{};
  std::array<double, kBuckets> weights_{};  ///< Scratch of centre().
  std::size_t count_ = 0;
  std::int64_t length_ = 0;  ///< Of a bucket at present.
  std::uint32_t exchanges_ = 0;
  bool stale_ = false;  ///< The line does not know the newest exchange.
  /// See Exchange. Offsets and rates below are without it: they compare two clocks.
  std::int32_t session_rate_ppb_ = 0;
  LocalTime local_base_;
  SessionTime session_base_;

  // The line: offset at an instant, and slope, in us for each us.
  double line_at_ = 0;
  double line_ = 0;
  double rate_ = 0;
  double mean_rate_ = 0;   ///< Of the last half hour.
  double averaged_ = 0;    ///< How much time went into that.
  double late_rate_ = 0;   ///< The rate, smoothed and so some minutes behind.
  double rate_error_ = 0;  ///< Standard error of the rate.
  double error_ = 0;       ///< Standard error of the offset.
};

}  // namespace takt::sync
