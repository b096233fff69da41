// SPDX-License-Identifier: Apache-2.0
// The state of all outputs of a device as one value.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "takt/core/base/bits.h"
#include "takt/core/base/limits.h"

namespace takt {

/// Logical levels, not pin levels: a set bit is an energised output whatever its polarity, and the
/// default value is safe (everything off, direction outputs at rest, analog outputs zero).
struct Levels {
  std::array<std::uint16_t, kMaxAnalogOutputs> analog{};  ///< By analog channel, in output order.
  /// Bit i is output i; clear for analog outputs. Behind `analog` because a copy of this struct is
  /// one wide move and one of this word: the other way round, processors would stall on reading
  /// widely what was just written as a word.
  std::uint32_t on = 0;

  bool operator==(const Levels&) const = default;

  bool is_on(unsigned output) const { return has(on, output); }
};

/// How many outputs differ: on/off outputs and the first `analog_outputs` channels.
inline unsigned count_changes(const Levels& a, const Levels& b,
                              std::size_t analog_outputs = kMaxAnalogOutputs) {
  unsigned changes = count_few(a.on ^ b.on);
  for (std::size_t i = 0; i < analog_outputs; ++i) changes += a.analog[i] != b.analog[i];
  return changes;
}

}  // namespace takt
