// SPDX-License-Identifier: Apache-2.0
// The laws of ports/api, for the ports of a host.
#include <gtest/gtest.h>
#include <sched.h>

#include <chrono>

#include "ports/linux/fake_gpiod.h"
#include "ports/linux/gpio_bank.h"
#include "ports/linux/thread_runner.h"
#include "ports/virtual/output_bank.h"
#include "ports/virtual/world.h"
#include "tests/contract/output_bank_laws.h"
#include "tests/contract/runner_laws.h"

namespace takt::contract {
namespace {

template <std::int32_t kPpb>
class VirtualPort {
 public:
  Clock& clock() { return clock_; }
  Runner& runner() { return runner_; }

  void pass(Micros time) {
    world_.run_until(std::max(world_.now(), clock_.when(clock_.now() + time)));
  }

  template <typename Predicate>
  bool pass_until(Predicate predicate) {
    while (!predicate()) {
      if (!world_.step()) return false;
    }
    return true;
  }

 private:
  World world_;
  VirtualClock clock_{world_, WorldTime{Micros{-77}}, kPpb};
  VirtualRunner runner_{world_, clock_, VirtualRunner::Rank::kRealtime};
};

template <ThreadRunner::Mode kMode, int kSpeed>
class LinuxPort {
 public:
  Clock& clock() { return clock_; }
  Runner& runner() { return runner_; }

  void pass(Micros time) {
    const LocalTime end = clock_.now() + time;
    while (clock_.now() < end) sched_yield();
  }

  /// Gives up after a time that only a lost wake can take.
  template <typename Predicate>
  bool pass_until(Predicate predicate) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (!predicate()) {
      if (std::chrono::steady_clock::now() > end) return false;
      sched_yield();
    }
    return true;
  }

 private:
  LinuxClock clock_{kSpeed};
  ThreadRunner runner_{clock_, kMode};
};

template <typename Port>
class RunnerContract : public ::testing::Test {
 protected:
  Port port;
};

using RunnerPorts = ::testing::Types<VirtualPort<0>, VirtualPort<100'000>, VirtualPort<-333'333>,
                                     LinuxPort<ThreadRunner::Mode::kSleep, 1>,
                                     LinuxPort<ThreadRunner::Mode::kPrecise, 1>,
                                     LinuxPort<ThreadRunner::Mode::kSleep, 7>>;
TYPED_TEST_SUITE(RunnerContract, RunnerPorts);

constexpr std::uint32_t kSeeds[] = {1, 20'261, 4'000'000'007};

TYPED_TEST(RunnerContract, ClockNeverGoesBack) {
  EXPECT_STREQ(clock_never_goes_back(this->port), nullptr);
}
TYPED_TEST(RunnerContract, ClockGoesOn) { EXPECT_STREQ(clock_goes_on(this->port), nullptr); }
TYPED_TEST(RunnerContract, StartRunsAtOnce) {
  EXPECT_STREQ(start_runs_at_once(this->port), nullptr);
}
TYPED_TEST(RunnerContract, WakeRunsTheWorkAndShowsItWhatWasWritten) {
  EXPECT_STREQ(wake_runs_the_work_and_shows_it_what_was_written(this->port), nullptr);
}
TYPED_TEST(RunnerContract, WakeBeforeSleepIsNotLost) {
  EXPECT_STREQ(wake_before_sleep_is_not_lost(this->port), nullptr);
}
TYPED_TEST(RunnerContract, StopEndsAllRunsAndStartBeginsAnew) {
  EXPECT_STREQ(stop_ends_all_runs_and_start_begins_anew(this->port), nullptr);
}
TYPED_TEST(RunnerContract, DeadlinesAreKeptWithoutWakes) {
  EXPECT_STREQ(deadlines_are_kept_without_wakes(this->port), nullptr);
}
TYPED_TEST(RunnerContract, WorkNeverRunsEarlyWhateverWakesIt) {
  for (const std::uint32_t seed : kSeeds) {
    EXPECT_STREQ(work_never_runs_early_whatever_wakes_it(this->port, seed), nullptr)
        << "seed " << seed;
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
class OutputBankContract : public ::testing::Test {
 protected:
  Port port;
};
using OutputBankPorts = ::testing::Types<VirtualOutputs, GpioOutputs>;
TYPED_TEST_SUITE(OutputBankContract, OutputBankPorts);

TYPED_TEST(OutputBankContract, OutputsAreInactiveOnceConfigured) {
  EXPECT_STREQ(outputs_are_inactive_once_configured(this->port, kSeeds[1]), nullptr);
}
TYPED_TEST(OutputBankContract, OutputsShowWhatWasAppliedOnceOrTwice) {
  EXPECT_STREQ(outputs_show_what_was_applied_once_or_twice(this->port, kSeeds[1]), nullptr);
}
TYPED_TEST(OutputBankContract, BadPinsAreRefusedAndHoldNothing) {
  EXPECT_STREQ(bad_pins_are_refused_and_hold_nothing(this->port), nullptr);
}

}  // namespace
}  // namespace takt::contract
