// SPDX-License-Identifier: Apache-2.0
// A bad link between two real processes.
#pragma once

#include <netinet/in.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "takt/core/base/status.h"
#include "tools/sim/link.h"

namespace takt {

/// Two UDP sockets of this machine, one for each process, 0 and 1, to use as the address of its
/// peer. What comes in at one goes out at the other, delayed, lost, doubled and overtaken as on a
/// simulated link.
///
/// Datagrams for a process go to the address from which its last one came, so a process that was
/// started anew is served. Datagrams for a process that has sent none yet are lost.
///
/// Has no thread and no clock: call run() when a descriptor is readable, and at due().
class Relay {
 public:
  /// Counts of datagrams from one process to the other.
  struct Counts {
    std::uint64_t sent = 0;
    std::uint64_t lost = 0;       ///< Of those, or of their doubles.
    std::uint64_t delivered = 0;  ///< Doubles count.
    std::uint64_t too_large = 0;  ///< Larger than DatagramLink::kMaxBytes: not even sent.
  };

  /// `lossy`: see sim::Link.
  Relay(sim::LinkKind kind, bool lossy, sim::Random random);
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  /// Listens on 127.0.0.1, once; port 0 is a free one. - kIo: a socket; error() says why.
  Status open(const std::array<std::uint16_t, 2>& ports = {});

  /// The address that process 0 or 1 uses for its peer.
  std::uint16_t port(std::size_t process) const { return ports_[process]; }
  /// Descriptors to wait for.
  const std::array<int, 2>& descriptors() const { return sockets_; }
  /// When the next datagram is to go out.
  sim::TrueTime due() const { return link_.due(); }

  /// Takes what has come in, and sends on what is due. `now` never goes back.
  /// - kIo: a socket failed; error() says why. The other datagrams were served.
  Status run(sim::TrueTime now);

  /// See sim::Link::lose().
  void lose(double part) { link_.lose(part); }
  /// More delay, either way.
  void delay(Micros extra);
  /// Nothing more from this process is taken to the other, or all again.
  void cut(std::size_t from, bool is_cut);

  const Counts& counts(std::size_t from) const { return counts_[from]; }
  /// For people.
  const std::string& error() const { return error_; }

 private:
  Status open_one(std::size_t process, std::uint16_t port);
  Status take(std::size_t from, sim::TrueTime now);
  Status deliver();
  Status fail(std::size_t process);

  sim::Link link_;
  std::array<int, 2> sockets_{-1, -1};
  std::array<std::uint16_t, 2> ports_{};
  std::array<std::optional<sockaddr_in>, 2> addresses_;
  std::array<Counts, 2> counts_;
  std::string error_;
};

}  // namespace takt
