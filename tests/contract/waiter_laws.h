// SPDX-License-Identifier: Apache-2.0
// What every port's Waiter must do; see law.h for the form.
//
// A port under test has
//   Waiter& waiter(); Clock& clock();    the law's own context waits, by that clock
//   Runner& runner();                    another context, which runs while the law waits
// and for kTaskWaiterLaws, where several tasks can wait,
//   std::array<Runner*, 3> tasks();      whose works may wait
//   bool pass_until(predicate);          as for runner_laws.h
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "takt/core/base/waiter.h"
#include "takt/ports/api/clock.h"
#include "takt/ports/api/runner.h"
#include "tests/contract/law.h"

namespace takt::contract {

using Word = std::atomic<std::uint32_t>;

/// Longer than anything but a lost wake takes.
inline constexpr Micros kWaitPatience = seconds(5);

/// A wait may end without cause, so laws wait again: so often at most, or it does not wait at all.
inline constexpr int kMostEarlyReturns = 1'000;

template <typename Port>
const char* a_word_that_has_changed_is_not_waited_for(Port& port) {
  const Word word{1};
  const LocalTime begin = port.clock().now();
  if (!port.waiter().wait(word, 0, kNever)) return "it gave up without a deadline";
  if (!port.waiter().wait(word, 0, begin + seconds(3'600))) return "it gave up before the deadline";
  return port.clock().now() < begin + kWaitPatience ? nullptr : "it waited";
}

template <typename Port>
const char* a_wait_lasts_until_its_deadline(Port& port) {
  const Word word{0};
  Random random(kSeeds[1]);
  for (int i = 0; i < 100; ++i) {
    const LocalTime deadline = port.clock().now() + Micros{random.below(1'000)};
    int early = 0;
    while (port.waiter().wait(word, 0, deadline)) {
      if (++early > kMostEarlyReturns) return "it does not wait";
    }
    const LocalTime end = port.clock().now();
    if (end < deadline) return "it gave up before the deadline";
    if (end > deadline + kWaitPatience) return "it slept through the deadline";
  }
  return nullptr;
}

template <typename Port>
const char* a_deadline_that_has_passed_ends_a_wait_at_once(Port& port) {
  const Word word{0};
  const LocalTime begin = port.clock().now();
  for (const LocalTime deadline : {begin, begin - Micros{1}, LocalTime{}, begin - seconds(10)}) {
    int early = 0;
    while (port.waiter().wait(word, 0, deadline)) {
      if (++early > kMostEarlyReturns) return "it does not give up";
    }
  }
  return port.clock().now() < begin + kWaitPatience ? nullptr : "it waited";
}

/// Changes a word once for each time it is asked to, a random time later.
class Changer final : public Work {
 public:
  Changer(Waiter& waiter, std::uint32_t seed) : waiter_(waiter), random_(seed) {}

  LocalTime run(LocalTime now) override {
    const std::uint32_t asked = asked_.load(std::memory_order_acquire);
    const std::uint32_t given = word_.load(std::memory_order_relaxed);
    if (asked == given) return kNever;
    if (due_ == kNever) due_ = now + Micros{random_.below(60)};
    if (now < due_) return due_;
    due_ = kNever;
    word_.store(asked, std::memory_order_release);
    waiter_.wake(word_);
    return kNever;
  }

  void ask(Runner& runner, std::uint32_t number) {
    asked_.store(number, std::memory_order_release);
    runner.wake();
  }
  const Word& word() const { return word_; }

 private:
  Waiter& waiter_;
  Random random_;
  LocalTime due_ = kNever;
  Word asked_{0};
  Word word_{0};
};

/// Every wake falls somewhere else: before the wait, while it begins, or into it.
template <typename Port>
const char* no_wake_is_lost(Port& port) {
  Changer changer(port.waiter(), kSeeds[2]);
  if (port.runner().start(changer) != Status::kOk) return "it does not start";
  const char* broken = nullptr;
  for (std::uint32_t round = 1; round <= 1'000 && broken == nullptr; ++round) {
    changer.ask(port.runner(), round);
    const LocalTime deadline = port.clock().now() + kWaitPatience;
    while (changer.word().load(std::memory_order_acquire) != round && broken == nullptr) {
      if (!port.waiter().wait(changer.word(), round - 1, deadline)) broken = "a wake was lost";
    }
    // Found by the look at the deadline, it was lost all the same.
    if (port.clock().now() >= deadline) broken = "a wake was lost";
  }
  port.runner().stop();
  return broken;
}

template <typename Port>
const char* a_wait_without_a_deadline_ends_by_a_wake(Port& port) {
  Changer changer(port.waiter(), kSeeds[1]);
  if (port.runner().start(changer) != Status::kOk) return "it does not start";
  const char* broken = nullptr;
  changer.ask(port.runner(), 1);
  while (changer.word().load(std::memory_order_acquire) == 0 && broken == nullptr) {
    if (!port.waiter().wait(changer.word(), 0, kNever)) broken = "it gave up without a deadline";
  }
  port.runner().stop();
  return broken;
}

/// Has run once.
class Once final : public Work {
 public:
  LocalTime run(LocalTime /*now*/) override {
    ran_.store(true);
    return kNever;
  }
  bool ran() const { return ran_.load(); }

 private:
  std::atomic<bool> ran_{false};
};

template <typename Port>
const char* a_nap_lets_others_run(Port& port) {
  Once once;
  const LocalTime begin = port.clock().now();
  if (port.runner().start(once) != Status::kOk) return "it does not start";
  int naps = 0;
  while (!once.ran() && port.clock().now() < begin + kWaitPatience && naps < 1'000'000) {
    port.waiter().nap();
    ++naps;
  }
  port.runner().stop();
  return once.ran() ? nullptr : "the others never run";
}

template <typename Port>
inline constexpr std::array kWaiterLaws{
    Law<Port>{"a word that has changed is not waited for",
              a_word_that_has_changed_is_not_waited_for},
    Law<Port>{"a wait lasts until its deadline", a_wait_lasts_until_its_deadline},
    Law<Port>{"a deadline that has passed ends a wait at once",
              a_deadline_that_has_passed_ends_a_wait_at_once},
    Law<Port>{"no wake is lost", no_wake_is_lost},
    Law<Port>{"a wait without a deadline ends by a wake", a_wait_without_a_deadline_ends_by_a_wake},
    Law<Port>{"a nap lets others run", a_nap_lets_others_run},
};

/// Waits once for a word to change.
class Waiting final : public Work {
 public:
  Waiting(Waiter& waiter, const Word& word, std::atomic<int>& here, std::atomic<int>& gone)
      : waiter_(waiter), word_(word), here_(here), gone_(gone) {}

  LocalTime run(LocalTime now) override {
    here_.fetch_add(1);
    while (word_.load() == 0) {
      if (!waiter_.wait(word_, 0, now + kWaitPatience)) return kNever;
    }
    gone_.fetch_add(1);
    return kNever;
  }

 private:
  Waiter& waiter_;
  const Word& word_;
  std::atomic<int>& here_;
  std::atomic<int>& gone_;
};

template <typename Port>
const char* a_wake_wakes_all_who_wait(Port& port) {
  const char* broken = nullptr;
  for (int round = 0; round < 20 && broken == nullptr; ++round) {
    Word word{0};
    std::atomic<int> here{0};
    std::atomic<int> gone{0};
    std::array<Waiting, 3> works{Waiting{port.waiter(), word, here, gone},
                                 Waiting{port.waiter(), word, here, gone},
                                 Waiting{port.waiter(), word, here, gone}};
    const std::array<Runner*, 3> tasks = port.tasks();
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      if (tasks[i]->start(works[i]) != Status::kOk) broken = "it does not start";
    }
    if (!port.pass_until([&] { return here.load() == 3; })) broken = "a task does not run";
    for (int i = 0; i < round; ++i) port.waiter().nap();  // Most of them wait by now.
    const LocalTime begin = port.clock().now();
    word.store(1);
    port.waiter().wake(word);
    if (!port.pass_until(
            [&] { return gone.load() == 3 || port.clock().now() > begin + kWaitPatience; })) {
      broken = "a task hangs";
    }
    for (Runner* const task : tasks) task->stop();
    if (port.clock().now() >= begin + kWaitPatience) broken = "a task was not woken";
  }
  return broken;
}

template <typename Port>
inline constexpr std::array kTaskWaiterLaws{
    Law<Port>{"a wake wakes all who wait", a_wake_wakes_all_who_wait},
};

}  // namespace takt::contract
