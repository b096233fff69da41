// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/oscillator.h"

#include <algorithm>
#include <numbers>

namespace takt::sim {

Oscillator::Oscillator(Random random, Micros length, double most_ppm) {
  const double ppm = random.between(-most_ppm, most_ppm);
  const double swing = random.between(0.5, 1.5);
  const double turn = 2 * std::numbers::pi / random.between(1'200e6, 3'600e6);
  const double phase = random.between(0, 2 * std::numbers::pi);
  double wander = 0;
  double ahead = 0;
  for (std::int64_t at = 0; at <= length.count() + kStretch; at += kStretch) {
    wander += random.between(-0.01, 0.01);
    const double warm = swing * std::sin(turn * static_cast<double>(at) + phase);
    const double rate = (ppm + warm + wander) * 1e-6;
    stretches_.push_back({ahead, rate});
    ahead += rate * kStretch;
  }
}

double Oscillator::ahead(std::int64_t at) const {
  const std::int64_t last = static_cast<std::int64_t>(stretches_.size()) - 1;
  const std::int64_t index = std::clamp<std::int64_t>(at / kStretch, 0, last);
  const Stretch& stretch = stretches_[static_cast<std::size_t>(index)];
  return stretch.ahead + stretch.rate * static_cast<double>(at - index * kStretch);
}

LocalTime Oscillator::local_at(TrueTime at) const {
  const std::int64_t count = at.since_zero().count();
  return LocalTime{Micros{count + static_cast<std::int64_t>(std::floor(ahead(count)))}};
}

TrueTime Oscillator::true_at(LocalTime at) const {
  if (at == kNever) return kNeverTrue;
  const std::int64_t count = at.since_zero().count();
  // Rates are so small that the second guess is right to a microsecond.
  const std::int64_t guess = count - static_cast<std::int64_t>(std::floor(ahead(count)));
  TrueTime result{Micros{count - static_cast<std::int64_t>(std::floor(ahead(guess)))}};
  while (local_at(result) < at) result += Micros{1};
  return result;
}

}  // namespace takt::sim
