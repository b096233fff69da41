// SPDX-License-Identifier: Apache-2.0
#include "tools/commands/bench_wakeup.h"

#include <fmt/core.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "takt/ports/linux/thread_runner.h"
#include "tools/cli/json_out.h"

namespace takt {
namespace {

constexpr Micros kPeriod = millis(1);

std::int64_t thread_cpu_nanoseconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * std::int64_t{1'000'000'000} + time.tv_nsec;
}

/// Wakes of one thread: by how many nanoseconds each was late, and what they cost.
struct Wakes {
  explicit Wakes(std::uint32_t count) { late.reserve(count); }

  void note(std::int64_t due) {
    const std::int64_t now = LinuxClock::nanoseconds();
    if (late.empty()) began = now, cpu_began = thread_cpu_nanoseconds();
    late.push_back(now - due);
    if (late.size() == late.capacity()) ended = now, cpu_ended = thread_cpu_nanoseconds();
  }
  bool complete() const { return late.size() == late.capacity(); }

  double percentile_us(std::size_t percent) {
    std::ranges::sort(late);
    return static_cast<double>(late[(late.size() - 1) * percent / 100]) / 1e3;
  }
  double cpu_percent() const {
    return 100.0 * static_cast<double>(cpu_ended - cpu_began) /
           static_cast<double>(std::max<std::int64_t>(ended - began, 1));
  }

  std::vector<std::int64_t> late;
  std::int64_t began = 0;
  std::int64_t ended = 0;
  std::int64_t cpu_began = 0;
  std::int64_t cpu_ended = 0;
};

/// What programs do without thinking: an ordinary thread in clock_nanosleep.
void sleep_plainly(const LinuxClock& clock, LocalTime due, Wakes& wakes) {
  for (; !wakes.complete(); due += kPeriod) {
    const std::int64_t at = clock.nanoseconds_at(due);
    const timespec until{at / 1'000'000'000, at % 1'000'000'000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) != 0) {
    }
    wakes.note(at);
  }
}

/// The same in takt's thread.
class Grid final : public Work {
 public:
  Grid(const LinuxClock& clock, LocalTime due, Wakes& wakes)
      : clock_(clock), due_(due), wakes_(wakes) {}

  LocalTime run(LocalTime now) override {
    if (now < due_) return due_;  // The first run of all.
    wakes_.note(clock_.nanoseconds_at(due_));
    if (!wakes_.complete()) return due_ += kPeriod;
    done_.store(true);
    done_.notify_one();
    return kNever;
  }

  void wait() const { done_.wait(false); }

 private:
  const LinuxClock& clock_;
  LocalTime due_;
  Wakes& wakes_;
  std::atomic<bool> done_{false};
};

struct Figures {
  std::string_view name;
  std::string_view label;
  double p50_us;
  double p99_us;
  double max_us;
  double cpu_percent;
};

Figures figures_of(std::string_view name, std::string_view label, Wakes& wakes) {
  return {name,
          label,
          wakes.percentile_us(50),
          wakes.percentile_us(99),
          wakes.percentile_us(100),
          wakes.cpu_percent()};
}

struct Comparison {
  std::vector<Figures> all;
  std::vector<std::string> refusals;

  /// How many times later the plain sleep is at the median than number `index`. A wake in the same
  /// tenth of a microsecond as its deadline is as good as on time.
  double ratio(std::size_t index) const {
    return all.front().p50_us / std::max(all[index].p50_us, 0.1);
  }
};

/// Three threads wake in turn on one grid of a millisecond, each a third of it after the other, so
/// that whatever disturbs the machine disturbs all.
Comparison compare(std::uint32_t count) {
  const LinuxClock clock;
  Wakes plain{count};
  Wakes asleep{count};
  Wakes precise{count};
  const LocalTime begin = clock.now() + millis(100);
  Grid sleeper{clock, begin + kPeriod / 3, asleep};
  Grid spinner{clock, begin + kPeriod * 2 / 3, precise};
  ThreadRunner sleeping{clock};
  ThreadRunner spinning{clock, ThreadRunner::Mode::kPrecise};
  if (sleeping.start(sleeper) != Status::kOk || spinning.start(spinner) != Status::kOk) {
    throw Failure{Exit::kWorld, "no thread to be had"};
  }
  std::thread plainly{[&] { sleep_plainly(clock, begin, plain); }};
  plainly.join();
  sleeper.wait();
  spinner.wait();
  sleeping.stop();
  spinning.stop();
  Comparison result;
  result.all = {figures_of("nanosleep", "clock_nanosleep", plain),
                figures_of("takt", "takt", asleep),
                figures_of("takt_precise", "takt --precise", precise)};
  result.refusals.assign(sleeping.refusals().begin(), sleeping.refusals().end());
  return result;
}

void print_text(const Comparison& comparison, std::uint32_t wakes) {
  fmt::print("{} wakes a millisecond apart: microseconds late\n", wakes);
  fmt::print("  {:<16} {:>10} {:>10} {:>10} {:>10}\n", "thread", "p50", "p99", "max", "cpu");
  for (const Figures& one : comparison.all) {
    fmt::print("  {:<16} {:>10.1f} {:>10.1f} {:>10.1f} {:>8.1f} %\n", one.label, one.p50_us,
               one.p99_us, one.max_us, one.cpu_percent);
  }
  fmt::print("At the median takt is {:.1f} times more punctual, with --precise {:.0f} times.\n",
             comparison.ratio(1), comparison.ratio(2));
  fmt::print(
      "At the median, takt's gain is the timer slack: 1 ns where an ordinary thread has 50 us.\n"
      "The rest is --precise, which sleeps until shortly before and then looks at the clock.\n");
  for (const std::string& refusal : comparison.refusals) fmt::print(stderr, "{}\n", refusal);
}

void print_json(const Comparison& comparison, std::uint32_t wakes) {
  JsonOut out;
  out.field("wakes", wakes);
  out.begin_array("runs");
  for (const Figures& one : comparison.all) {
    out.begin_object();
    out.field("name", one.name);
    out.field("p50_us", one.p50_us);
    out.field("p99_us", one.p99_us);
    out.field("max_us", one.max_us);
    out.field("cpu_percent", one.cpu_percent);
    out.end_object();
  }
  out.end_array();
  out.begin_object("ratios");
  out.field("p50_vs_takt", comparison.ratio(1));
  out.field("p50_vs_takt_precise", comparison.ratio(2));
  out.end_object();
  out.begin_array("refusals");
  for (const std::string& refusal : comparison.refusals) out.value(refusal);
  out.end_array();
  out.print();
}

}  // namespace

void add_bench_wakeup(Words bench) {
  Words command = bench.command(
      "wakeup", "How late threads wake up: an ordinary sleep, takt's, and takt's with --precise",
      "Example: takt bench wakeup --wakes 3000");
  const auto wakes = std::make_shared<std::uint32_t>(10'000);
  command
      .number("--wakes", *wakes, 100, 1'000'000,
              "Wake-ups of each thread; a thousand take a second")
      .shows_default();
  command.run([wakes](bool json) {
    const Comparison comparison = compare(*wakes);
    json ? print_json(comparison, *wakes) : print_text(comparison, *wakes);
    return Exit::kGood;
  });
}

}  // namespace takt
