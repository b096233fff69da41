// SPDX-License-Identifier: Apache-2.0
// What every port's DatagramLink must do; see runner_laws.h.
//
// A port under test has, besides what runner_laws.h says,
//   DatagramLink& here(); DatagramLink& there();     which know each other
#pragma once

#include <array>
#include <cstddef>

#include "ports/api/datagram_link.h"
#include "tests/contract/runner_laws.h"

namespace takt::contract {

using Bytes = std::array<std::byte, DatagramLink::kMaxBytes>;

template <typename Port>
const char* a_silent_link_gives_nothing(Port& port) {
  Bytes bytes{};
  LocalTime at;
  return port.here().receive(bytes, at) == 0 ? nullptr : "something came from nowhere";
}

template <typename Port>
const char* datagrams_of_every_size_arrive_whole(Port& port) {
  Random random{1};
  for (std::size_t size = 1; size <= DatagramLink::kMaxBytes; ++size) {
    Bytes sent{};
    for (std::byte& byte : sent) byte = static_cast<std::byte>(random.below(256));
    const LocalTime before = port.clock().now();
    if (port.here().send(0, std::span{sent}.first(size)) != Status::kOk) return "it is not sent";
    Bytes got{};
    LocalTime at;
    std::size_t got_size = 0;
    const bool came =
        port.pass_until([&] { return (got_size = port.there().receive(got, at)) != 0; });
    if (!came) return "it did not arrive";
    if (got_size != size) return "its size has changed";
    for (std::size_t i = 0; i < size; ++i) {
      if (got[i] != sent[i]) return "its bytes have changed";
    }
    // A stamp may be a millisecond off, where the port reads two clocks.
    if (at + millis(1) < before) return "it arrived before it was sent";
    if (at > port.clock().now() + millis(1)) return "it will arrive in the future";
    if (port.there().receive(got, at) != 0) return "it arrived twice";
  }
  return nullptr;
}

template <typename Port>
const char* datagrams_that_are_too_large_are_refused(Port& port) {
  const std::array<std::byte, DatagramLink::kMaxBytes + 1> large{};
  return port.here().send(0, large) == Status::kTooLarge ? nullptr : "it was taken";
}

/// `most`: how many the port keeps at least until they are taken.
template <typename Port>
const char* a_burst_is_kept_in_order(Port& port, std::uint32_t most) {
  for (std::uint32_t i = 0; i < most; ++i) {
    const std::array byte{static_cast<std::byte>(i)};
    if (port.there().send(0, byte) != Status::kOk) return "it is not sent";
  }
  Bytes got{};
  LocalTime at;
  LocalTime last;
  for (std::uint32_t i = 0; i < most; ++i) {
    if (!port.pass_until([&] { return port.here().receive(got, at) != 0; })) return "one was lost";
    if (got[0] != static_cast<std::byte>(i)) return "one was overtaken";
    if (at + millis(1) < last) return "stamps go back";
    last = at;
  }
  return nullptr;
}

}  // namespace takt::contract
