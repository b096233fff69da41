// SPDX-License-Identifier: Apache-2.0
#include "takt/ports/linux/udp_link.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <ctime>
#include <optional>

namespace takt {
namespace {

std::optional<sockaddr_in> address_of(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string host{text.substr(0, colon)};
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const char* const end = digits.data() + digits.size();
  const auto [rest, error] = std::from_chars(digits.data(), end, port);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (error != std::errc{} || rest != end) return std::nullopt;
  if (inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1) return std::nullopt;
  return address;
}

std::int64_t nanoseconds_of(const timespec& time) {
  return time.tv_sec * std::int64_t{1'000'000'000} + time.tv_nsec;
}

const sockaddr* plain(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

}  // namespace

Status UdpLink::open(std::string_view own, const std::vector<std::string>& peers, Runner& control) {
  if (socket_ >= 0) return Status::kBusy;
  const std::optional<sockaddr_in> here = address_of(own);
  if (!here) {
    error_ = "'" + std::string{own} + "' is no ADDRESS:PORT";
    return Status::kOutOfRange;
  }
  peers_.clear();
  for (const std::string& peer : peers) {
    const std::optional<sockaddr_in> there = address_of(peer);
    if (!there || there->sin_port == 0) {
      error_ = "'" + peer + "' is no ADDRESS:PORT";
      return Status::kOutOfRange;
    }
    peers_.push_back(*there);
  }
  if (const Status bound = bind_to(*here); bound != Status::kOk) {
    error_ = std::string{own} + ": " + std::strerror(errno);
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
    return bound;
  }
  stop_ = eventfd(0, EFD_CLOEXEC);
  control_ = &control;
  first_ = count_ = 0;
  thread_ = std::thread{[this] { listen(); }};
  return Status::kOk;
}

Status UdpLink::bind_to(const sockaddr_in& own) {
  socket_ = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket_ < 0) return Status::kIo;
  const int on = 1;
  if (setsockopt(socket_, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) != 0) return Status::kIo;
  if (bind(socket_, plain(own), sizeof(own)) != 0) return Status::kIo;
  sockaddr_in bound{};
  socklen_t size = sizeof(bound);
  if (getsockname(socket_, reinterpret_cast<sockaddr*>(&bound), &size) != 0) return Status::kIo;
  port_ = ntohs(bound.sin_port);
  return Status::kOk;
}

void UdpLink::close() {
  if (socket_ < 0) return;
  const std::uint64_t one = 1;
  // An event counter that is not full takes eight bytes.
  static_cast<void>(!write(stop_, &one, sizeof(one)));
  thread_.join();
  ::close(socket_);
  ::close(stop_);
  socket_ = stop_ = -1;
}

Status UdpLink::send(std::uint32_t /*to*/, std::span<const std::byte> bytes) {
  if (bytes.size() > kMaxBytes) return Status::kTooLarge;
  Status status = Status::kOk;
  for (const sockaddr_in& peer : peers_) {
    const ssize_t sent = sendto(socket_, bytes.data(), bytes.size(), 0, plain(peer), sizeof(peer));
    // The echo of an earlier datagram that found nobody says nothing of this one.
    if (sent >= 0 || errno == ECONNREFUSED) continue;
    error_ = std::strerror(errno);
    status = Status::kIo;
  }
  return status;
}

std::size_t UdpLink::receive(std::span<std::byte> bytes, LocalTime& at) {
  const std::lock_guard lock{mutex_};
  if (count_ == 0) return 0;
  const Arrival& oldest = queue_[first_];
  std::copy_n(oldest.bytes.begin(), oldest.size, bytes.begin());
  at = oldest.at;
  first_ = (first_ + 1) % kQueued;
  --count_;
  return oldest.size;
}

void UdpLink::listen() {
  std::array<pollfd, 2> waits{pollfd{socket_, POLLIN, 0}, pollfd{stop_, POLLIN, 0}};
  for (;;) {
    if (poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) return;
    if (waits[1].revents != 0) return;
    bool any = false;
    while (take_one()) any = true;
    if (any) control_->wake();
  }
}

bool UdpLink::is_peer(const sockaddr_in& from) const {
  return std::any_of(peers_.begin(), peers_.end(), [&from](const sockaddr_in& peer) {
    return peer.sin_addr.s_addr == from.sin_addr.s_addr && peer.sin_port == from.sin_port;
  });
}

/// False: nothing waits.
bool UdpLink::take_one() {
  std::array<std::byte, kMaxBytes + 1> bytes;
  sockaddr_in from{};
  iovec part{bytes.data(), bytes.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(timespec))> control{};
  msghdr header{};
  header.msg_name = &from;
  header.msg_namelen = sizeof(from);
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  const ssize_t size = recvmsg(socket_, &header, 0);
  if (size < 0) return errno == ECONNREFUSED || errno == EINTR;
  // The kernel stamps by the calendar's clock: what counts is how long ago that was.
  std::int64_t age = 0;
  for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS) continue;
    timespec stamp{};
    std::memcpy(&stamp, CMSG_DATA(c), sizeof(stamp));
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    age = std::clamp<std::int64_t>(nanoseconds_of(now) - nanoseconds_of(stamp), 0, 1'000'000'000);
  }
  const LocalTime at = clock_.at_nanoseconds(LinuxClock::nanoseconds() - age);
  const std::lock_guard lock{mutex_};
  if (size == 0 || static_cast<std::size_t>(size) > kMaxBytes || !is_peer(from) ||
      count_ == kQueued) {
    dropped_.fetch_add(1, std::memory_order_relaxed);
    return true;
  }
  Arrival& arrival = queue_[(first_ + count_) % kQueued];
  arrival.at = at;
  arrival.size = static_cast<std::size_t>(size);
  std::copy_n(bytes.begin(), arrival.size, arrival.bytes.begin());
  ++count_;
  return true;
}

}  // namespace takt
