// SPDX-License-Identifier: Apache-2.0
// The form of laws. They are plain functions, so that a port without a test framework can run them:
// each returns nullptr, or what is broken. The table of all stands at the end of its file; a law
// that is not in it does not hold anywhere. The beginning of a file says what a port under test
// has.
#pragma once

#include <array>
#include <cstdint>

namespace takt::contract {

template <typename Port>
struct Law {
  const char* name;
  const char* (*check)(Port& port);
};

/// Small, and the same on every port.
class Random {
 public:
  explicit Random(std::uint32_t seed) : state_(seed | 1U) {}
  /// 0 to `end` - 1.
  std::uint32_t below(std::uint32_t end) {
    state_ ^= state_ << 13U;
    state_ ^= state_ >> 17U;
    state_ ^= state_ << 5U;
    return state_ % end;
  }

 private:
  std::uint32_t state_;
};

inline constexpr std::array<std::uint32_t, 3> kSeeds{1, 20'261, 4'000'000'007};

}  // namespace takt::contract
