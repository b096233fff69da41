// SPDX-License-Identifier: Apache-2.0
// Devices of a session as processes of their own, with a real link between them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <array>
#include <csignal>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/cli/run.h"

namespace takt::testing {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kBilateral = "examples/bilateral.json";
constexpr const char* kCode = "moonlight7";

/// The left device has the program, the right one none of its own.
class Devices : public ::testing::Test {
 protected:
  static constexpr std::size_t kLeft = 0;
  static constexpr std::size_t kRight = 1;

  std::string record(std::size_t i) const { return folder_.path(i == kLeft ? "l.csv" : "r.csv"); }
  std::string data(std::size_t i) const { return folder_.path(i == kLeft ? "l" : "r"); }

  void start(std::size_t i, const std::vector<std::string>& more = {}) {
    std::vector<std::string> words{"device"};
    if (i == kLeft) words.emplace_back(kBilateral);
    // Edges that a busy machine delays by this much break no law, nor does an order that comes
    // before the leader knows that the other has settled.
    words.insert(words.end(),
                 {"--late", "100", "--wait", "--code", codes_[i], "--side", sides_[i], "--listen",
                  addresses_[i], "--peer", addresses_[1 - i], "--data", data(i)});
    words.insert(words.end(), more.begin(), more.end());
    devices_[i].reset();  // Its address is free only then.
    devices_[i] = std::make_unique<Running>(words);
  }
  void start_recorded(std::size_t i) { start(i, {"--record", record(i)}); }

  Running& left() { return *devices_[kLeft]; }
  Running& right() { return *devices_[kRight]; }

  /// By both, and what state they are in.
  std::string said() {
    std::string all;
    for (const auto& device : devices_) {
      device->tell("status");
      static_cast<void>(device->says("datagrams rejected"));
      all += device->said() + "----\n";
    }
    return all;
  }

  void settle() {
    for (const auto& device : devices_) ASSERT_TRUE(device->says(", settled")) << said();
  }
  void play() {
    left().tell("play cycle=2s");
    for (const auto& device : devices_) ASSERT_TRUE(device->says(", playing")) << said();
  }

  /// Waits until it has switched its outputs so many times more.
  ::testing::AssertionResult switches(Running& device, long times) {
    std::optional<long> first;
    for (int looks = 0; looks < 600; ++looks) {
      device.tell("status");
      if (!device.says(" edges")) return ::testing::AssertionFailure() << device.said();
      const std::string& said = device.said();
      const std::size_t end = said.rfind(" edges");
      const long edges = std::stol(said.substr(said.rfind(", ", end) + 2));
      if (!first) first = edges;
      if (edges - *first >= times) return ::testing::AssertionSuccess();
      ::poll(nullptr, 0, 100);  // Asking all the time would be in its way.
    }
    return ::testing::AssertionFailure() << device.said();
  }

  void quit() {
    left().tell("quit");
    EXPECT_EQ(left().end(), 0) << left().said();
    EXPECT_TRUE(right().says("stopped")) << right().said();
    right().tell("quit");
    EXPECT_EQ(right().end(), 0) << right().said();
  }

