// SPDX-License-Identifier: Apache-2.0
// The clock of a device, which is not true time.
#pragma once

#include <vector>

#include "takt/app/record/true_time.h"
#include "tools/sim/random.h"

namespace takt::sim {

/// A crystal: constant offset of the rate, a temperature that swings it by 0.5 to 1.5 ppm in 20 to
/// 60 minutes, and a slow random walk. The rate is constant for stretches of ten seconds.
class Oscillator {
 public:
  /// `most_ppm`: the largest constant offset, either way.
  Oscillator(Random random, Micros length, double most_ppm);

  /// The time of a device that started at true zero.
  LocalTime local_at(TrueTime at) const;
  /// The first true instant at which local_at() is `at` or later.
  TrueTime true_at(LocalTime at) const;

 private:
  static constexpr std::int64_t kStretch = 10'000'000;
  struct Stretch {
    double ahead;  ///< Of true time, at the beginning.
    double rate;
  };
  double ahead(std::int64_t at) const;

  std::vector<Stretch> stretches_;
};

}  // namespace takt::sim
