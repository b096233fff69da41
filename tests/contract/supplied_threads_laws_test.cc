// SPDX-License-Identifier: Apache-2.0
// The laws of contexts that run at the same time find what keeps them apart, or wakes them, badly.
#include <gtest/gtest.h>
#include <sched.h>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string_view>
#include <thread>

#include "takt/ports/linux/thread_runner.h"
#include "tests/contract/exclusion_laws.h"
#include "tests/contract/faults.h"
#include "tests/contract/waiter_laws.h"

namespace takt::contract {
namespace {

/// So that what is lost is missed soon.
constexpr int kSpeed = 20;

class ThreadPort {
 public:
  Clock& clock() { return clock_; }
  Runner& runner() { return runners_[0]; }
  std::array<Runner*, 3> tasks() { return {runners_.data(), &runners_[1], &runners_[2]}; }

 protected:
  LinuxClock clock_{kSpeed};

 private:
  std::array<ThreadRunner, 3> runners_{ThreadRunner{clock_, ThreadRunner::Mode::kOrdinary},
                                       ThreadRunner{clock_, ThreadRunner::Mode::kOrdinary},
                                       ThreadRunner{clock_, ThreadRunner::Mode::kOrdinary}};
};

class FaultyWaiter final : public Waiter {
 public:
  FaultyWaiter(const LinuxClock& clock, std::string_view fault) : clock_(clock), fault_(fault) {}

  bool wait(const Word& word, std::uint32_t seen, LocalTime deadline) override {
    std::unique_lock lock{mutex_};
    if (word.load() != seen) return true;
    const Micros left = deadline - clock_.now();
    changed_.wait_for(lock, std::chrono::microseconds{left.count() / kSpeed + 1});
    return clock_.now() < deadline;
  }
  void wake(const Word& /*word*/) override {
    const std::lock_guard lock{mutex_};
    if (fault_ == "wakes one") {
      changed_.notify_one();
    } else {
      changed_.notify_all();
    }
  }
  void nap() override { std::this_thread::sleep_for(std::chrono::milliseconds{1}); }

 private:
  const LinuxClock& clock_;
  const std::string_view fault_;
  std::mutex mutex_;
  std::condition_variable changed_;
};

class WaiterPort : public ThreadPort {
 public:
  explicit WaiterPort(std::string_view fault) : waiter_(clock_, fault) {}
  Waiter& waiter() { return waiter_; }

  template <typename Predicate>
  bool pass_until(Predicate predicate) {
    while (!predicate()) sched_yield();
    return true;
  }

 private:
  FaultyWaiter waiter_;
};

TEST(TaskWaiterLaws, FindEveryFault) {
  expect_found(kTaskWaiterLaws<WaiterPort>,
               std::array{Row{"wakes one", "a wake wakes all who wait"}});
}

/// What all exclusions of one port share.
struct Gate {
  std::atomic<std::thread::id> inside{};
  std::atomic<bool> given_up{false};
};

class FaultyExclusion final : public Exclusion {
 public:
  FaultyExclusion(Gate& gate, std::string_view fault) : gate_(gate), fault_(fault) {}

  void enter() override {
    if (fault_ == "does nothing") return;
    const std::thread::id self = std::this_thread::get_id();
    outer_ = gate_.inside.load() == self;
    if (outer_) return;
    for (std::thread::id nobody; !gate_.inside.compare_exchange_weak(nobody, self); nobody = {}) {
      if (gate_.given_up.load()) return;
      sched_yield();
    }
  }
  void leave() override {
    if (fault_ == "does nothing") return;
    if (fault_ == "stays inside" && std::this_thread::get_id() == law_) return;
    if (!outer_ || fault_ == "leaves the outer one") gate_.inside.store({});
  }

 private:
  Gate& gate_;
  const std::string_view fault_;
  const std::thread::id law_ = std::this_thread::get_id();
  bool outer_ = false;
};

class ExclusionPort : public ThreadPort {
 public:
  explicit ExclusionPort(std::string_view fault) : exclusion_(gate_, fault), inner_(gate_, fault) {}
  ~ExclusionPort() { gate_.given_up.store(true); }
  Exclusion& exclusion() { return exclusion_; }
  Exclusion& inner() { return inner_; }

  void pass(Micros time) {
    const LocalTime end = clock_.now() + time;
    while (clock_.now() < end) sched_yield();
  }
  template <typename Predicate>
  bool pass_until(Predicate predicate) {
    const LocalTime end = clock_.now() + seconds(20);
    while (!predicate()) {
      gate_.given_up.store(clock_.now() > end);
      if (gate_.given_up.load()) return false;
      sched_yield();
    }
    return true;
  }

 private:
  Gate gate_;
  FaultyExclusion exclusion_;
  FaultyExclusion inner_;
};

TEST(ExclusionLaws, FindEveryFault) {
  constexpr std::string_view kOut = "it keeps others out, and lets them in again";
  expect_found(
      kExclusionLaws<ExclusionPort>,
      std::array{Row{"does nothing", "a change is seen whole, and none is lost"},
                 Row{"does nothing", kOut}, Row{"stays inside", kOut},
                 Row{"leaves the outer one", "leaving an inner one does not leave the outer"}});
}

}  // namespace
}  // namespace takt::contract
