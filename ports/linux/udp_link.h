// SPDX-License-Identifier: Apache-2.0
// Datagrams over UDP.
#pragma once

#include <netinet/in.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "takt/core/base/status.h"
#include "takt/ports/api/datagram_link.h"
#include "takt/ports/api/runner.h"
#include "takt/ports/linux/arrival_stamps.h"
#include "takt/ports/linux/clock.h"

namespace takt {

/// A socket that sends to its peers, and a thread that stamps what arrives.
///
/// Stamps are the kernel's, so they do not suffer from how late the thread is. Datagrams from
/// addresses of no peer are dropped and counted, and so are those that find kQueued waiting.
class UdpLink final : public DatagramLink {
 public:
  static constexpr std::size_t kQueued = 64;

  explicit UdpLink(const LinuxClock& clock) : clock_(clock) {}
  ~UdpLink() { close(); }
  UdpLink(const UdpLink&) = delete;
  UdpLink& operator=(const UdpLink&) = delete;

  /// Listens at `own` and sends to `peers`: "ADDRESS:PORT" each, IPv4 in digits; port 0 of `own` is
  /// a free one. `control` is woken when something has arrived.
  /// - kOutOfRange: an address that is none. - kIo: the system; error() says why. - kBusy: open.
  Status open(std::string_view own, const std::vector<std::string>& peers, Runner& control);
  void close();

  /// Where it listens; valid while open.
  std::uint16_t port() const { return port_; }
  /// For people: what open() ran into.
  const std::string& error() const { return error_; }
  std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

  Status send(std::uint32_t to, std::span<const std::byte> bytes) override;
  std::size_t receive(std::span<std::byte> bytes, LocalTime& at) override;

 private:
  struct Arrival {
    LocalTime at;
    std::size_t size = 0;
    std::array<std::byte, kMaxBytes> bytes;
  };

  Status bind_to(const sockaddr_in& own);
  void close_descriptors();
  void listen();
  bool take_one(ArrivalStamps& stamps);
  bool is_peer(const sockaddr_in& from) const;

  const LinuxClock& clock_;
  Runner* control_ = nullptr;
  int socket_ = -1;
  int stop_ = -1;
  std::uint16_t port_ = 0;
  std::vector<sockaddr_in> peers_;
  std::string error_;
  std::thread thread_;
  std::atomic<std::uint64_t> dropped_{0};

  std::mutex mutex_;
  std::array<Arrival, kQueued> queue_;
  std::size_t first_ = 0;
  std::size_t count_ = 0;
};

}  // namespace takt
