// SPDX-License-Identifier: Apache-2.0
// Chance from a seed, the same on every machine.
#pragma once

#include <cmath>
#include <cstdint>

#include "takt/core/base/time.h"

namespace takt::sim {

/// SplitMix64: small enough that every part of the world can have its own, so that a change in
/// one leaves the chances of all others alone.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t bits() {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ mixed >> 30U) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ mixed >> 27U) * 0x94D049BB133111EBU;
    return mixed ^ mixed >> 31U;
  }
  /// A number from 0 to less than 1.
  double part() { return static_cast<double>(bits() >> 11U) * 0x1p-53; }
  double between(double low, double high) { return low + (high - low) * part(); }
  bool chance(double probability) { return part() < probability; }
  std::uint32_t below(std::uint32_t count) { return static_cast<std::uint32_t>(bits() % count); }
  double exponential(double mean) { return -mean * std::log(1 - part()); }

  Micros time(Micros low, Micros high) {
    return Micros{static_cast<std::int64_t>(
        between(static_cast<double>(low.count()), static_cast<double>(high.count())))};
  }
  Micros exponential(Micros mean) {
    return Micros{static_cast<std::int64_t>(exponential(static_cast<double>(mean.count())))};
  }

  /// An independent source of chance.
  Random fork() { return Random{bits()}; }

 private:
  std::uint64_t state_;
};

}  // namespace takt::sim
