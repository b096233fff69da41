// SPDX-License-Identifier: Apache-2.0
#include "takt/ports/linux/watchdog.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <limits>
#include <random>

#include "tests/support/fake_watchdog.h"

namespace takt {
namespace {

class LinuxWatchdogTest : public ::testing::Test {
 protected:
  LinuxWatchdogTest() { fake_watchdog().reset(); }

  static std::string said(const std::string& why) { return FakeWatchdog::kPath + (": " + why); }
  Status open(Micros patience) { return watchdog.open(FakeWatchdog::kPath, patience); }

  /// Nobody has it, and it was told to stop.
  static bool is_stopped() {
    return !fake_watchdog().is_open() && fake_watchdog().written() == "V";
  }

  LinuxWatchdog watchdog;
};

TEST_F(LinuxWatchdogTest, IsSetFedAndRunningOnceOpen) {
  ASSERT_EQ(open(seconds(2)), Status::kOk) << watchdog.error();
  EXPECT_EQ(fake_watchdog().time, 2);
  EXPECT_EQ(fake_watchdog().feeds, 1);
  EXPECT_EQ(watchdog.patience(), seconds(2));
  EXPECT_TRUE(fake_watchdog().is_open());
  EXPECT_EQ(open(seconds(2)), Status::kBusy);
  EXPECT_EQ(fake_watchdog().opens, 1);
}

TEST_F(LinuxWatchdogTest, GoesOnWhereItIsLeftRunning) {
  ASSERT_EQ(open(seconds(2)), Status::kOk) << watchdog.error();
  watchdog.leave_running();
  EXPECT_FALSE(fake_watchdog().is_open());
  EXPECT_EQ(fake_watchdog().written(), "");
  EXPECT_EQ(watchdog.close(), Status::kOk);
}

TEST_F(LinuxWatchdogTest, PatienceIsWhatTheDeviceHoldsAndNeverMoreThanWasAsked) {
  for (std::uint32_t seed = 1; seed <= 500; ++seed) {
    std::mt19937 random{seed};
    const auto pick = [&random](int from, int to) {
      return std::uniform_int_distribution{from, to}(random);
    };
    FakeWatchdog& device = fake_watchdog();
    device.reset();
    device.time = pick(1, 100);
    device.step = pick(1, 5);
    device.rounds_up = pick(0, 1) == 1;
    device.skips = pick(0, 3) == 0;
    device.most = pick(10, 60);
    const Micros asked = millis(pick(500, 70'000));
    if (open(asked) != Status::kOk) {
      EXPECT_TRUE(asked < seconds(1) || asked >= seconds(device.most + 1) ||
                  seconds(device.time) > asked)
          << watchdog.error() << ", seed " << seed;
      EXPECT_TRUE(device.opens == 0 || is_stopped()) << "seed " << seed;
      continue;
    }
    EXPECT_EQ(watchdog.patience(), seconds(device.time)) << "seed " << seed;
    EXPECT_LE(watchdog.patience(), asked) << "seed " << seed;
    device.time += 1;  // Remembered is not read.
    EXPECT_EQ(watchdog.patience(), seconds(device.time)) << "seed " << seed;
    EXPECT_EQ(watchdog.close(), Status::kOk);
  }
}

TEST_F(LinuxWatchdogTest, ASettingThatIsSkippedIsFound) {
  fake_watchdog().skips = true;
  EXPECT_EQ(open(seconds(2)), Status::kOutOfRange);
  EXPECT_EQ(watchdog.error(), said("it waits for 60 s, not 2 s"));
  EXPECT_TRUE(is_stopped());
}

TEST_F(LinuxWatchdogTest, EveryFeedReachesTheDeviceOrIsCounted) {
  ASSERT_EQ(open(seconds(2)), Status::kOk);
  for (int i = 0; i < 1'000; ++i) watchdog.feed();
  EXPECT_EQ(fake_watchdog().feeds, 1'001);
  EXPECT_EQ(watchdog.refused(), 0U);
  fake_watchdog().feed_error = EIO;
  for (int i = 0; i < 10; ++i) watchdog.feed();
  EXPECT_EQ(watchdog.refused(), 10U);
}

TEST_F(LinuxWatchdogTest, OnlyAnOrderlyEndStopsIt) {
  {
    LinuxWatchdog other;
    ASSERT_EQ(other.open(FakeWatchdog::kPath, seconds(2)), Status::kOk);
    for (int i = 0; i < 10; ++i) other.feed();
    EXPECT_EQ(fake_watchdog().written(), "");  // A process killed here has not stopped it.
  }
  EXPECT_TRUE(is_stopped());
  ASSERT_EQ(open(seconds(3)), Status::kOk);
  EXPECT_EQ(watchdog.close(), Status::kOk);
  EXPECT_TRUE(is_stopped());
  EXPECT_EQ(watchdog.close(), Status::kOk);
}

TEST_F(LinuxWatchdogTest, OneThatCannotBeStoppedSaysSo) {
  fake_watchdog().read_only = true;
  ASSERT_EQ(open(seconds(2)), Status::kOk);
  EXPECT_EQ(watchdog.close(), Status::kIo);
  EXPECT_EQ(watchdog.error(), said("it cannot be stopped and will reset the board"));
  fake_watchdog().skips = true;
  fake_watchdog().time = 60;
  EXPECT_EQ(open(seconds(2)), Status::kOutOfRange);
  EXPECT_EQ(watchdog.error(),
            said("it waits for 60 s, not 2 s; it cannot be stopped and will reset the board"));
}

TEST_F(LinuxWatchdogTest, WhatIsNoWatchdogIsNotWrittenTo) {
  const std::string path = ::testing::TempDir() + "takt_no_watchdog";
  std::ofstream{path} << "keep this";
  EXPECT_EQ(watchdog.open(path, seconds(2)), Status::kUnsupported);
  EXPECT_EQ(watchdog.error(), path + ": not a watchdog");
  std::ifstream file{path};
  EXPECT_EQ((std::string{std::istreambuf_iterator<char>{file}, {}}), "keep this");
}

TEST_F(LinuxWatchdogTest, ErrorsSayWhichDeviceAndWhy) {
  const std::string none = "/dev/takt-has-no-watchdog";
  EXPECT_EQ(watchdog.open(none, seconds(2)), Status::kIo);
  EXPECT_EQ(watchdog.error(), none + ": no such watchdog; wdctl lists them");

  const std::string whole = said("a watchdog waits for whole seconds, at least 1 s");
  for (const Micros bad : {Micros{}, millis(999), seconds(-5), seconds(1LL << 31), Micros::max()}) {
    EXPECT_EQ(open(bad), Status::kOutOfRange);
    EXPECT_EQ(watchdog.error(), whole);
  }
  EXPECT_EQ(fake_watchdog().opens, 0);

  struct Row {
    int FakeWatchdog::*error;
    int value;
    Status status;
    const char* why;
  };
  for (const auto& [error, value, status, why] :
       {Row{&FakeWatchdog::open_error, EBUSY, Status::kBusy,
            "in use; often by systemd, see RuntimeWatchdogSec"},
        Row{&FakeWatchdog::open_error, EACCES, Status::kIo,
            "no permission; be root, or the device's owner"},
        Row{&FakeWatchdog::set_error, EOPNOTSUPP, Status::kUnsupported, "its time cannot be set"},
        Row{&FakeWatchdog::set_error, EIO, Status::kIo, "Input/output error"},
        Row{&FakeWatchdog::feed_error, EOPNOTSUPP, Status::kUnsupported, "it cannot be fed"},
        Row{&FakeWatchdog::feed_error, EIO, Status::kIo, "Input/output error"}}) {
    fake_watchdog().reset();
    fake_watchdog().*error = value;
    EXPECT_EQ(open(seconds(2)), status);
    EXPECT_EQ(watchdog.error(), said(why));
    EXPECT_TRUE(fake_watchdog().opens == 0 || is_stopped()) << why;
  }
  fake_watchdog().reset();
  EXPECT_EQ(open(seconds(601)), Status::kOutOfRange);
  EXPECT_EQ(watchdog.error(), said("it refuses 601 s"));
  EXPECT_TRUE(is_stopped());
  fake_watchdog().mute = true;
  EXPECT_EQ(open(seconds(2)), Status::kIo);
  EXPECT_EQ(watchdog.error(), said("it does not say how long it waits"));
  EXPECT_TRUE(is_stopped());
}

}  // namespace
}  // namespace takt
