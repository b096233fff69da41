// SPDX-License-Identifier: Apache-2.0
// Whatever someone with the key sends, in whatever order and at whatever time, a peer stays whole:
// no fault of memory, no failed assertion, no clock that goes back. The fuzzer writes the bodies;
// magic, version and tag, which it would never guess, are put around them.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "takt/core/base/assert.h"
#include "tests/support/peers.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace takt;
  using namespace takt::sync;
  HostForTest host;
  AuthenticatorForTest authenticator;
  PeerConfig config;
  config.id = 1;
  config.life = 1;
  config.peers = 2;
  LocalTime now{seconds(1)};
  Peer peer{config, authenticator, host, now};
  std::span<const std::uint8_t> rest{data, size};
  while (rest.size() >= 3) {
    // How long ago the one before was, in steps from 0.1 ms to 26 s, and how long the body is.
    now += Micros{100} * (std::int64_t{1} << (rest[0] & 15U)) * (1 + (rest[0] >> 4U) / 2);
    const std::size_t body = std::min<std::size_t>(rest[1], rest.size() - 2);
    std::array<std::byte, kMaxDatagram> bytes{std::byte{0x74}, std::byte{1}};
    const std::size_t used = std::min(body, kMaxDatagram - 10);
    std::transform(rest.begin() + 2, rest.begin() + 2 + static_cast<std::ptrdiff_t>(used),
                   bytes.begin() + 2, [](std::uint8_t byte) { return std::byte{byte}; });
    rest = rest.subspan(2 + body);
    const AuthTag tag = authenticator.tag_of(std::span{bytes}.first(2 + used));
    std::ranges::copy(tag, bytes.begin() + 2 + static_cast<std::ptrdiff_t>(used));
    peer.receive(std::span{bytes}.first(2 + used + tag.size()), now, now);
    int sent = 0;
    TAKT_ASSERT(drain(peer, now, [&sent](const Datagram&) { TAKT_ASSERT(++sent < 100); }) > now);
    const ClockMap map = peer.clock();
    TAKT_ASSERT(map.bound >= Micros{0} && map.session_at(now) <= map.session_at(now + millis(1)));
    static_cast<void>(peer.desire(now));
    static_cast<void>(peer.status(now));
  }
  return 0;
}
