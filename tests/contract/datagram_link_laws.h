// SPDX-License-Identifier: Apache-2.0
// What every port's DatagramLink must do; see law.h for the form. Links may lose, double
// and reorder what is sent, so the laws hold for one that does all three.
//
// A port under test has
//   Clock& clock();                   by which both links stamp
//   void pass(Micros time); bool pass_until(predicate);      as for runner_laws.h
//   DatagramLink& here(); DatagramLink& there();             which know each other only
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "takt/ports/api/datagram_link.h"
#include "tests/contract/law.h"

namespace takt::contract {

using Bytes = std::array<std::byte, DatagramLink::kMaxBytes>;

/// A stamp may be so much off, where the port reads two clocks.
inline constexpr Micros kStampError = millis(1);

/// Fills `bytes` with what a datagram of that size holds in every law: so any that arrives late, or
/// twice, is known. The bytes of a smaller one are not the first of a larger one.
inline void compose(std::span<std::byte> bytes) {
  Random random(2 * static_cast<std::uint32_t>(bytes.size()) + 1);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.below(256));
}

/// Takes a datagram: its size, 0: there is none. `broken` is set if none can have been sent so, or
/// if it comes from the future.
template <typename Port>
std::size_t take(Port& port, DatagramLink& link, LocalTime& at, const char*& broken) {
  Bytes got{};
  const std::size_t size = link.receive(got, at);
  if (size == 0) return 0;
  if (size > got.size()) {
    broken = "it is larger than any";
    return size;
  }
  Bytes sent{};
  compose(std::span{sent}.first(size));
  if (got != sent) broken = "what arrived is not what was sent";
  if (at > port.clock().now() + kStampError) broken = "it will arrive in the future";
  return size;
}

/// Takes what has arrived so far.
template <typename Port>
void take_all(Port& port, DatagramLink& link, const char*& broken) {
  LocalTime at;
  // Bounded: nobody sends meanwhile.
  while (take(port, link, at, broken) != 0 && broken == nullptr) {
  }
}

/// Lets a datagram of that size arrive: sends it again as long as the link loses it. Takes what
/// arrived before.
template <typename Port>
const char* deliver(Port& port, DatagramLink& from, DatagramLink& to, std::size_t size,
                    std::uint32_t number = 0) {
  constexpr int kTries = 100;
  constexpr Micros kLost = millis(100);
  const char* broken = nullptr;
  LocalTime at;
  const LocalTime begun = port.clock().now();
  take_all(port, to, broken);
  for (int i = 0; i < kTries && broken == nullptr; ++i) {
    Bytes bytes{};
    compose(std::span{bytes}.first(size));
    const Status status = from.send(number, std::span{bytes}.first(size));
    bytes.fill({});  // Once send() has returned, they are the caller's again.
    if (status != Status::kOk && status != Status::kIo) return "it is not sent";
    const LocalTime sent = port.clock().now();
    std::size_t got = 0;
    static_cast<void>(port.pass_until([&] {
      got = take(port, to, at, broken);
      return got == size || broken != nullptr || port.clock().now() > sent + kLost;
    }));
    if (got == size && at + kStampError < begun) return "it arrived before it was sent";
    if (got == size) return broken;
  }
  return broken != nullptr ? broken : "it never arrives";
}

template <typename Port>
const char* a_silent_link_gives_nothing(Port& port) {
  Bytes bytes{};
  LocalTime at;
  for (int i = 0; i < 10; ++i) {
    if (port.here().receive(bytes, at) != 0) return "something came from nowhere";
    port.pass(Micros{100});
  }
  return nullptr;
}

template <typename Port>
const char* datagrams_of_every_size_arrive_whole(Port& port) {
  for (std::size_t size = 1; size <= DatagramLink::kMaxBytes; ++size) {
    if (const char* const broken = deliver(port, port.here(), port.there(), size)) return broken;
    if (const char* const broken = deliver(port, port.there(), port.here(), size)) return broken;
  }
  return nullptr;
}

