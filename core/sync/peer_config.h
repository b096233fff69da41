// SPDX-License-Identifier: Apache-2.0
// What a device is told of its session, and of the link to the others.
#pragma once

#include <cstddef>
#include <cstdint>

#include "takt/core/base/time.h"
#include "takt/core/sync/estimator.h"

namespace takt::sync {

/// Other devices of a session: a pair has one; eight zones are the most that anyone asked for.
inline constexpr std::size_t kMaxPeers = 7;

/// The timing of a kind of link.
struct LinkPace {
  Micros round_trip;        ///< Typical; unanswered messages are repeated a little later.
  Micros settling_poll;     ///< Between exchanges, until settled.
  Micros poll;              ///< Between exchanges, from then on.
  std::uint32_t exchanges;  ///< Until settled.
  Micros bucket;            ///< See EstimatorConfig.
  Micros memory;            ///< See EstimatorConfig.
  Micros lead;              ///< From a proposal to its effect: several lost messages long.
  Micros budget;            ///< Largest bound to start playing with.
  Micros share;             ///< See Plan: about half of the bound to expect.

  /// Time after which a message without an answer is repeated.
  constexpr Micros retry() const { return round_trip * 3 / 2; }
  /// Silence after which a device is not present.
  constexpr Micros offline_after() const { return poll * 4; }
};

inline constexpr LinkPace kBlePace{millis(200),  millis(100), seconds(1),  200,       seconds(32),
                                   seconds(200), seconds(4),  millis(120), millis(25)};
inline constexpr LinkPace kEspNowPace{millis(10),  millis(50), seconds(2), 40,         seconds(8),
                                      seconds(64), seconds(1), millis(5),  Micros{150}};
inline constexpr LinkPace kLanPace{millis(5),   millis(50), seconds(2), 40,         seconds(8),
                                   seconds(64), seconds(1), millis(5),  Micros{100}};

/// Switched off one by one to prove that the simulator notices; a device has them all.
struct Protections {
  bool two_phase = true;
  bool replay_check = true;  ///< By lives, numbers and sessions.
  bool bound_growth = true;
};

struct PeerConfig {
  std::uint32_t id = 0;    ///< Not 0, different on each device.
  std::uint32_t life = 0;  ///< Larger at each start, such as a counter of starts in the store.
  std::uint8_t side = 0;   ///< What it plays: left, right, or a zone. Never follows from a role.
  std::size_t peers = 1;   ///< How many others there are; all must agree.
  LinkPace pace = kEspNowPace;
  OscillatorLimits oscillator;
  Micros takeover = seconds(30);   ///< Silence of the leader after which another leads.
  Micros holdover = seconds(120);  ///< Silence after which playing ends.
  bool wait_for_offline = false;   ///< A command waits for devices not heard; else it is refused.
  Protections protections;
};

}  // namespace takt::sync
