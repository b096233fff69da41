// SPDX-License-Identifier: Apache-2.0
// What a person can do to a pair while it plays.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "takt/app/messages/verbs.h"
#include "takt/core/base/time.h"

namespace takt {

struct PairAction {
  enum class Kind : std::uint8_t { kOrder, kKill, kStart, kCut, kHeal, kLoss, kLatency };

  Micros at;  ///< From the start.
  Kind kind = Kind::kHeal;
  std::size_t device = 0;  ///< 0 is left.
  double loss = 0;         ///< Part of the datagrams, each way.
  Micros latency;          ///< Additional latency, each way.
  Order order;             ///< To `device`.
  std::string text;        ///< The text as it was given.
};

/// "TIME=ACTION": kill:SIDE, start:SIDE, cut, heal, loss:PERCENT, latency:TIME, or SIDE:ORDER.
/// Throws Failure (kWords).
PairAction parse_pair_action(const std::string& text);

}  // namespace takt
