// SPDX-License-Identifier: Apache-2.0
// The laws of ports/api, for the ports of a host.
#include <gtest/gtest.h>

#include "takt/ports/linux/cage.h"
#include "takt/ports/linux/caged_runner.h"
#include "takt/ports/linux/gpio_bank.h"
#include "takt/ports/linux/thread_runner.h"
#include "takt/ports/linux/watchdog.h"
#include "takt/ports/virtual/datagram_link.h"
#include "takt/ports/virtual/output_bank.h"
#include "takt/ports/virtual/watchdog.h"
#include "takt/ports/virtual/world.h"
#include "tests/contract/datagram_link_laws.h"
#include "tests/contract/output_bank_laws.h"
#include "tests/contract/real_time.h"
#include "tests/contract/runner_laws.h"
#include "tests/contract/watchdog_laws.h"
#include "tests/support/cage_for_test.h"
#include "tests/support/fake_gpiod.h"
#include "tests/support/fake_watchdog.h"

namespace takt::contract {
namespace {

class InVirtualTime {
 public:
  template <typename Predicate>
  bool pass_until(Predicate predicate) {
    while (!predicate()) {
      if (!world_.step()) return false;
    }
    return true;
  }

 protected:
  World world_;
};

template <std::int32_t kPpb>
class VirtualPort : public InVirtualTime {
 public:
  Clock& clock() { return clock_; }
  Runner& runner() { return runner_; }

  void pass(Micros time) {
    world_.run_until(std::max(world_.now(), clock_.when(clock_.now() + time)));
  }

 private:
  VirtualClock clock_{world_, WorldTime{Micros{-77}}, kPpb};
  VirtualRunner runner_{world_, clock_, VirtualRunner::Rank::kRealtime};
};

class InRealTime {
 public:
  explicit InRealTime(double speed = 1) : clock_(speed) {}

  Clock& clock() { return clock_; }
  void pass(Micros time) { wait_for(clock_, time); }
  template <typename Predicate>
  bool pass_until(Predicate predicate) {
    return wait_until(predicate);
  }

 protected:
  LinuxClock clock_;
};

template <ThreadRunner::Mode kMode, int kSpeed>
class LinuxPort : public InRealTime {
 public:
  LinuxPort() : InRealTime(kSpeed) {}

  Runner& runner() { return runner_; }

 private:
  ThreadRunner runner_{clock_, kMode};
};

class CagedPort : public InRealTime {
 public:
  Runner& runner() { return runner_; }

 private:
  const std::unique_ptr<Cage> cage_ = make_cage();
  CagedRunner runner_{*cage_, kTask, clock_};
};

template <typename Port>
class RunnerContract : public ::testing::Test {};

using RunnerPorts = ::testing::Types<VirtualPort<0>, VirtualPort<100'000>, VirtualPort<-333'333>,
                                     LinuxPort<ThreadRunner::Mode::kSleep, 1>,
                                     LinuxPort<ThreadRunner::Mode::kPrecise, 1>,
                                     LinuxPort<ThreadRunner::Mode::kOrdinary, 1>,
                                     LinuxPort<ThreadRunner::Mode::kSleep, 7>, CagedPort>;
TYPED_TEST_SUITE(RunnerContract, RunnerPorts);

TYPED_TEST(RunnerContract, EveryLawHolds) {
  for (const Law<TypeParam>& law : kRunnerLaws<TypeParam>) {
    TypeParam port;
    EXPECT_STREQ(law.check(port), nullptr) << law.name;
  }
}

class VirtualOutputs {
 public:
  OutputBank& outputs() { return bank_; }
  bool is_high(int pin) const { return bank_.is_high(pin); }

 private:
  VirtualOutputBank bank_{8};
};

class GpioOutputs {
 public:
  GpioOutputs() { fake_gpiod().reset(); }
  OutputBank& outputs() { return bank_; }
  static bool is_high(int pin) { return fake_gpiod().lines.at(static_cast<std::size_t>(pin)).high; }

 private:
  GpioBank bank_{"gpiochip0"};
};

template <typename Port>
class OutputBankContract : public ::testing::Test {};
using OutputBankPorts = ::testing::Types<VirtualOutputs, GpioOutputs>;
TYPED_TEST_SUITE(OutputBankContract, OutputBankPorts);

TYPED_TEST(OutputBankContract, EveryLawHolds) {
  for (const Law<TypeParam>& law : kOutputBankLaws<TypeParam>) {
    TypeParam port;
    EXPECT_STREQ(law.check(port), nullptr) << law.name;
  }
}

class VirtualDog {
 public:
  VirtualDog() { dog_.start(asked()); }
  Watchdog& watchdog() { return dog_; }
  static Micros asked() { return millis(700); }
  Micros held() const { return dog_.patience(); }
  void hold(Micros patience) { dog_.start(patience); }
  void pass(Micros time) { world_.run_until(world_.now() + time); }
  bool has_bitten() const { return dog_.has_bitten(); }
  static void expect_bite() {}

 private:
  World world_;
  VirtualClock clock_{world_};
  VirtualWatchdog dog_{clock_};
};

class LinuxDog {
 public:
  LinuxDog() {
    fake_watchdog().reset();
    EXPECT_EQ(dog_.open(FakeWatchdog::kPath, asked()), Status::kOk) << dog_.error();
  }
  Watchdog& watchdog() { return dog_; }
  static Micros asked() { return millis(2'700); }
  static Micros held() { return seconds(fake_watchdog().time); }
  static void hold(Micros patience) {
    fake_watchdog().time = static_cast<int>(patience / seconds(1));
  }
  static void pass(Micros time) { fake_watchdog().pass(time); }
  static bool has_bitten() { return fake_watchdog().bitten; }
  static void expect_bite() {}

 private:
  LinuxWatchdog dog_;
};

template <typename Port>
class WatchdogContract : public ::testing::Test {};
using WatchdogPorts = ::testing::Types<VirtualDog, LinuxDog>;
TYPED_TEST_SUITE(WatchdogContract, WatchdogPorts);

TYPED_TEST(WatchdogContract, EveryLawHolds) {
  for (const Law<TypeParam>& law : kWatchdogLaws<TypeParam>) {
    TypeParam port;
    EXPECT_STREQ(law.check(port), nullptr) << law.name;
  }
}

/// Two devices, whose clocks run alike so that the laws can compare their stamps.
class VirtualLinks : public InVirtualTime {
 public:
  VirtualLinks() { VirtualLink::connect(here_, there_, Micros{300}); }

  Clock& clock() { return clock_; }
  DatagramLink& here() { return here_; }
  DatagramLink& there() { return there_; }

  void pass(Micros time) { world_.run_until(world_.now() + time); }

 private:
  VirtualClock clock_{world_};
  VirtualRunner control_{world_, clock_, VirtualRunner::Rank::kOrdinary};
  VirtualLink here_{world_, clock_, control_};
  VirtualLink there_{world_, clock_, control_};
};

TEST(DatagramLinkContract, EveryLawHoldsForTheVirtualLink) {
  for (const Law<VirtualLinks>& law : kDatagramLinkLaws<VirtualLinks>) {
    VirtualLinks port;
    EXPECT_STREQ(law.check(port), nullptr) << law.name;
  }
}

}  // namespace
}  // namespace takt::contract
