// SPDX-License-Identifier: Apache-2.0
#include "tools/pair/relay.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "takt/ports/api/datagram_link.h"

namespace takt {
namespace {

using sim::LinkKind;
using sim::Random;
using sim::TrueTime;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAreArray;

/// A process, as far as the relay can see it: a socket that speaks to one port.
class Process {
 public:
  explicit Process(std::uint16_t peer) : socket_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    address.sin_port = htons(peer);
    EXPECT_EQ(connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  }
  ~Process() { ::close(socket_); }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void send(const std::string& bytes) const {
    EXPECT_EQ(::send(socket_, bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  }

  /// All that has come, once `count` have; what the kernel still carries gets a second.
  std::vector<std::string> receive(std::size_t count) const {
    std::vector<std::string> all;
    pollfd wait{socket_, POLLIN, 0};
    while (poll(&wait, 1, all.size() < count ? 1'000 : 0) > 0) {
      std::string bytes(1'000, '\0');
      const ssize_t size = recv(socket_, bytes.data(), bytes.size(), 0);
      if (size < 0) break;
      bytes.resize(static_cast<std::size_t>(size));
      all.push_back(bytes);
    }
    return all;
  }

 private:
  int socket_;
};

/// A relay in virtual time.
class Wire {
 public:
  explicit Wire(LinkKind kind = LinkKind::kLan, bool lossy = false, std::uint64_t seed = 1)
      : relay(kind, lossy, Random{seed}) {
    EXPECT_EQ(relay.open(), Status::kOk) << relay.error();
  }

  /// Takes `count` datagrams more from both processes.
  void take(std::size_t count) {
    const std::uint64_t wanted = taken() + count;
    while (taken() < wanted) {
      std::array<pollfd, 2> waits{pollfd{relay.descriptors()[0], POLLIN, 0},
                                  pollfd{relay.descriptors()[1], POLLIN, 0}};
      ASSERT_GT(poll(waits.data(), waits.size(), 10'000), 0);
      ASSERT_EQ(relay.run(now), Status::kOk) << relay.error();
    }
  }
  /// Lets time pass until nothing is under way.
  void deliver() {
    while (relay.due() != sim::kNeverTrue) {
      now = std::max(now, relay.due());
      ASSERT_EQ(relay.run(now), Status::kOk) << relay.error();
    }
  }

  Relay relay;
  TrueTime now{seconds(1'000)};

 private:
  std::uint64_t taken() const {
    std::uint64_t sum = 0;
    for (std::size_t from = 0; from < 2; ++from) {
      sum += relay.counts(from).sent + relay.counts(from).too_large;
    }
    return sum;
  }
};

std::string any_bytes(Random& random, std::size_t size) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random.bits());
  return bytes;
}

/// Each has spoken, so that the relay knows where it is.
void meet(Wire& wire, const Process& a, const Process& b) {
  a.send("a");
  b.send("b");
  wire.take(2);
  wire.deliver();
  ASSERT_THAT(a.receive(1), ElementsAre("b"));
  ASSERT_THAT(b.receive(1), ElementsAre("a"));
}

TEST(Relay, EverythingArrivesUnchangedBothWaysWithoutLoss) {
  Wire wire;
  const Process a{wire.relay.port(0)};
  const Process b{wire.relay.port(1)};
  meet(wire, a, b);
  Random random{7};
  std::vector<std::string> to_a;
  std::vector<std::string> to_b;
  // In small lots: the kernel's own queues are finite.
  for (std::size_t size = 1; size <= DatagramLink::kMaxBytes; ++size) {
    to_b.push_back(any_bytes(random, size));
    a.send(to_b.back());
    to_a.push_back(any_bytes(random, size));
    b.send(to_a.back());
    if (size % 25 != 0) continue;
    wire.take(50);
    wire.deliver();
    EXPECT_THAT(a.receive(25), UnorderedElementsAreArray(to_a));
    EXPECT_THAT(b.receive(25), UnorderedElementsAreArray(to_b));
    to_a.clear();
    to_b.clear();
  }
  for (std::size_t from = 0; from < 2; ++from) {
    EXPECT_EQ(wire.relay.counts(from).sent, DatagramLink::kMaxBytes + 1);
    EXPECT_EQ(wire.relay.counts(from).delivered, DatagramLink::kMaxBytes + 1);
    EXPECT_EQ(wire.relay.counts(from).lost, 0U);
  }
}

TEST(Relay, NothingGoesOutBeforeItIsDueAndExtraDelayIsOnTop) {
  Wire wire;
  const Process a{wire.relay.port(0)};
  const Process b{wire.relay.port(1)};
  meet(wire, a, b);
  a.send("x");
  wire.take(1);
  const Micros usual = wire.relay.due() - wire.now;
  EXPECT_GE(usual, sim::model_of(LinkKind::kLan).floor);
  EXPECT_LT(usual, millis(10));
  EXPECT_EQ(wire.relay.run(wire.relay.due() - Micros{1}), Status::kOk);
  EXPECT_TRUE(b.receive(0).empty());
  wire.deliver();
  EXPECT_THAT(b.receive(1), ElementsAre("x"));
  wire.relay.delay(seconds(1));
  b.send("y");
  wire.take(1);
  EXPECT_GE(wire.relay.due() - wire.now, seconds(1));
  wire.deliver();
  EXPECT_THAT(a.receive(1), ElementsAre("y"));
}

TEST(Relay, NothingArrivesOfAWayThatIsCutAndAllAgainOfOneThatIsHealed) {
  Wire wire;
  const Process a{wire.relay.port(0)};
  const Process b{wire.relay.port(1)};
  meet(wire, a, b);
  wire.relay.cut(0, true);
  a.send("lost");
  b.send("still");
  wire.take(2);
  wire.deliver();
  EXPECT_THAT(a.receive(1), ElementsAre("still"));
  EXPECT_EQ(wire.relay.counts(0).lost, 1U);
  wire.relay.cut(0, false);
  a.send("again");
  wire.take(1);
  wire.deliver();
  EXPECT_THAT(b.receive(1), ElementsAre("again"));
}

TEST(Relay, WhatIsToBeLostIsLostInThatPartAndCounted) {
  for (const double part : {0.0, 0.3, 1.0}) {
    Wire wire;
    const Process a{wire.relay.port(0)};
    const Process b{wire.relay.port(1)};
    meet(wire, a, b);
    wire.relay.lose(part);
    std::size_t arrived = 0;
    for (int i = 0; i < 50; ++i) {
      for (int k = 0; k < 20; ++k) a.send("x");
      wire.take(20);
      const std::uint64_t before = wire.relay.counts(0).delivered;
      wire.deliver();
      arrived += b.receive(wire.relay.counts(0).delivered - before).size();
    }
    EXPECT_NEAR(static_cast<double>(arrived), 1'000 * (1 - part), part == 0.3 ? 60 : 0);
    const Relay::Counts& counts = wire.relay.counts(0);
    EXPECT_EQ(counts.sent, 1'001U);
    EXPECT_EQ(counts.delivered, arrived + 1);
    EXPECT_EQ(counts.lost + counts.delivered, counts.sent);
  }
}

TEST(Relay, ALossyLinkLosesDoublesAndOvertakes) {
  Wire wire{LinkKind::kEspNow, true, 3};
  const Process a{wire.relay.port(0)};
  const Process b{wire.relay.port(1)};
  a.send("a");
  b.send("b");
  wire.take(2);
  wire.deliver();
  std::vector<std::string> arrived;
  static_cast<void>(b.receive(1));
  for (int i = 0; i < 100; ++i) {
    for (int k = 0; k < 20; ++k) a.send(std::to_string(1'000 + i * 20 + k));
    wire.take(20);
    const std::uint64_t before = wire.relay.counts(0).delivered;
    wire.deliver();
    for (auto& bytes : b.receive(wire.relay.counts(0).delivered - before)) {
      arrived.push_back(std::move(bytes));
    }
  }
  const Relay::Counts& counts = wire.relay.counts(0);
  EXPECT_GT(counts.lost, 10U);
  EXPECT_GT(counts.lost + counts.delivered, counts.sent);
  EXPECT_FALSE(std::ranges::is_sorted(arrived));
}

TEST(Relay, AProcessThatWasStartedAnewIsServedAtItsNewPort) {
  Wire wire;
  const Process a{wire.relay.port(0)};
  std::optional<Process> b{wire.relay.port(1)};
  meet(wire, a, *b);
  b.emplace(wire.relay.port(1));
  // Sent to where the old one was, which says nothing against the relay.
  a.send("gone");
  wire.take(1);
  wire.deliver();
  b->send("here");
  wire.take(1);
  wire.deliver();
  EXPECT_THAT(a.receive(1), ElementsAre("here"));
  a.send("welcome");
  wire.take(1);
  wire.deliver();
  EXPECT_THAT(b->receive(1), ElementsAre("welcome"));
}

TEST(Relay, WhatIsForAProcessThatHasNotSpokenIsLost) {
  Wire wire;
  const Process a{wire.relay.port(0)};
  const Process b{wire.relay.port(1)};
  a.send("x");
  wire.take(1);
  wire.deliver();
  EXPECT_TRUE(b.receive(0).empty());
  EXPECT_EQ(wire.relay.counts(0).lost, 1U);
  EXPECT_EQ(wire.relay.counts(0).delivered, 0U);
}

TEST(Relay, WhatIsTooLargeIsDroppedAndCounted) {
  Wire wire;
  const Process a{wire.relay.port(0)};
  const Process b{wire.relay.port(1)};
  meet(wire, a, b);
  a.send(std::string(DatagramLink::kMaxBytes + 1, 'x'));
  a.send("small");
  wire.take(2);
  wire.deliver();
  EXPECT_THAT(b.receive(1), ElementsAre("small"));
  EXPECT_EQ(wire.relay.counts(0).too_large, 1U);
  EXPECT_EQ(wire.relay.counts(0).sent, 2U);
}

TEST(Relay, APortThatIsTakenIsAnErrorWithItsName) {
  const Wire wire;
  Relay other{LinkKind::kLan, false, Random{1}};
  EXPECT_EQ(other.open({0, wire.relay.port(0)}), Status::kIo);
  EXPECT_THAT(other.error(), HasSubstr(":" + std::to_string(wire.relay.port(0)) + ": Address"));
}

}  // namespace
}  // namespace takt
