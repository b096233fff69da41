// SPDX-License-Identifier: Apache-2.0
#include "takt/ports/linux/udp_link.h"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>

#include "tests/contract/datagram_link_laws.h"
#include "tests/contract/real_time.h"

namespace takt {
namespace {

class CountingRunner final : public Runner {
 public:
  Status start(Work& /*work*/) override { return Status::kOk; }
  void wake() override { wakes.fetch_add(1); }
  void stop() override {}

  std::atomic<int> wakes{0};
};

std::string loopback(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

/// Two sockets of this machine.
class UdpPort {
 public:
  UdpPort() {
    // A free port for one is only known once it is open, and the other must know it before.
    UdpLink probe{clock_};
    EXPECT_EQ(probe.open("127.0.0.1:0", {}, runner), Status::kOk);
    const std::string first = loopback(probe.port());
    probe.close();
    EXPECT_EQ(there_.open("127.0.0.1:0", {first}, runner), Status::kOk) << there_.error();
    EXPECT_EQ(here_.open(first, {loopback(there_.port())}, runner), Status::kOk) << here_.error();
  }

  Clock& clock() { return clock_; }
  UdpLink& here() { return here_; }
  UdpLink& there() { return there_; }

  void pass(Micros time) { contract::wait_for(clock_, time); }

  template <typename Predicate>
  bool pass_until(Predicate predicate) {
    return contract::wait_until(predicate);
  }

  CountingRunner runner;

 private:
  LinuxClock clock_;
  UdpLink here_{clock_};
  UdpLink there_{clock_};
};

TEST(UdpLink, KeepsTheContractOfLinks) {
  for (const contract::Law<UdpPort>& law : contract::kDatagramLinkLaws<UdpPort>) {
    UdpPort port;
    EXPECT_STREQ(law.check(port), nullptr) << law.name;
  }
}

TEST(UdpLink, AsManyAsItQueuesWaitInTheirOrder) {
  UdpPort port;
  for (std::size_t i = 0; i < UdpLink::kQueued; ++i) {
    ASSERT_EQ(port.here().send(0, std::array{static_cast<std::byte>(i)}), Status::kOk);
  }
  for (std::size_t i = 0; i < UdpLink::kQueued; ++i) {
    contract::Bytes got{};
    LocalTime at;
    ASSERT_TRUE(port.pass_until([&] { return port.there().receive(got, at) != 0; })) << i;
    EXPECT_EQ(got[0], static_cast<std::byte>(i));
  }
}

TEST(UdpLink, WakesTheControlHalfWhenSomethingArrives) {
  UdpPort port;
  const std::array byte{std::byte{1}};
  ASSERT_EQ(port.here().send(0, byte), Status::kOk);
  EXPECT_TRUE(port.pass_until([&] { return port.runner.wakes.load() > 0; }));
}

TEST(UdpLink, WhatFindsAFullQueueIsDroppedAndCounted) {
  UdpPort port;
  const std::array byte{std::byte{1}};
  for (std::size_t i = 0; i < UdpLink::kQueued + 3; ++i) {
    ASSERT_EQ(port.here().send(0, byte), Status::kOk);
  }
  EXPECT_TRUE(port.pass_until([&] { return port.there().dropped() == 3; }));
}

TEST(UdpLink, WhatIsNoPeersIsDropped) {
  UdpPort port;
  CountingRunner runner;
  const LinuxClock clock;
  UdpLink stranger{clock};
  ASSERT_EQ(stranger.open("127.0.0.1:0", {loopback(port.there().port())}, runner), Status::kOk);
  const std::array byte{std::byte{1}};
  ASSERT_EQ(stranger.send(0, byte), Status::kOk);
  EXPECT_TRUE(port.pass_until([&] { return port.there().dropped() == 1; }));
  contract::Bytes bytes;
  LocalTime at;
  EXPECT_EQ(port.there().receive(bytes, at), 0U);
}

TEST(UdpLink, APeerThatIsNotThereIsNoError) {
  CountingRunner runner;
  const LinuxClock clock;
  UdpLink link{clock};
  ASSERT_EQ(link.open("127.0.0.1:0", {"127.0.0.1:9"}, runner), Status::kOk);
  const std::array byte{std::byte{1}};
  for (int i = 0; i < 10; ++i) EXPECT_EQ(link.send(0, byte), Status::kOk);
}

TEST(UdpLink, SaysWhatIsWrongWithAnAddress) {
  CountingRunner runner;
  const LinuxClock clock;
  UdpLink link{clock};
  EXPECT_EQ(link.open("127.0.0.1", {}, runner), Status::kOutOfRange);
  EXPECT_EQ(link.error(), "'127.0.0.1' is no ADDRESS:PORT");
  EXPECT_EQ(link.open("127.0.0.1:0", {"there:7000"}, runner), Status::kOutOfRange);
  EXPECT_EQ(link.open("127.0.0.1:0", {"127.0.0.1:0"}, runner), Status::kOutOfRange);
  EXPECT_EQ(link.open("192.0.2.1:7000", {}, runner), Status::kIo);
  EXPECT_EQ(link.error(), "192.0.2.1:7000: Cannot assign requested address");
  EXPECT_EQ(link.open("127.0.0.1:0", {}, runner), Status::kOk) << link.error();
  EXPECT_EQ(link.open("127.0.0.1:0", {}, runner), Status::kBusy);
}

}  // namespace
}  // namespace takt
