// SPDX-License-Identifier: Apache-2.0
// takt bench schedulers: what an event costs, by scheduler.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "bench/counting_heap.h"
#include "bench/incumbents/batched_timers.h"
#include "bench/incumbents/timer_per_event.h"
#include "bench/incumbents/workload.h"
#include "bench/window_run.h"
#include "tools/cli/json_out.h"
#include "tools/cli/progress.h"
#include "tools/cli/text.h"
#include "tools/commands/bench_bus.h"
#include "tools/commands/bench_sync.h"
#include "tools/commands/bench_wakeup.h"
#include "tools/commands/command.h"

namespace takt {
namespace {

using incumbents::Cost;
using incumbents::Event;
using incumbents::Workload;

struct Figures {
  double ns_per_event = std::numeric_limits<double>::infinity();  ///< Best of all rounds.
  std::int64_t peak_bytes = 0;
  std::int64_t allocations = 0;
  std::int64_t longest_walk = 0;

  void take_cost(const Cost& cost) {
    peak_bytes = cost.peak_bytes;
    allocations = cost.allocations;
    longest_walk = cost.longest_walk;
  }
};

struct Comparison {
  std::int64_t events = 0;
  Figures timer_per_event;
  Figures batches;
  Figures window;
  std::size_t engine_bytes = 0;

  double vs_timers() const { return timer_per_event.ns_per_event / window.ns_per_event; }
  double vs_batches() const { return batches.ns_per_event / window.ns_per_event; }
};

/// What every scheduler calls for each change: a few instructions that cannot be left out.
void fire(void* context, std::uint16_t output, std::uint16_t value) {
  auto* const port = static_cast<volatile std::uint32_t*>(context);
  const std::uint32_t bit = 1U << output;
  *port = value != 0 ? *port | bit : *port & ~bit;
}

template <typename Work>
double nanoseconds_of(Work&& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count();
}

class Comparer {
 public:
  explicit Comparer(std::int64_t events)
      : workload_(Workload::of(events)), events_(workload_.expand()) {
    incumbents::sort_by_time(events_);
    result_.events = static_cast<std::int64_t>(events_.size());
  }

  /// Alternates the three, so that a slow moment of the machine hits all of them.
  Comparison run(Progress& progress) {
    const std::string what = counted(events_.size(), "event");
    for (int round = 0; round < rounds(); ++round) {
      const double part = static_cast<double>(round) / rounds();
      progress.show(part, fmt::format("a timer per event, {}", what));
      run_timers();
      progress.show(part, fmt::format("batches of 200, {}", what));
      run_batches();
      run_window();
    }
    progress.clear();
    return result_;
  }

 private:
  /// Their cost grows with the square of the events.
  int rounds() const { return events_.size() > 50'000 ? 1 : events_.size() > 5'000 ? 5 : 40; }

  void note(Figures& figures, double nanoseconds) const {
    figures.ns_per_event =
        std::min(figures.ns_per_event, nanoseconds / static_cast<double>(events_.size()));
  }

  void run_timers() {
    incumbents::TimerPerEvent timers{events_, sink()};
    Cost cost;
    note(result_.timer_per_event, nanoseconds_of([&] { cost = timers.run(); }));
    result_.timer_per_event.take_cost(cost);
  }

  void run_batches() {
    for (int i = 0; i < kRepeats; ++i) {
      incumbents::BatchedTimers timers{events_, sink()};
      Cost cost;
      note(result_.batches, nanoseconds_of([&] { cost = timers.run(); }));
      result_.batches.take_cost(cost);
    }
  }

  void run_window() {
    bench::WindowRun window{workload_, sink()};
    result_.window.peak_bytes = static_cast<std::int64_t>(window.scheduler_bytes());
    result_.engine_bytes = window.engine_bytes();
    const std::uint64_t before = heap_allocations();
    for (int i = 0; i < kRepeats; ++i) note(result_.window, nanoseconds_of([&] { window.run(); }));
    result_.window.allocations = static_cast<std::int64_t>(heap_allocations() - before);
  }

