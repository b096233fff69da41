// SPDX-License-Identifier: Apache-2.0
// The three schedulers under Google Benchmark. Items are events.
#include <benchmark/benchmark.h>

#include <vector>

#include "bench/incumbents/batched_timers.h"
#include "bench/incumbents/timer_per_event.h"
#include "bench/incumbents/workload.h"
#include "bench/window_run.h"

namespace takt::bench {
namespace {

using incumbents::Event;
using incumbents::Workload;

void fire(void* context, std::uint16_t output, std::uint16_t value) {
  auto* const port = static_cast<volatile std::uint32_t*>(context);
  const std::uint32_t bit = 1U << output;
  *port = value != 0 ? *port | bit : *port & ~bit;
}

template <typename Scheduler>
void run_incumbent(benchmark::State& state) {
  std::vector<Event> events = Workload::of(state.range(0)).expand();
  incumbents::sort_by_time(events);
  std::uint32_t port = 0;
  for ([[maybe_unused]] auto round : state) {
    Scheduler scheduler{events, {fire, &port}};
    benchmark::DoNotOptimize(scheduler.run());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(events.size()));
}

void timer_per_event(benchmark::State& state) { run_incumbent<incumbents::TimerPerEvent>(state); }
void batches_of_200(benchmark::State& state) { run_incumbent<incumbents::BatchedTimers>(state); }

void window(benchmark::State& state) {
  std::uint32_t port = 0;
  WindowRun run{Workload::of(state.range(0)), {fire, &port}};
  for ([[maybe_unused]] auto round : state) benchmark::DoNotOptimize(run.run());
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

BENCHMARK(timer_per_event)->Arg(1'600)->Arg(16'000);
BENCHMARK(batches_of_200)->Arg(1'600)->Arg(16'000)->Arg(160'000);
BENCHMARK(window)->Arg(1'600)->Arg(16'000)->Arg(160'000);

}  // namespace
}  // namespace takt::bench

BENCHMARK_MAIN();