  const Folder folder_;
  std::array<std::string, 2> codes_{kCode, kCode};
  std::array<std::string, 2> sides_{"left", "right"};
  std::array<std::string, 2> addresses_ = two_addresses();
  std::array<std::unique_ptr<Running>, 2> devices_;
};

/// And has seen at least so many changes of the setting.
void expect_that_the_referee_agrees(const std::string& left, const std::string& right,
                                    int changes = 0) {
  const Outcome outcome = takt({"sim", "check", left, right, "--json"});
  EXPECT_EQ(outcome.exit, 0) << outcome.out << outcome.err;
  const auto json = outcome.json();
  EXPECT_EQ(json["overlaps"].GetInt(), 0);
  EXPECT_EQ(json["dishonest_bounds"].GetInt(), 0);
  EXPECT_GT(json["bound_samples"].GetInt(), 0);
  EXPECT_GE(json["changes"].GetInt(), changes);
}

TEST_F(Devices, PlayInTurnAndTheRefereeAgrees) {
  start_recorded(kLeft);
  start_recorded(kRight);
  settle();
  play();
  EXPECT_TRUE(switches(right(), 4));
  right().tell("play intensity=40");
  EXPECT_TRUE(right().says("done")) << right().said();
  EXPECT_TRUE(switches(left(), 4));
  quit();
  expect_that_the_referee_agrees(record(kLeft), record(kRight), 1);
  // What came over the link is kept.
  EXPECT_THAT(run({"ls", data(kRight)}).out, HasSubstr(".takt\n"));
}

/// The record of a device that was killed at `true_us`, and what it wrote when it was back.
std::string joined(std::string first, const std::string& true_us, const std::string& second) {
  first.resize(first.rfind('\n') + 1);
  return first + true_us + ",down\n" + second.substr(second.find('\n') + 1);
}

TEST_F(Devices, WhoIsKilledComesBackAndPlaysOn) {
  for (const std::size_t victim : {kRight, kLeft}) {
    SCOPED_TRACE(victim == kLeft ? "left" : "right");
    start_recorded(kLeft);
    start_recorded(kRight);
    settle();
    play();
    ASSERT_TRUE(switches(*devices_[victim], 3));
    devices_[victim]->signal(SIGKILL);
    EXPECT_EQ(devices_[victim]->end(), 128 + SIGKILL);
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    const std::string gone = std::to_string(now.tv_sec * 1'000'000 + now.tv_nsec / 1'000);
    const std::string before = read_file(record(victim));
    start_recorded(victim);
    EXPECT_TRUE(devices_[victim]->says(", playing")) << devices_[victim]->said();
    EXPECT_TRUE(switches(left(), 2));
    EXPECT_TRUE(switches(right(), 2));
    quit();
    folder_.file(victim == kLeft ? "l.csv" : "r.csv",
                 joined(before, gone, read_file(record(victim))));
    expect_that_the_referee_agrees(record(kLeft), record(kRight));
  }
}

TEST_F(Devices, AllKilledBeginAgainByAnOrder) {
  start(kLeft);
  start(kRight);
  settle();
  play();
  for (const auto& device : devices_) {
    device->signal(SIGKILL);
    EXPECT_EQ(device->end(), 128 + SIGKILL);
  }
  start(kRight);
  start(kLeft);
  settle();
  play();
  EXPECT_TRUE(switches(right(), 2));
  quit();
}

TEST_F(Devices, EndInOrderHoweverTheyAreTold) {
  // The first two are orders to end, which are carried out; the others end what was to go on.
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGUSR2}) {
    const int status = number == SIGTERM || number == SIGINT ? 0 : 128 + number;
    start(kLeft);
    start(kRight);
    settle();
    play();
    // Neither keys nor a job of the shell stop a process whose outputs may be on.
    for (const int stop : {SIGTSTP, SIGTTIN, SIGTTOU}) left().signal(stop);
    EXPECT_TRUE(left().says("a device is not stopped"));
    EXPECT_TRUE(switches(left(), 1));
    left().signal(number);
    EXPECT_EQ(left().end(), status) << left().said();
    EXPECT_TRUE(right().says("stopped")) << right().said();
    right().signal(number);
    EXPECT_EQ(right().end(), status) << right().said();
  }
}

TEST_F(Devices, AWrongCodeJoinsNobodyAndIsSuspected) {
  codes_[kRight] = "sunlight77";
  start(kLeft);
  start(kRight);
  for (const auto& device : devices_) {
    EXPECT_TRUE(device->says("is the pairing code the same on all?")) << device->said();
  }
  // Only now: whoever has ended gives the other nothing more to suspect.
  for (const auto& device : devices_) {
    EXPECT_THAT(device->said(), Not(HasSubstr("hears 1")));
    device->tell("quit");
    EXPECT_EQ(device->end(), 0);
  }
}