  incumbents::Sink sink() { return {fire, &port_}; }

  static constexpr int kRepeats = 30;

  const Workload workload_;
  std::vector<Event> events_;
  Comparison result_;
  std::uint32_t port_ = 0;
};

void print_row(std::string_view name, const Figures& figures) {
  fmt::print("  {:<18} {:>12.1f} {:>14} {:>12} {:>14}\n", name, figures.ns_per_event,
             with_commas(static_cast<std::uint64_t>(figures.peak_bytes)),
             with_commas(static_cast<std::uint64_t>(figures.allocations)),
             with_commas(static_cast<std::uint64_t>(figures.longest_walk)));
}

void print_text(const std::vector<Comparison>& all) {
  for (const Comparison& one : all) {
    fmt::print("{}, in virtual time\n", counted(static_cast<std::uint64_t>(one.events), "event"));
    fmt::print("  {:<18} {:>12} {:>14} {:>12} {:>14}\n", "scheduler", "ns per event", "peak bytes",
               "allocations", "longest walk");
    print_row("timer per event", one.timer_per_event);
    print_row("batches of 200", one.batches);
    print_row("takt's window", one.window);
    fmt::print(
        "  takt takes {:.0f} times less than a timer per event, {:.1f} times less than "
        "batches\n\n",
        one.vs_timers(), one.vs_batches());
  }
  fmt::print(
      "Memory of takt: window, player and feeder {} B, with the whole engine {} B, whatever "
      "the number\nof events; of the timers: {} B each on this machine.\n",
      all.back().window.peak_bytes, all.back().engine_bytes,
      all.back().timer_per_event.peak_bytes / std::max<std::int64_t>(1, all.back().events));
}

void json_figures(JsonOut& out, std::string_view name, const Figures& figures) {
  out.begin_object(name);
  out.field("ns_per_event", figures.ns_per_event);
  out.field("peak_bytes", figures.peak_bytes);
  out.field("allocations", figures.allocations);
  out.field("longest_walk", figures.longest_walk);
  out.end_object();
}

void print_json(const std::vector<Comparison>& all) {
  JsonOut out;
  out.begin_array("runs");
  for (const Comparison& one : all) {
    out.begin_object();
    out.field("events", one.events);
    json_figures(out, "timer_per_event", one.timer_per_event);
    json_figures(out, "batches_of_200", one.batches);
    json_figures(out, "window", one.window);
    out.field("engine_bytes", one.engine_bytes);
    out.end_object();
  }
  out.end_array();
  out.begin_object("ratios");
  for (const Comparison& one : all) {
    out.begin_object(std::to_string(one.events));
    out.field("cpu_vs_timer_per_event", one.vs_timers());
    out.field("cpu_vs_batches_of_200", one.vs_batches());
    out.end_object();
  }
  out.end_object();
  out.print();
}

Exit run_bench(const std::vector<std::int64_t>& sizes, bool json) {
  std::vector<Comparison> all;
  Progress progress;
  for (const std::int64_t events : sizes) all.push_back(Comparer{events}.run(progress));
  json ? print_json(all) : print_text(all);
  return Exit::kGood;
}

}  // namespace

void add_bench(Words takt) {
  Words bench = takt.command("bench", "Measure takt beside what it replaces",
                             "Example: takt bench schedulers --events 1600 16000");
  Words command = bench.command(
      "schedulers", "Processor time and memory of an event: a timer for each, batches, a window",
      "Example: takt bench schedulers --events 1600 16000");
  const auto sizes = std::make_shared<std::vector<std::int64_t>>(
      std::vector<std::int64_t>{1'600, 16'000, 160'000});
  command
      .number("--events", *sizes, 13, 1'000'000,
              "Events of the program (repeatable); 160,000 take a minute")
      .shows_default();
  command.run([sizes](bool json) { return run_bench(*sizes, json); });
  add_bench_wakeup(bench);
  add_bench_memory(bench);
  add_bench_sync(bench);
  add_bench_bus(bench);
}

}  // namespace takt