template <typename Port>
const char* an_unknown_number_means_all(Port& port) {
  return deliver(port, port.here(), port.there(), 20, 0xFEDC'BA98U);
}

template <typename Port>
const char* too_large_datagrams_are_refused_as_a_whole(Port& port) {
  std::array<std::byte, 2 * DatagramLink::kMaxBytes> large;
  for (std::size_t size = DatagramLink::kMaxBytes + 1; size <= large.size(); ++size) {
    compose(std::span{large}.first(size));
    if (port.here().send(0, std::span{large}.first(size)) != Status::kTooLarge) {
      return "it was taken";
    }
  }
  // A part of one that was sent all the same would be found on the way.
  port.pass(millis(20));
  return deliver(port, port.here(), port.there(), 1);
}

/// How long a datagram lies there must not move its stamp. How long it flies is the medium's own,
/// so it lies for longer and longer until that does not matter.
template <typename Port>
const char* a_stamp_says_when_it_arrived_not_when_it_was_taken(Port& port) {
  constexpr std::size_t kSize = 30;
  Bytes bytes{};
  compose(std::span{bytes}.first(kSize));
  for (Micros lies = millis(8); lies <= seconds(1); lies = lies * 2) {
    const char* broken = nullptr;
    take_all(port, port.there(), broken);
    const LocalTime sent = port.clock().now();
    if (port.here().send(0, std::span{bytes}.first(kSize)) != Status::kOk) continue;
    port.pass(lies);
    LocalTime at;
    const std::size_t size = take(port, port.there(), at, broken);
    if (broken != nullptr) return broken;
    if (size != kSize) continue;
    if (at + kStampError < sent) return "it arrived before it was sent";
    if (at < sent + lies / 2) return nullptr;
  }
  return "it arrives when it is taken";
}

template <typename Port>
const char* the_oldest_is_taken_first(Port& port) {
  Bytes bytes{};
  for (std::size_t size = 1; size <= 8; ++size) {
    compose(std::span{bytes}.first(size));
    static_cast<void>(port.here().send(0, std::span{bytes}.first(size)));
    port.pass(kStampError * 3);  // Or the order could not be told.
  }
  const char* broken = nullptr;
  LocalTime last;
  LocalTime at;
  // Bounded: by what was sent.
  while (take(port, port.there(), at, broken) != 0) {
    if (broken != nullptr) return broken;
    if (at + kStampError < last) return "a later one was taken first";
    last = at;
  }
  return nullptr;
}

template <typename Port>
const char* a_flood_that_nobody_takes_costs_datagrams_only(Port& port) {
  constexpr int kFlood = 1'000;
  Bytes bytes{};
  compose(bytes);
  for (int i = 0; i < kFlood; ++i) {
    const Status status = port.here().send(0, bytes);
    if (status != Status::kOk && status != Status::kIo) return "it is not sent";
  }
  return deliver(port, port.here(), port.there(), 40);
}

template <typename Port>
inline constexpr std::array kDatagramLinkLaws{
    Law<Port>{"a silent link gives nothing", a_silent_link_gives_nothing},
    Law<Port>{"datagrams of every size arrive whole, and not before they were sent",
              datagrams_of_every_size_arrive_whole},
    Law<Port>{"an unknown number means all", an_unknown_number_means_all},
    Law<Port>{"too large datagrams are refused as a whole",
              too_large_datagrams_are_refused_as_a_whole},
    Law<Port>{"a stamp says when it arrived, not when it was taken",
              a_stamp_says_when_it_arrived_not_when_it_was_taken},
    Law<Port>{"the oldest is taken first", the_oldest_is_taken_first},
    Law<Port>{"a flood that nobody takes costs datagrams only",
              a_flood_that_nobody_takes_costs_datagrams_only},
};

}  // namespace takt::contract