TEST_F(Devices, TheSameNumberAndTheSameSideAreSaid) {
  start(kLeft, {"--id", "7"});
  start(kRight, {"--id", "7"});
  for (const auto& device : devices_) {
    EXPECT_TRUE(device->says("another device is number 7 too")) << device->said();
  }
  sides_[kRight] = "left";
  start(kLeft, {"--id", "7", "--start", "--json"});
  start(kRight, {"--id", "8"});
  for (const auto& device : devices_) {
    EXPECT_TRUE(device->says("the other device plays the left side too")) << device->said();
  }
  EXPECT_TRUE(left().says(", settled, same-side")) << said();
  left().tell("play");
  EXPECT_TRUE(left().says("not done: same-side")) << said();
  EXPECT_THAT(said(), Not(HasSubstr(", playing")));
  left().tell("quit");
  EXPECT_EQ(left().end(), 0);
  EXPECT_THAT(left().said(), HasSubstr(R"("reason":"same-side")"));
}

TEST_F(Devices, OnTheSameSideWithTheNumberOfThatSideBothSayWhy) {
  sides_[kRight] = "left";
  start(kLeft, {"--start", "--json"});
  start(kRight);
  for (const auto& device : devices_) {
    EXPECT_TRUE(device->says("another device is number 1 too, that of the left side"));
    EXPECT_TRUE(device->says("the other device plays the left side too")) << device->said();
  }
  left().tell("play");
  EXPECT_TRUE(left().says("not done: same-side")) << left().said();
  left().tell("quit");
  EXPECT_EQ(left().end(), 0);
  EXPECT_THAT(left().said(), HasSubstr(R"("reason":"same-side")"));
}

TEST_F(Devices, WhoComesBackOnTheSideOfTheOtherStaysSilentAndSaysWhy) {
  start(kLeft);
  start(kRight, {"--id", "2"});
  settle();
  play();
  right().signal(SIGKILL);
  EXPECT_EQ(right().end(), 128 + SIGKILL);
  sides_[kRight] = "left";
  start(kRight, {"--id", "2"});
  EXPECT_TRUE(right().says("settled, same-side")) << said();
  EXPECT_TRUE(switches(left(), 4)) << said();
  EXPECT_THAT(right().said(), Not(HasSubstr(", playing")));
  EXPECT_THAT(left().said(), HasSubstr("the other device plays the left side too"));
  left().tell("play cycle=1s");
  EXPECT_TRUE(left().says("not done: same-side")) << said();
  quit();
}

TEST_F(Devices, AnOrderThatCannotBeDoneIsRefusedWithItsReason) {
  start(kLeft);
  left().tell("play");
  EXPECT_TRUE(left().says("waits until the others are there")) << left().said();
  left().tell("stop");
  EXPECT_TRUE(left().says("not done: stopped")) << left().said();
  start(kRight);
  settle();
  const std::vector<std::pair<std::string, std::string>> cases{
      {"dance", "there is no order 'dance'"},
      {"play duty=0", "duty: "},
      {"play cycle=1h", "cycle: "},
      {"play cycle=soon", "needs a time"},
      {"stop now", "one word too many"},
      {std::string(100'000, 'x') + " play", "256 characters at most"},
  };
  for (const auto& [order, part] : cases) {
    left().tell(order);
    EXPECT_TRUE(left().says(part)) << left().said();
  }
  right().tell("play");
  EXPECT_TRUE(right().says("there is no program here yet")) << right().said();
  right().tell("estop");
  EXPECT_TRUE(right().says("held")) << right().said();
  left().tell("play");
  EXPECT_TRUE(left().says("not done: held")) << left().said();
  EXPECT_THAT(left().said() + right().said(), Not(HasSubstr("playing")));
  right().tell("release");
  EXPECT_TRUE(right().says("no-plan")) << right().said();
  play();
  quit();
}

TEST_F(Devices, NobodyWhoListensIsNoReasonToEnd) {
  const std::string call = "'" + takt_path() + "' device --json --code " + kCode + " --peer " +
                           addresses_[1] + " --listen " + addresses_[0] + " --data " + data(0);
  for (const char* const closed : {" 2>/dev/full", " 2>&-"}) {
    // The last order has no end of line.
    const Outcome outcome = run({"bash", "-c", call + closed}, "dance\nstatus\nquit");
    EXPECT_EQ(outcome.exit, 0) << closed;
    EXPECT_STREQ(outcome.json()["role"].GetString(), "listening");
  }
}

TEST_F(Devices, WordsThatAreWrongSayWhich) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
      {{"--late", "nan"}, "--late"},
      {{"--ppm", "nan"}, "--ppm"},
      {{"--holdover", "inf"}, "--holdover"},
      {{"--takeover", "0"}, "--takeover"},
      {{"--side", "middle"}, "--side"},
      {{"--id", "0"}, "--id"},
      {{"--link", "wire"}, "--link"},
      {{"--code", "short"}, "6 characters"},
      {{"--start"}, "--start needs a FILE"},
      {{"--gpio", "/dev/null"}, "--gpio needs a FILE"},
      {{"--peer", "127.0.0.1:1"}, "named twice"},
      {{"--peer", "127.0.0.1:0"}, "'127.0.0.1:0' is no ADDRESS:PORT"},
      {{"--peer", "127.0.0.1:99999"}, "99999' is no ADDRESS:PORT"},
      {{"--listen", "here"}, "'here' is no ADDRESS:PORT"},
      {{"--peer", "1.2.3.4:1", "--peer", "1.2.3.4"}, "'1.2.3.4' is no ADDRESS:PORT"},
  };
  for (const auto& [wrong, part] : cases) {
    SCOPED_TRACE(part);
    std::vector<std::string> words{"device", "--peer", "127.0.0.1:1", "--data", data(0)};
    if (wrong[0] != "--code") words.insert(words.end(), {"--code", kCode});
    words.insert(words.end(), wrong.begin(), wrong.end());
    const Outcome outcome = takt(words);
    EXPECT_EQ(outcome.exit, 2);
    EXPECT_THAT(outcome.err, HasSubstr(part));
  }
}

