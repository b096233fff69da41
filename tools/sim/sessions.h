// SPDX-License-Identifier: Apache-2.0
// Many sessions of a pair, and their results.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "tools/sim/session.h"

namespace takt::sim {

/// How often each whole number of microseconds was seen; exact up to 100 ms.
class Histogram {
 public:
  void add(float us);
  void add(const Histogram& other);
  /// 0 to 1; 0 if there are no samples.
  double at(double part) const;
  double max() const { return max_; }

 private:
  static constexpr std::size_t kMost = 100'000;
  std::vector<std::uint64_t> counts_ = std::vector<std::uint64_t>(kMost + 1);
  std::uint64_t count_ = 0;
  double max_ = 0;
};

/// How long sessions are: between the two bounds, as the seed decides.
struct Lengths {
  Micros shortest;
  Micros longest;

  /// The length of the session with that seed, whatever else it is made of.
  Micros of(std::uint64_t seed) const;
};

struct Summary {
  std::uint64_t sessions = 0;
  Verdict verdict;
  Histogram edge_errors;
  Histogram start_skews;
  std::vector<double> settle_s;    ///< Of those that settled, in order of size.
  std::vector<double> pulse_kept;  ///< Of those that played, in order of size.
  std::vector<std::uint64_t> failing_seeds;
  std::uint64_t messages = 0;
  double cpu_s = 0;        ///< Of all threads together.
  double simulated_s = 0;  ///< Of all sessions together.

  void add(std::uint64_t seed, const Outcome& outcome);

  /// Simulated time in a second of one core.
  double realtime_factor() const { return cpu_s > 0 ? simulated_s / cpu_s : 0; }
  bool holds() const { return verdict.clean(); }
};

/// Runs `sessions` with seeds from config.seed on, on `threads`; each has its own of the `lengths`.
/// The sum does not depend on how many threads. `progress` gets the number of sessions done, from
/// the calling thread, some times a second.
Summary run_sessions(const SessionConfig& config, const Lengths& lengths, std::uint64_t sessions,
                     unsigned threads, const std::function<void(std::uint64_t)>& progress = {});

/// An entry of a list sorted by size, 0 to 1; 0 if it is empty.
double percentile(const std::vector<double>& sorted, double part);

}  // namespace takt::sim
