// SPDX-License-Identifier: Apache-2.0
#include "takt/app/playback/lockstep_half.h"

#include <algorithm>
#include <array>

namespace takt {

// Only here do both meet: core may not know ports, nor ports/api what is sent.
static_assert(sync::kMaxDatagram == DatagramLink::kMaxBytes,
              "a peer may write what every link can carry, no more and no less");

LocalTime LockstepHalf::run(LocalTime now) {
  const bool more = take_arrivals(now);
  const LocalTime due = lockstep_.run(now);
  realtime_.wake();
  sync::Datagram datagram;
  // Bounded: a peer owes each other at most one message of each kind. Times in a message count from
  // when it leaves, so each is asked for with the clock's newest reading.
  while (lockstep_.take_datagram(datagram, clock_.now())) {
    if (link_.send(datagram.to, datagram.view()) != Status::kOk) ++unsent_;
  }
  return more ? now : due;
}

/// True: there may be more.
bool LockstepHalf::take_arrivals(LocalTime now) {
  std::array<std::byte, DatagramLink::kMaxBytes> bytes;
  for (std::size_t i = 0; i < kMostAtOnce; ++i) {
    LocalTime at;
    const std::size_t size = link_.receive(bytes, at);
    if (size == 0) return false;
    lockstep_.receive(std::span{bytes}.first(size), std::min(at, now), now);
  }
  return true;
}

}  // namespace takt
