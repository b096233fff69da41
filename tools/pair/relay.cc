// SPDX-License-Identifier: Apache-2.0
#include "tools/pair/relay.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "takt/ports/api/datagram_link.h"

namespace takt {
namespace {

/// Of one process in one run(), so that none can keep the other waiting.
constexpr int kMostAtOnce = 256;

}  // namespace

Relay::Relay(sim::LinkKind kind, bool lossy, sim::Random random) : link_(kind, lossy, 0, random) {}

Relay::~Relay() {
  for (const int socket : sockets_) {
    if (socket >= 0) ::close(socket);
  }
}

Status Relay::open(const std::array<std::uint16_t, 2>& ports) {
  for (std::size_t process = 0; process < 2; ++process) {
    const Status status = open_one(process, ports[process]);
    if (status != Status::kOk) return status;
  }
  return Status::kOk;
}

Status Relay::open_one(std::size_t process, std::uint16_t port) {
  ports_[process] = port;
  sockets_[process] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (sockets_[process] < 0) return fail(process);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const plain = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof(address);
  if (bind(sockets_[process], plain, size) != 0) return fail(process);
  if (getsockname(sockets_[process], plain, &size) != 0) return fail(process);
  ports_[process] = ntohs(address.sin_port);
  return Status::kOk;
}

Status Relay::fail(std::size_t process) {
  error_ = "127.0.0.1:" + std::to_string(ports_[process]) + ": " + std::strerror(errno);
  return Status::kIo;
}

Status Relay::run(sim::TrueTime now) {
  Status status = Status::kOk;
  for (std::size_t from = 0; from < 2; ++from) {
    const Status taken = take(from, now);
    if (taken != Status::kOk) status = taken;
  }
  while (link_.due() <= now) {
    const Status delivered = deliver();
    if (delivered != Status::kOk) status = delivered;
  }
  return status;
}

Status Relay::take(std::size_t from, sim::TrueTime now) {
  std::array<std::byte, DatagramLink::kMaxBytes + 1> bytes;
  for (int i = 0; i < kMostAtOnce; ++i) {
    sockaddr_in address{};
    socklen_t address_size = sizeof(address);
    const ssize_t size = recvfrom(sockets_[from], bytes.data(), bytes.size(), 0,
                                  reinterpret_cast<sockaddr*>(&address), &address_size);
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
    // The echo of a datagram that found nobody, which says nothing of what comes in.
    if (size < 0 && (errno == EINTR || errno == ECONNREFUSED)) continue;
    if (size < 0) return fail(from);
    addresses_[from] = address;
    if (static_cast<std::size_t>(size) > DatagramLink::kMaxBytes) {
      ++counts_[from].too_large;
      continue;
    }
    ++counts_[from].sent;
    const auto datagram = std::span{bytes}.first(static_cast<std::size_t>(size));
    if (link_.send(static_cast<std::uint8_t>(from), datagram, now) == 0) ++counts_[from].lost;
  }
  return Status::kOk;
}

Status Relay::deliver() {
  const sim::Flight& flight = link_.take();
  Counts& counts = counts_[flight.from];
  const std::optional<sockaddr_in>& to = addresses_[flight.to];
  if (!to) {
    ++counts.lost;
    return Status::kOk;
  }
  const std::span<const std::byte> bytes = flight.view();
  ssize_t sent = -1;
  do {
    sent = sendto(sockets_[flight.to], bytes.data(), bytes.size(), 0,
                  reinterpret_cast<const sockaddr*>(&*to), sizeof(*to));
  } while (sent < 0 && errno == EINTR);
  if (sent >= 0) {
    ++counts.delivered;
    return Status::kOk;
  }
  ++counts.lost;
  // A full queue loses datagrams, as does a process that is gone.
  const bool usual =
      errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS || errno == ECONNREFUSED;
  return usual ? Status::kOk : fail(flight.to);
}

void Relay::delay(Micros extra) {
  for (const std::uint8_t from : {std::uint8_t{0}, std::uint8_t{1}}) link_.congest(from, extra);
}

void Relay::cut(std::size_t from, bool is_cut) {
  link_.cut(static_cast<std::uint8_t>(from), is_cut);
}

}  // namespace takt
