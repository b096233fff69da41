// SPDX-License-Identifier: Apache-2.0
#include "bench/sync_race.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

#include "takt/core/sync/estimator.h"

namespace takt::bench {
namespace {

constexpr double kSettled = 120e6;
constexpr double kSilent = kSettled + 2'400e6;
constexpr double kEnd = kSilent + 600e6;
constexpr double kSample = 0.1e6;

/// The local clock of the one who estimates; the other's is true time.
class Oscillator {
 public:
  Oscillator(double ppm, std::mt19937_64& random) : slope_(ppm * 1e-6) {
    period_ = std::uniform_real_distribution{1'200e6, 3'600e6}(random);
    phase_ = std::uniform_real_distribution{0.0, 2 * std::numbers::pi}(random);
  }

  double local_at(double t) const {
    const double turn = 2 * std::numbers::pi / period_;
    return t + slope_ * t - kSwing / turn * (std::cos(turn * t + phase_) - std::cos(phase_));
  }

 private:
  static constexpr double kSwing = 1.5e-6;
  double slope_;
  double period_ = 0;
  double phase_ = 0;
};

class Link {
 public:
  explicit Link(std::mt19937_64& random) : random_(random) {}

  double delay() {
    double delay = 400 + excess_(random_);
    if (rare_(random_)) delay += queue_(random_);
    return delay;
  }

 private:
  std::mt19937_64& random_;
  std::exponential_distribution<double> excess_{1 / 250.0};
  std::bernoulli_distribution rare_{0.05};
  std::uniform_real_distribution<double> queue_{0, 8'000};
};

LocalTime local(double us) { return LocalTime{Micros{std::llround(us)}}; }
SessionTime session(double us) { return SessionTime{Micros{std::llround(us)}}; }

struct World {
  const Oscillator& clock;
  Link& link;

  /// Begun at true time `t`; answered at once.
  sync::Exchange exchange(double t) const {
    const double there = t + link.delay();
    return {local(clock.local_at(t)), session(there), session(there),
            local(clock.local_at(there + link.delay()))};
  }
};

/// An estimator that is told of the passing of true time, and asked how far off it is.
class TaktRun {
 public:
  explicit TaktRun(const World& world) : world_(world), estimator_({}) {}

  void run_to(double t) {
    for (; next_ + 20e3 <= t; next_ += 1e6) {
      if (next_ < kSilent) estimator_.add(world_.exchange(next_));
      map_ = estimator_.map_at(local(world_.clock.local_at(next_ + 20e3)));
    }
  }
  double session_at(double local_us) const {
    return static_cast<double>(map_.session_at(local(local_us)).since_zero().count());
  }

 private:
  const World& world_;
  sync::Estimator estimator_;
  ClockMap map_;
  double next_ = 0;
};

/// The offset at a local time, as the median of many exchanges gives it.
struct Median {
  double local = 0;
  double offset = 0;
};

/// A median every 30 s. The session is assumed to be, past the last of them, where the line through
/// the newest `kPoints` leads.
template <std::size_t kPoints>
class MedianRun {
 public:
  explicit MedianRun(const World& world) : world_(world) {}

  void run_to(double t) {
    for (; next_ + 100e3 <= t && next_ < kSilent; next_ += 30e6) {
      if (medians_.size() == kPoints) medians_.erase(medians_.begin());
      medians_.push_back(measure());
      fit();
    }
  }
  double session_at(double local_us) const {
    return local_us + middle_.offset + slope_ * (local_us - middle_.local);
  }

 private:
  /// By least squares; level through one.
  void fit() {
    middle_ = {};
    const auto count = static_cast<double>(medians_.size());
    for (const Median& median : medians_) {
      middle_.local += median.local / count;
      middle_.offset += median.offset / count;
    }
    double product = 0;
    double square = 0;
    for (const Median& median : medians_) {
      product += (median.local - middle_.local) * (median.offset - middle_.offset);
      square += (median.local - middle_.local) * (median.local - middle_.local);
    }
    slope_ = square > 0 ? product / square : 0;
  }

