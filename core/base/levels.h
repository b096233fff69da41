// SPDX-License-Identifier: Apache-2.0
// The state of all outputs of a device as one value.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "core/base/limits.h"

namespace takt {

/// Logical levels, not pin levels: a set bit is an energised output whatever its polarity, and the
/// default value is safe (everything off, direction outputs at rest, analog outputs zero).
struct Levels {
  std::uint32_t on = 0;  ///< Bit i is output i; clear for analog outputs.
  std::array<std::uint16_t, kMaxAnalogOutputs> analog{};  ///< By analog channel, in output order.

  bool operator==(const Levels&) const = default;

  bool is_on(unsigned output) const { return ((on >> output) & 1U) != 0; }
};

/// How many outputs differ: on/off outputs and analog channels alike.
inline unsigned count_changes(const Levels& a, const Levels& b) {
  auto changes = static_cast<unsigned>(std::popcount(a.on ^ b.on));
  for (std::size_t i = 0; i < a.analog.size(); ++i) changes += a.analog[i] != b.analog[i];
  return changes;
}

}  // namespace takt
