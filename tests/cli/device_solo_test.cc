// SPDX-License-Identifier: Apache-2.0
// A device that plays alone, in the memory of a board.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/cli/run.h"

namespace takt::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kWasher = "examples/washer.json";

std::vector<std::string> examples() {
  std::vector<std::string> paths;
  for (const auto& file : std::filesystem::directory_iterator{"examples"}) {
    if (file.path().extension() == ".json") paths.push_back(file.path().string());
  }
  std::ranges::sort(paths);
  return paths;
}

std::vector<std::string> playing(const std::string& file, const std::string& board,
                                 const std::vector<std::string>& more = {}) {
  std::vector<std::string> words{"device", file, "--board", board, "--start"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST(DeviceAlone, PlaysEachExampleOnEachBoardThatCanHoldItAndSaysWhyNotOnOthers) {
  int played = 0;
  int refused = 0;
  for (const char* const board :
       {"esp32-c3", "cycleoptima", "jc3636w518", "esp32-c6", "mps2-an385", "linux"}) {
    for (const std::string& file : examples()) {
      SCOPED_TRACE(file + " on " + board);
      const bool fits = takt({"check", file, "--board", board}).exit == 0;
      Running device{playing(file, board)};
      if (!fits) {
        EXPECT_TRUE(device.says("error: ")) << device.said();
        EXPECT_EQ(device.end(), 1);
        EXPECT_THAT(device.said(), HasSubstr(std::string{" cannot be played on "} + board));
        ++refused;
        continue;
      }
      EXPECT_TRUE(device.says("[Mem] boot")) << device.said();
      EXPECT_TRUE(device.says("[Bus] pool entries=")) << device.said();
      EXPECT_TRUE(device.says("[Mem] setup")) << device.said();
      EXPECT_TRUE(device.says("done\n")) << device.said();
      EXPECT_TRUE(device.says("playing")) << device.said();
      device.tell("quit");
      EXPECT_EQ(device.end(), 0) << device.said();
      ++played;
    }
  }
  EXPECT_GE(played, 30);
  EXPECT_GE(refused, 1);
}

TEST(DeviceAlone, CarriesOutOrdersAndAnswersEach) {
  Running device{{"device", kWasher, "--board", "esp32-c3", "--json"}};
  ASSERT_TRUE(device.says("ready")) << device.said();
  const std::vector<std::pair<std::string, std::string>> cases{
      {"pause", "not done: nothing plays"},
      {"play", "done"},
      {"play", "not done: it plays already"},
      {"pause", "done"},
      {"resume", "done"},
      {"skip-to 3", "done"},
      {"skip-to 99", "not done: this program has no such phase"},
      {"set duty=50", "not done: "},
      {"dance", "there is no order 'dance'"},
      {"help", "go on with the next phase"},
      {"status", " us late at most"},
      {"estop", "done"},
      {"play", "not done: an emergency stop holds"},
      {"release", "done"},
      {"play", "done"},
      {"stop", "done"},
  };
  for (const auto& [order, answer] : cases) {
    device.tell(order);
    ASSERT_TRUE(device.says(answer)) << order << ":\n" << device.said();
  }
  ASSERT_TRUE(device.says("stopped")) << device.said();
  device.tell("quit");
  EXPECT_EQ(device.end(), 0) << device.said();
  EXPECT_THAT(device.said(), AllOf(HasSubstr(R"("board":"esp32-c3")"), HasSubstr(R"("runs":2)"),
                                   HasSubstr(R"("end":"stopped")")));
}

TEST(DeviceAlone, ShowsWhatItsSensorsAreTold) {
  const Folder folder;
  const std::string file = folder.file("fill.json", R"({"takt":1,"name":"Fill",
    "outputs":[{"id":"valve","pin":4}],"phases":[{"name":"Fill",
    "end":{"sensor":"pressure","below":22500},
    "components":[{"output":"valve","on":"60s"}]}]})");
  Running device{playing(file, "esp32-c3", {"--sensor", "pressure=20000@300ms"})};
  EXPECT_TRUE(device.says("ended: sensor pressure at 20000")) << device.said();
  device.tell("quit");
  EXPECT_EQ(device.end(), 0) << device.said();
}

TEST(DeviceAlone, EndsInOrderByEverySignal) {
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGALRM, SIGXCPU}) {
    SCOPED_TRACE(number);
    Running device{playing(kWasher, "esp32-c3")};
    ASSERT_TRUE(device.says("playing")) << device.said();
    device.signal(SIGTSTP);
    EXPECT_TRUE(device.says("a device is not stopped")) << device.said();
    device.signal(number);
    const bool is_order = number == SIGINT || number == SIGTERM;
    EXPECT_EQ(device.end(), is_order ? 0 : 128 + number) << device.said();
  }
}

TEST(DeviceAlone, RefusesAPinThatItsBoardHasNotAndWarnsOfOthers) {
  const Folder folder;
  const auto program = [&](int pin) {
    return folder.file(
        "pin.json", R"({"takt":1,"name":"Pin","outputs":[{"id":"a","pin":)" + std::to_string(pin) +
                        R"(}],"phases":[{"name":"p","components":[{"output":"a","on":"1s"}]}]})");
  };
  const Outcome refused = takt(playing(program(12), "esp32-c3"));
  EXPECT_EQ(refused.exit, 1);
  EXPECT_THAT(refused.err, HasSubstr("esp32-c3 has no pin 12"));
  const Outcome warned = takt(playing(program(9), "esp32-c3"), "quit\n");
  EXPECT_EQ(warned.exit, 0) << warned.out << warned.err;
  EXPECT_THAT(warned.err, HasSubstr("pin 9 of esp32-c3 is a strapping pin"));
  const Outcome good = takt(playing(program(4), "esp32-c3"), "quit\n");
  EXPECT_EQ(good.exit, 0) << good.out << good.err;
  EXPECT_THAT(good.err, Not(HasSubstr("warning")));
}

TEST(DeviceAlone, SaysWhatIsWrongWithTheCall) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
      {{"device"}, "alone it needs a FILE"},
      {{"device", kWasher, "--board", "toaster"}, "--board"},
      {{"device", kWasher, "--sensor", "noise=1"}, "no phase of this program asks for it"},
      {{"device", kWasher, "--sensor", "pressure"}, "--sensor takes NAME=VALUE"},
      {{"device", kWasher, "--record", "r.csv"}, "--record goes with --peer"},
      {{"device", kWasher, "--peer", "127.0.0.1:1"}, "--code"},
      {{"device", kWasher, "--peer", "127.0.0.1:1", "--code", "moonlight7", "--board", "esp32-c3"},
       "without --peer"},
  };
  for (const auto& [words, part] : cases) {
    const Outcome outcome = takt(words);
    EXPECT_EQ(outcome.exit, 2) << part;
    EXPECT_THAT(outcome.err, HasSubstr(part));
  }
}

}  // namespace
}  // namespace takt::testing