  Median measure() const {
    std::vector<double> offsets;
    double at = next_;
    double reached = 0;
    double began = 0;
    double ended = 0;
    for (int i = 0; i < 51; ++i) {
      const sync::Exchange e = world_.exchange(at);
      const auto sent = static_cast<double>(e.sent.since_zero().count());
      const auto there = static_cast<double>(e.reached.since_zero().count());
      const auto back = static_cast<double>(e.returned.since_zero().count());
      offsets.push_back(there - (sent + back) / 2);
      if (i > 0) offsets.push_back((reached + there) / 2 - sent);
      reached = there;
      if (i == 0) began = sent;
      ended = back;
      at += static_cast<double>(e.round_trip().count());
    }
    std::ranges::nth_element(offsets, offsets.begin() + offsets.size() / 2);
    return {(began + ended) / 2, offsets[offsets.size() / 2]};
  }

  const World& world_;
  std::vector<Median> medians_;
  Median middle_;
  double slope_ = 0;
  double next_ = 0;
};

class BeaconRun {
 public:
  explicit BeaconRun(const World& world) : world_(world) {}

  void run_to(double t) {
    for (; next_ + 20e3 <= t && next_ < kSilent; next_ += 0.5e6) {
      const double offset = next_ - world_.clock.local_at(next_ + world_.link.delay());
      const double part = count_ == 0 ? 1 : count_ < 12 ? 0.3 : 0.1;
      offset_ += part * (offset - offset_);
      ++count_;
    }
  }
  double session_at(double local_us) const { return local_us + offset_; }

 private:
  const World& world_;
  double offset_ = 0;
  double next_ = 0;
  int count_ = 0;
};

template <typename Run>
void run_seed(const SyncRace& race, int seed, std::vector<float>& errors, double& holdover) {
  std::mt19937_64 clock_random{static_cast<std::uint64_t>(seed)};
  std::mt19937_64 link_random{static_cast<std::uint64_t>(seed) + 1'000'003};
  const Oscillator clock{race.ppm, clock_random};
  Link link{link_random};
  const World world{clock, link};
  Run run{world};
  for (double t = 0; t < kEnd; t += kSample) {
    run.run_to(t);
    const double error = std::abs(run.session_at(clock.local_at(t)) - t);
    if (t >= kSilent) {
      holdover = std::max(holdover, error);
    } else if (t >= kSettled) {
      errors.push_back(static_cast<float>(error));
    }
  }
}

double percentile(std::vector<float>& sorted, std::size_t percent) {
  return sorted[(sorted.size() - 1) * percent / 100];
}

}  // namespace

std::string_view name_of(Rival rival) {
  switch (rival) {
    case Rival::kTakt: return "takt";
    case Rival::kMedian: return "median";
    case Rival::kMedianLine: return "median_line";
    case Rival::kBeacons: return "beacons";
  }
  return "unknown";
}

int messages_per_minute(Rival rival) {
  return rival == Rival::kMedian || rival == Rival::kMedianLine ? 204 : 120;
}

SyncError run_race(const SyncRace& race, Rival rival) {
  std::vector<float> errors;
  SyncError result;
  for (int seed = 1; seed <= race.seeds; ++seed) {
    switch (rival) {
      case Rival::kTakt: run_seed<TaktRun>(race, seed, errors, result.holdover_us); break;
      case Rival::kMedian: run_seed<MedianRun<1>>(race, seed, errors, result.holdover_us); break;
      case Rival::kMedianLine:
        run_seed<MedianRun<8>>(race, seed, errors, result.holdover_us);
        break;
      case Rival::kBeacons: run_seed<BeaconRun>(race, seed, errors, result.holdover_us); break;
    }
  }
  std::ranges::sort(errors);
  result.p50_us = percentile(errors, 50);
  result.p99_us = percentile(errors, 99);
  return result;
}

}  // namespace takt::bench
