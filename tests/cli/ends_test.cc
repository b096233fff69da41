// SPDX-License-Identifier: Apache-2.0
// However takt ends, its pins are off then, and what it wrote is whole. The pins lie in a file that
// outlives it.
#include <dirent.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <new>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "tests/cli/pins.h"
#include "tests/cli/run.h"

namespace takt::testing {
namespace {

using std::chrono::steady_clock;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

/// Three pins of which as a rule one or more are on, each for other stretches than the rest.
constexpr const char* kFlicker = R"({"takt":1,"name":"Flicker","outputs":[{"id":"a","pin":3},
  {"id":"b","pin":5},{"id":"c","pin":7}],"phases":[{"name":"p","components":[
  {"output":"a","on":"3ms","pause":"1ms","repeat":100000},
  {"output":"b","on":"5ms","pause":"1ms","repeat":100000},
  {"output":"c","on":"7ms","pause":"1ms","repeat":100000}]}]})";

constexpr std::array kOrderly{SIGINT,  SIGTERM, SIGHUP,  SIGQUIT,   SIGALRM,
                              SIGUSR1, SIGUSR2, SIGXCPU, SIGXFSZ,   SIGPIPE,
                              SIGIO,   SIGPWR,  SIGPROF, SIGVTALRM, SIGSTKFLT};
constexpr std::array kFaults{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS};

/// Runs for each case: a few in ./test, TAKT_TEST_ENDS of them where a person has the time.
int runs() {
  const char* const text = std::getenv("TAKT_TEST_ENDS");
  return text != nullptr ? std::atoi(text) : 1;
}

void pass(int ms) { ::poll(nullptr, 0, ms); }