TEST_F(Devices, WhatTheWorldRefusesIsSaid) {
  const Folder& folder = folder_;
  const std::string file = folder.file("file", "");
  const Running other{{"device", "--code", kCode, "--listen", addresses_[0], "--peer",
                       addresses_[1], "--data", data(1)}};
  ASSERT_TRUE(const_cast<Running&>(other).says("listens"));
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
      {{"--listen", addresses_[0]}, "Address already in use"},
      {{"--data", file}, "Not a directory"},
      {{"--record", folder.path("no/r.csv")}, "No such file"},
      {{"--record", "/dev/full"}, "No space left"},
      {{"none.json"}, "No such file"},
  };
  for (const auto& [words, part] : cases) {
    SCOPED_TRACE(part);
    std::vector<std::string> all{"device", "--code", kCode, "--peer", addresses_[1]};
    if (words[0] != "--listen") all.insert(all.end(), {"--listen", "127.0.0.1:0"});
    if (words[0] != "--data") all.insert(all.end(), {"--data", data(0)});
    all.insert(all.end(), words.begin(), words.end());
    const Outcome outcome = takt(all);
    EXPECT_EQ(outcome.exit, 3);
    EXPECT_THAT(outcome.err, HasSubstr(part));
  }
  for (const char* const starts : {"", "x\n", "12", "-1\n", "4294967295\n"}) {
    SCOPED_TRACE(starts);
    folder.file("starts", starts);
    const Outcome outcome = takt({"device", "--code", kCode, "--peer", addresses_[1], "--listen",
                                  "127.0.0.1:0", "--data", folder.path("")});
    EXPECT_EQ(outcome.exit, 3);
    EXPECT_THAT(outcome.err, HasSubstr("no count of starts"));
    EXPECT_EQ(read_file(folder.path("starts")), starts);
  }
}

TEST_F(Devices, AProgramWithoutTwoSidesIsNone) {
  for (const char* const program : {"examples/washer.json", "LICENSE"}) {
    const Outcome outcome = takt({"device", program, "--code", kCode, "--peer", addresses_[1],
                                  "--listen", "127.0.0.1:0", "--data", data(0)});
    EXPECT_EQ(outcome.exit, 1);
    EXPECT_THAT(outcome.err, AnyOf(HasSubstr("this one has none"), HasSubstr("not a valid")));
  }
}

}  // namespace
}  // namespace takt::testing
