// SPDX-License-Identifier: Apache-2.0
// What every port's Clock and Runner must do; see law.h for the form.
//
// A port under test has
//   Clock& clock(); Runner& runner();
//   void pass(Micros time);           lets so much time pass, by its clock
//   bool pass_until(predicate);       lets time pass until it holds; false: it gave up
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "takt/ports/api/clock.h"
#include "takt/ports/api/runner.h"
#include "tests/contract/law.h"

namespace takt::contract {

template <typename Port>
const char* clock_never_goes_back(Port& port) {
  LocalTime last = port.clock().now();
  if (last < LocalTime{}) return "it starts before zero";
  for (int i = 0; i < 10'000; ++i) {
    if (i % 100 == 0) port.pass(Micros{10});
    const LocalTime now = port.clock().now();
    if (now < last) return "it went back";
    last = now;
  }
  return nullptr;
}

template <typename Port>
const char* clock_goes_on(Port& port) {
  const LocalTime before = port.clock().now();
  port.pass(millis(1));
  return port.clock().now() >= before + millis(1) ? nullptr : "it stands still";
}

/// Counts runs; never asks for one.
class Counter : public Work {
 public:
  LocalTime run(LocalTime /*now*/) override {
    seen_.store(message, std::memory_order_relaxed);
    runs_.fetch_add(1, std::memory_order_release);
    return kNever;
  }
  std::uint32_t runs() const { return runs_.load(std::memory_order_acquire); }
  std::uint32_t seen() const { return seen_.load(std::memory_order_relaxed); }

  std::uint32_t message = 0;  ///< Not atomic: wake() must make it visible.

 private:
  std::atomic<std::uint32_t> runs_{0};
  std::atomic<std::uint32_t> seen_{0};
};

template <typename Port>
const char* start_runs_at_once(Port& port) {
  Counter counter;
  if (port.runner().start(counter) != Status::kOk) return "it does not start";
  const bool ran = port.pass_until([&] { return counter.runs() > 0; });
  if (port.runner().start(counter) != Status::kBusy) return "it starts twice";
  port.runner().stop();
  return ran ? nullptr : "the first run did not come";
}

template <typename Port>
const char* wake_runs_the_work_and_shows_it_what_was_written(Port& port) {
  Counter counter;
  if (port.runner().start(counter) != Status::kOk) return "it does not start";
  const char* broken = nullptr;
  for (std::uint32_t i = 0; i < 1'000 && broken == nullptr; ++i) {
    // The work must not be running while the message is written.
    if (!port.pass_until([&] { return counter.runs() == i + 1; })) broken = "a run is missing";
    counter.message = i;
    port.runner().wake();
    if (!port.pass_until([&] { return counter.runs() == i + 2; })) broken = "a wake was lost";
    if (counter.seen() != i) broken = "the run did not see what was written before the wake";
  }
  port.runner().stop();
  return broken;
}

/// Wakes itself while it runs.
class SelfWaker final : public Work {
 public:
  SelfWaker(Runner& runner, std::uint32_t times) : runner_(runner), left_(times) {}
  LocalTime run(LocalTime /*now*/) override {
    const std::uint32_t left = left_.load(std::memory_order_relaxed);
    if (left > 0) runner_.wake();
    if (left > 0) left_.store(left - 1, std::memory_order_release);
    return kNever;
  }
  bool done() const { return left_.load(std::memory_order_acquire) == 0; }

