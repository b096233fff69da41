// SPDX-License-Identifier: Apache-2.0
// Which numbered messages were seen.
#pragma once

#include <cstdint>

#include "takt/core/base/bits.h"

namespace takt::sync {

/// Takes every sequence number once. Late ones are taken if they are among the newest 64.
class ReplayWindow {
 public:
  /// False: seen already, or too old to know.
  bool take(std::uint32_t sequence) {
    if (!any_ || sequence > newest_) {
      const std::uint32_t ahead = any_ ? sequence - newest_ : 64;
      seen_ = ahead < 64 ? seen_ << ahead | 1U : 1U;
      newest_ = sequence;
      any_ = true;
      return true;
    }
    const std::uint32_t age = newest_ - sequence;
    if (age >= 64 || has(seen_, age)) return false;
    seen_ |= std::uint64_t{1} << age;
    return true;
  }

  std::uint32_t newest() const { return newest_; }

 private:
  std::uint64_t seen_ = 0;  ///< Bit i: newest_ - i.
  std::uint32_t newest_ = 0;
  bool any_ = false;
};

}  // namespace takt::sync