class Ends : public ::testing::Test {
 protected:
  Ends() {
    const std::string path = folder_.file("pins", std::string(sizeof(Pins), '\0'));
    const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    void* const memory = ::mmap(nullptr, sizeof(Pins), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    EXPECT_NE(memory, MAP_FAILED);
    ::close(file);
    pins_ = static_cast<Pins*>(memory);
    folder_.file("watchdog", "");
    folder_.file("flicker.json", kFlicker);
    ::setenv(kPinsVariable, path.c_str(), 1);
    ::setenv(kWatchdogVariable, folder_.path("watchdog").c_str(), 1);
    reset();
  }
  ~Ends() override { ::munmap(pins_, sizeof(Pins)); }

  void reset() { new (pins_) Pins; }

  /// takt, on these pins. `before`: words in front of it.
  static std::vector<std::string> on_pins(const std::vector<std::string>& words) {
    std::vector<std::string> all{"env", std::string{"LD_PRELOAD="} + TAKT_PINS_STAND_IN,
                                 takt_path()};
    all.insert(all.end(), words.begin(), words.end());
    return all;
  }
  std::vector<std::string> playing(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words{"play",    folder_.path("flicker.json"), "--gpio", "gpiochip0",
                                   "--trace", folder_.path("trace.csv"),    "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return on_pins(words);
  }
  void start(const std::vector<std::string>& more = {}) {
    takt_ = std::make_unique<Running>(playing(more), Running::kAnyCommand);
    ASSERT_TRUE(switches_on(5)) << takt_->said();
  }
  /// Until lines have been switched on so many times.
  bool switches_on(std::uint64_t times) const {
    for (int ms = 0; ms < 30'000 && pins_->high_writes < times; ++ms) pass(1);
    return pins_->high_writes >= times;
  }

  void pass_up_to(unsigned most_us) {
    ::usleep(std::uniform_int_distribution<unsigned>{0, most_us}(random_));
  }

  /// Not all at once: whoever makes them so may be another process.
  bool go_off() const {
    for (int ms = 0; ms < 5'000 && pins_->high != 0; ++ms) pass(1);
    return pins_->high == 0;
  }

  /// Rows, each whole.
  std::vector<std::string> trace() const {
    const std::string text = read_file(folder_.path("trace.csv"));
    EXPECT_TRUE(text.empty() || text.ends_with('\n'));
    std::istringstream lines{text};
    std::vector<std::string> rows;
    for (std::string line; std::getline(lines, line);) {
      EXPECT_THAT(line, MatchesRegex("time_us,output,value|[0-9]+,[abc],[01]"));
      rows.push_back(line);
    }
    return rows;
  }

  /// The copy of takt with this name; 0: there is none.
  static pid_t companion(const std::string& name, pid_t of) {
    for (const auto& entry : std::filesystem::directory_iterator{"/proc"}) {
      std::ifstream file{entry.path() / "stat"};
      std::string line;
      if (!std::getline(file, line) || line.find("(" + name + ")") == std::string::npos) continue;
      std::istringstream fields{line.substr(line.rfind(')') + 1)};
      std::string state;
      pid_t parent = 0;
      fields >> state >> parent;
      if (parent == of && state != "Z") return std::stoi(entry.path().filename());
    }
    return 0;
  }

  /// Sends each signal to a run of its own; `then` is told which, and whether a second one is due.
  void for_each_death(const auto& signals, const auto& then) {
    for (int run = 0; run < runs(); ++run) {
      for (const int number : signals) {
        for (const bool twice : {false, true}) {
          SCOPED_TRACE(std::to_string(number) + (twice ? ", twice" : ""));
          reset();
          start();
          pass_up_to(20'000);
          takt_->signal(number);
          then(number, twice);
          if (HasFatalFailure()) return;
        }
      }
    }
  }

  const Folder folder_;
  Pins* pins_ = nullptr;
  std::unique_ptr<Running> takt_;
  std::mt19937 random_{std::random_device{}()};
};

TEST_F(Ends, NoSignalLeavesAPinOnWhetherItComesOnceOrTwice) {
  for_each_death(kOrderly, [this](int number, bool twice) {
    if (twice) {
      pass_up_to(1'000);
      takt_->signal(number);
    }
    ASSERT_EQ(takt_->end(), 128 + number);
    ASSERT_EQ(pins_->high, 0U);
    EXPECT_THAT(takt_->said(), HasSubstr(R"("end":"signal")"));
    const std::vector<std::string> rows = trace();
    EXPECT_GT(rows.size(), 5U);
    EXPECT_THAT(rows.back(), MatchesRegex("[0-9]+,[abc],0"));
  });
}

TEST_F(Ends, NoFaultLeavesAPinOn) {
  for_each_death(kFaults, [this](int number, bool twice) {
    if (twice) takt_->signal(number);
    ASSERT_NE(takt_->end(), 0);
    ASSERT_EQ(pins_->high, 0U);
    trace();
  });
}

TEST_F(Ends, AFaultOfTheRealtimeThreadItselfLeavesNoPinOn) {
  for (const std::uint32_t fault : {Pins::kBadAddress, Pins::kBadInstruction, Pins::kException,
                                    Pins::kAbort, Pins::kStackOverflow}) {
    SCOPED_TRACE(fault);
    reset();
    pins_->fault = fault;
    pins_->fault_after = 20;
    start();
    ASSERT_NE(takt_->end(), 0);
    EXPECT_TRUE(go_off());
    trace();
  }
}

TEST_F(Ends, AWriteThatIsOnItsWayComesToNothing) {
  for (const int number : {SIGSEGV, SIGABRT, SIGTERM}) {
    for (int run = 0; run < 10 * runs(); ++run) {
      reset();
      pins_->delay_us = 2'000;
      start();
      pass_up_to(10'000);
      takt_->signal(number);
      ASSERT_NE(takt_->end(), 0);
      pass(10);
      ASSERT_EQ(pins_->high, 0U);
    }
  }
}

TEST_F(Ends, WhoAsksAgainLaterNeedNotWait) {
  pins_->fault = Pins::kHang;
  pins_->fault_after = 20;
  start();
  ASSERT_TRUE(switches_on(20));
  takt_->signal(SIGTERM);
  pass(1'200);
  takt_->signal(SIGINT);
  EXPECT_EQ(takt_->end(), 128 + SIGINT);
  EXPECT_EQ(pins_->high, 0U);
  trace();
}

TEST_F(Ends, TimeoutEndsItInOrder) {
  std::vector<std::string> words{"timeout", "--preserve-status", "0.5"};
  for (const std::string& word : playing()) words.push_back(word);
  const Outcome outcome = run(words);
  EXPECT_EQ(outcome.exit, 128 + SIGTERM);
  EXPECT_EQ(outcome.json()["end"], "signal");
  EXPECT_EQ(pins_->high, 0U);
  EXPECT_GT(trace().size(), 5U);
}

TEST_F(Ends, AFinishedRunIsNoneThatASignalEnded) {
  const std::string program = folder_.file("short.json", R"({"takt":1,"name":"x",
    "outputs":[{"id":"a","pin":3}],"phases":[{"name":"p","components":[
    {"output":"a","on":"20ms"}]}]})");
  EXPECT_EQ(run(on_pins({"play", program, "--gpio", "gpiochip0"})).exit, 0);
  EXPECT_EQ(pins_->high, 0U);
}

TEST_F(Ends, AKilledProcessLeavesNoPinOnAndATraceThatIsWholeUpToTheLastSecond) {
  for (int run = 0; run < 4 * runs(); ++run) {
    reset();
    start();
    const auto began = steady_clock::now();
    // Longer than a second, for that is when something may be missing.
    const bool is_long = run % 4 == 0;
    pass(is_long ? 1'100 : 0);
    pass_up_to(100'000);
    takt_->signal(SIGKILL);
    EXPECT_EQ(takt_->end(), 128 + SIGKILL);
    const auto lasted =
        std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - began).count();
    ASSERT_TRUE(go_off());
    pass(50);  // For the process that writes.
    const std::vector<std::string> rows = trace();
    if (is_long) {
      EXPECT_GT(std::stol(rows.back()), lasted - 1'000'000);
    }
  }
}

TEST_F(Ends, WithoutItsGuardianItEnds) {
  start();
  const pid_t guardian = companion("takt-guardian", takt_->id());
  ASSERT_NE(guardian, 0);
  ::kill(guardian, SIGKILL);
  EXPECT_EQ(takt_->end(), 3);
  EXPECT_THAT(takt_->said(), HasSubstr("guardian"));
  EXPECT_EQ(pins_->high, 0U);
}

TEST_F(Ends, WhatIsSentToAllOfItsGroupLeavesNoPinOn) {
  for (const int number : {SIGTERM, SIGKILL}) {
    reset();
    std::vector<std::string> words{"timeout", "-s", std::to_string(number), "0.3"};
    for (const std::string& word : playing()) words.push_back(word);
    Running all{words, Running::kAnyCommand};
    EXPECT_NE(all.end(), 0);
    EXPECT_TRUE(go_off());
    EXPECT_GT(pins_->high_writes, 5U);
    trace();
  }
}

TEST_F(Ends, CtrlZSwitchesOffFirstAndItGoesOnLater) {
  start();
  takt_->signal(SIGTSTP);
  ASSERT_TRUE(takt_->says("paused, with all outputs off"));
  const std::string stat = "/proc/" + std::to_string(takt_->id()) + "/stat";
  const auto is_stopped = [&stat] { return read_file(stat).find(") T ") != std::string::npos; };
  for (int ms = 0; ms < 5'000 && !is_stopped(); ++ms) pass(1);
  EXPECT_TRUE(is_stopped());
  EXPECT_EQ(pins_->high, 0U);
  const std::uint64_t before = pins_->high_writes;
  pass(50);
  EXPECT_EQ(pins_->high_writes, before);
  takt_->signal(SIGCONT);
  ASSERT_TRUE(takt_->says("goes on"));
  EXPECT_TRUE(switches_on(before + 5));
  takt_->signal(SIGTERM);
  EXPECT_EQ(takt_->end(), 128 + SIGTERM);
  EXPECT_EQ(pins_->high, 0U);
}

TEST_F(Ends, ASecondAndACutLineAreNeverMissingWhereAFileMayNotGrow) {
  std::string command = "ulimit -f 4; exec";
  for (const std::string& word : playing()) command += " '" + word + "'";
  const Outcome outcome = run({"bash", "-c", command});
  EXPECT_EQ(outcome.exit, 3);
  EXPECT_THAT(outcome.err, HasSubstr("File too large"));
  EXPECT_EQ(pins_->high, 0U);
  const std::size_t size = std::filesystem::file_size(folder_.path("trace.csv"));
  EXPECT_GT(size, 4'096U - 20);
  EXPECT_LE(size, 4'096U);
  trace();
}

TEST_F(Ends, AReaderThatWentAwayLeavesNoPinOn) {
  std::string command;
  for (const std::string& word : playing({"--verbose"})) command += " '" + word + "'";
  const Outcome outcome = run({"bash", "-c", command + " 2>&1 | head -n 3; exit ${PIPESTATUS[0]}"});
  EXPECT_EQ(outcome.exit, 3);
  EXPECT_EQ(pins_->high, 0U);
}

TEST_F(Ends, TheWatchdogIsFedAndStoppedOnlyOnceAllIsOff) {
  const std::string watchdog = folder_.path("watchdog");
  start({"--watchdog", watchdog});
  EXPECT_EQ(pins_->starts, 1U);
  const std::uint32_t before = pins_->feeds;
  for (int ms = 0; ms < 5'000 && pins_->feeds < before + 5; ++ms) pass(1);
  EXPECT_GE(pins_->feeds, before + 5);
  takt_->signal(SIGTSTP);
  EXPECT_TRUE(takt_->says("not stopped: the watchdog would reset the board"));
  EXPECT_EQ(read_file(watchdog), "");
  takt_->signal(SIGTERM);
  EXPECT_EQ(takt_->end(), 128 + SIGTERM);
  EXPECT_EQ(read_file(watchdog), "V");

  for (const int number : {SIGKILL, SIGSEGV}) {
    reset();
    folder_.file("watchdog", "");
    start({"--watchdog", watchdog});
    takt_->signal(number);
    EXPECT_NE(takt_->end(), 0);
    EXPECT_TRUE(go_off());
    EXPECT_EQ(read_file(watchdog), "");
  }
}

TEST_F(Ends, WhatCannotBeSwitchedOffIsLeftToTheWatchdogAndIsNoSuccess) {
  start({"--watchdog", folder_.path("watchdog")});
  pins_->refuses = true;
  takt_->signal(SIGTERM);
  EXPECT_EQ(takt_->end(), 3);
  EXPECT_THAT(takt_->said(), HasSubstr("could not be switched off"));
  EXPECT_THAT(takt_->said(), HasSubstr("left to reset the board"));
  EXPECT_EQ(read_file(folder_.path("watchdog")), "");
}

TEST_F(Ends, AWatchdogThatIsNoneIsAFailureOfTheWorld) {
  const Outcome outcome = run(playing({"--watchdog", "/dev/null"}));
  EXPECT_EQ(outcome.exit, 3);
  EXPECT_THAT(outcome.err, HasSubstr("/dev/null: not a watchdog"));
}

/// A device that plays alone, in the memory of a board, on these pins.
class DeviceAloneEnds : public Ends {
 protected:
  void start_device() {
    reset();
    folder_.file("watchdog", "");
    takt_ = std::make_unique<Running>(
        on_pins({"device", folder_.path("flicker.json"), "--board", "esp32-c3", "--start", "--gpio",
                 "gpiochip0", "--watchdog", folder_.path("watchdog")}),
        Running::kAnyCommand);
    ASSERT_TRUE(switches_on(5)) << takt_->said();
  }
};

TEST_F(DeviceAloneEnds, LeaveNoPinOnAndTheWatchdogRunningOnlyAfterACrash) {
  for (const int number : {SIGTERM, SIGHUP, SIGSEGV, SIGABRT, SIGKILL}) {
    SCOPED_TRACE(number);
    start_device();
    pass_up_to(20'000);
    takt_->signal(number);
    const int status = takt_->end();
    ASSERT_TRUE(go_off());
    const bool in_order = number == SIGTERM || number == SIGHUP;
    EXPECT_EQ(read_file(folder_.path("watchdog")), in_order ? "V" : "");
    if (in_order) {
      EXPECT_EQ(status, number == SIGTERM ? 0 : 128 + number) << takt_->said();
      EXPECT_THAT(takt_->said(), HasSubstr("2.000 s after it was fed last"));
    } else {
      EXPECT_NE(status, 0);
    }
  }
}

TEST_F(DeviceAloneEnds, WithoutTheirGuardianOrWithPinsThatStayOnAreNoSuccess) {
  start_device();
  const pid_t guardian = companion("takt-guardian", takt_->id());
  ASSERT_NE(guardian, 0);
  ::kill(guardian, SIGKILL);
  EXPECT_EQ(takt_->end(), 3);
  EXPECT_THAT(takt_->said(), HasSubstr("guardian"));
  EXPECT_EQ(pins_->high, 0U);

  start_device();
  pins_->refuses = true;
  takt_->signal(SIGTERM);
  EXPECT_EQ(takt_->end(), 3);
  EXPECT_THAT(takt_->said(), HasSubstr("could not be switched off"));
  EXPECT_THAT(takt_->said(), HasSubstr("left to reset the board"));
  EXPECT_EQ(read_file(folder_.path("watchdog")), "");
}

/// The left side of a session, on these pins, and the right one.
class DeviceEnds : public Ends {
 protected:
  static constexpr const char* kSides = R"({"takt":1,"name":"Sides","outputs":[{"id":"l","pin":3},
    {"id":"r","pin":5}],"interlocks":[{"never_together":["l","r"],"dead_time":"1ms"}],
    "pattern":{"segments":[{"at":"0s","rate":"1Hz","brightness":100}],"length":"1s",
    "exclusive":true,
    "left":{"light":"l"},"right":{"light":"r"}},"repeat":600})";

  std::vector<std::string> device(std::size_t i, const char* side) const {
    return {"device",
            folder_.path("sides.json"),
            "--start",
            "--code",
            "moonlight7",
            "--late",
            "100",
            "--side",
            side,
            "--listen",
            addresses_[i],
            "--peer",
            addresses_[1 - i],
            "--data",
            folder_.path(side)};
  }

  void start_both() {
    folder_.file("sides.json", kSides);
    right_ = std::make_unique<Running>(device(1, "right"));
    std::vector<std::string> words = device(0, "left");
    words.insert(words.end(), {"--gpio", "gpiochip0", "--record", folder_.path("left.csv")});
    takt_ = std::make_unique<Running>(on_pins(words), Running::kAnyCommand);
    ASSERT_TRUE(takt_->says(", playing")) << takt_->said();
    ASSERT_TRUE(switches_on(3));
    for (int ms = 0; ms < 5'000 && pins_->high == 0; ++ms) pass(1);
    ASSERT_NE(pins_->high, 0U);
  }

  const std::array<std::string, 2> addresses_ = two_addresses();
  std::unique_ptr<Running> right_;
};

TEST_F(DeviceEnds, LeaveNoPinOnAndARecordThatIsWhole) {
  for (const int number : {SIGTERM, SIGUSR1, SIGKILL, SIGSEGV}) {
    SCOPED_TRACE(number);
    reset();
    start_both();
    takt_->signal(number);
    takt_->signal(number);
    const int status = takt_->end();
    if (number == SIGTERM) {
      EXPECT_EQ(status, 0);
    } else {
      EXPECT_NE(status, 0);
    }
    EXPECT_TRUE(go_off());
    pass(50);
    const std::string record = read_file(folder_.path("left.csv"));
    EXPECT_TRUE(record.ends_with('\n'));
    EXPECT_THAT(record, HasSubstr(",output,1\n"));
    right_.reset();
  }
}

}  // namespace
}  // namespace takt::testing