 private:
  Runner& runner_;
  std::atomic<std::uint32_t> left_;
};

template <typename Port>
const char* wake_before_sleep_is_not_lost(Port& port) {
  SelfWaker waker(port.runner(), 1'000);
  if (port.runner().start(waker) != Status::kOk) return "it does not start";
  const bool done = port.pass_until([&] { return waker.done(); });
  port.runner().stop();
  return done ? nullptr : "a wake during a run was lost";
}

template <typename Port>
const char* stop_ends_all_runs_and_start_begins_anew(Port& port) {
  port.runner().stop();
  port.runner().wake();
  for (int i = 0; i < 20; ++i) {
    Counter counter;
    if (port.runner().start(counter) != Status::kOk) return "it does not start again";
    port.runner().wake();
    port.runner().stop();
    const std::uint32_t runs = counter.runs();
    port.runner().wake();
    port.pass(Micros{200});
    if (counter.runs() != runs) return "a run began after stop";
    port.runner().stop();
  }
  return nullptr;
}

/// Asks for random deadlines, and notes runs that nothing asked for.
///
/// A wake in flight while a run begins may lead to that run or to the next, so a run before its
/// deadline is one that no wake since the end of the run before the last can explain.
class Sleeper final : public Work {
 public:
  explicit Sleeper(std::uint32_t seed) : random_(seed) {}

  LocalTime run(LocalTime now) override {
    if (inside_.exchange(true)) overlapped_.store(true);
    if (now < last_) went_back_.store(true);
    if (now < deadline_ && begun_.load() == done_before_) early_.store(true);
    last_ = now;
    // Some deadlines have passed, some are far away, most are soon.
    const std::uint32_t kind = random_.below(10);
    deadline_ = now + Micros{static_cast<std::int64_t>(random_.below(60)) - 5};
    if (kind == 0) deadline_ = now + seconds(3600);
    if (kind == 1) deadline_ = kNever;
    done_before_ = done_after_;
    done_after_ = done_.load();
    runs_.fetch_add(1);
    inside_.store(false);
    return deadline_;
  }

  template <typename Port>
  void wake(Port& port) {
    begun_.fetch_add(1);
    port.runner().wake();
    done_.fetch_add(1);
  }

  std::uint32_t runs() const { return runs_.load(); }
  const char* broken() const {
    if (early_.load()) return "a run came before its deadline";
    if (went_back_.load()) return "time went back";
    return overlapped_.load() ? "runs overlapped" : nullptr;
  }

 private:
  Random random_;
  LocalTime last_;
  LocalTime deadline_;
  std::uint32_t done_before_ = 0;  ///< Wakes that had returned by the end of the run before last.
  std::uint32_t done_after_ = 0;   ///< Wakes that had returned by the end of the last run.
  std::atomic<std::uint32_t> begun_{0};
  std::atomic<std::uint32_t> done_{0};
  std::atomic<std::uint32_t> runs_{0};
  std::atomic<bool> inside_{false};
  std::atomic<bool> early_{false};
  std::atomic<bool> went_back_{false};
  std::atomic<bool> overlapped_{false};
};

template <typename Port>
const char* work_never_runs_early_whatever_wakes_it(Port& port, std::uint32_t seed) {
  Sleeper sleeper(seed);
  Random random(seed + 1);
  if (port.runner().start(sleeper) != Status::kOk) return "it does not start";
  for (int i = 0; i < 10'000; ++i) {
    if (random.below(3) == 0) sleeper.wake(port);
    port.pass(Micros{random.below(30)});
  }
  const std::uint32_t before = sleeper.runs();
  sleeper.wake(port);
  const bool ran = port.pass_until([&] { return sleeper.runs() > before; });
  port.runner().stop();
  return ran ? sleeper.broken() : "the last wake was lost";
}

/// Runs every 50 microseconds by the plan, and counts.
class Metronome final : public Work {
 public:
  LocalTime run(LocalTime now) override {
    if (next_ == LocalTime{}) next_ = now;
    while (next_ <= now) next_ += Micros{50};
    runs_.fetch_add(1);
    return next_;
  }
  std::uint32_t runs() const { return runs_.load(); }

 private:
  LocalTime next_;
  std::atomic<std::uint32_t> runs_{0};
};

template <typename Port>
const char* deadlines_are_kept_without_wakes(Port& port) {
  Metronome metronome;
  if (port.runner().start(metronome) != Status::kOk) return "it does not start";
  const bool ran = port.pass_until([&] { return metronome.runs() >= 500; });
  port.runner().stop();
  return ran ? nullptr : "a deadline was forgotten";
}

/// Is always late: each deadline lies a little further back.
class Latecomer final : public Work {
 public:
  LocalTime run(LocalTime now) override {
    const std::uint32_t runs = runs_.fetch_add(1) + 1;
    return runs < kRuns ? now - Micros{runs % 3} : kNever;
  }
  bool done() const { return runs_.load() == kRuns; }

 private:
  static constexpr std::uint32_t kRuns = 200;
  std::atomic<std::uint32_t> runs_{0};
};

template <typename Port>
const char* a_deadline_that_has_passed_is_kept_at_once(Port& port) {
  Latecomer late;
  const LocalTime start = port.clock().now();
  if (port.runner().start(late) != Status::kOk) return "it does not start";
  const bool ran = port.pass_until([&] { return late.done(); });
  port.runner().stop();
  if (!ran) return "a run is missing";
  return port.clock().now() < start + seconds(5) ? nullptr : "it waited";
}

template <typename Port, std::size_t kSeed>
const char* work_never_runs_early(Port& port) {
  return work_never_runs_early_whatever_wakes_it(port, kSeeds[kSeed]);
}

template <typename Port>
inline constexpr std::array kRunnerLaws{
    Law<Port>{"the clock never goes back", clock_never_goes_back},
    Law<Port>{"the clock goes on", clock_goes_on},
    Law<Port>{"start runs at once", start_runs_at_once},
    Law<Port>{"wake runs the work, and shows it what was written",
              wake_runs_the_work_and_shows_it_what_was_written},
    Law<Port>{"a wake before sleep is not lost", wake_before_sleep_is_not_lost},
    Law<Port>{"stop ends all runs, and start begins anew",
              stop_ends_all_runs_and_start_begins_anew},
    Law<Port>{"deadlines are kept without wakes", deadlines_are_kept_without_wakes},
    Law<Port>{"a deadline that has passed is kept at once",
              a_deadline_that_has_passed_is_kept_at_once},
    Law<Port>{"work never runs early, whatever wakes it; seed 1", work_never_runs_early<Port, 0>},
    Law<Port>{"the same, seed 2", work_never_runs_early<Port, 1>},
    Law<Port>{"the same, seed 3", work_never_runs_early<Port, 2>},
};

}  // namespace takt::contract
