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
  // Bounded: a peer owes each other at most one message of each kind. Times in a message count from
  // when it leaves, so each is asked for with the clock's newest reading.
  for (LocalTime at = now;; at = clock_.now()) {
    const sync::Output output = lockstep_.poll(at);
    switch (output.kind) {
      case sync::Output::Kind::kNews: realtime_.wake(); break;
      case sync::Output::Kind::kDatagram: send(output.datagram); break;
      case sync::Output::Kind::kDeadline: return more ? now : output.deadline;
    }
  }
}

void LockstepHalf::send(const sync::Datagram& datagram) {
  if (link_.send(datagram.to, datagram.view()) != Status::kOk) ++unsent_;
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
