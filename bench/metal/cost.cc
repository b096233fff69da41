// SPDX-License-Identifier: Apache-2.0
// What an event costs on a Cortex-M3, in instructions: with a timer for each, in batches, and with
// takt. Prints `name value` lines; scripts/metal makes the tables of docs/metal.md of them.
#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "bench/incumbents/batched_timers.h"
#include "bench/incumbents/timer_per_event.h"
#include "bench/incumbents/workload.h"
#include "bench/window_run.h"
#include "takt/app/playback/halves.h"
#include "takt/core/base/assert.h"
#include "takt/core/base/text.h"
#include "takt/ports/cortex_m/console.h"
#include "takt/ports/cortex_m/gpio_bank.h"
#include "takt/ports/cortex_m/runners.h"
#include "takt/ports/cortex_m/semihosting.h"
#include "takt/ports/cortex_m/stopwatch.h"

struct _reent;

namespace {

std::uint32_t g_allocations = 0;

}  // namespace

// The linker lets every caller of newlib's allocator call this instead; see --wrap.
extern "C" {
void* __real__malloc_r(_reent* state, std::size_t bytes);
void* __wrap__malloc_r(_reent* state, std::size_t bytes) {
  ++g_allocations;
  return __real__malloc_r(state, bytes);
}
}

namespace takt::bench {
namespace {

using incumbents::Cost;
using incumbents::Event;
using incumbents::Sink;
using incumbents::TimerList;
using incumbents::Workload;

/// What every scheduler calls for each change.
void fire(void* context, std::uint16_t output, std::uint16_t value) {
  auto* const port = static_cast<volatile std::uint32_t*>(context);
  const std::uint32_t bit = 1U << output;
  *port = value != 0 ? *port | bit : *port & ~bit;
}

class Bench {
 public:
  Bench() : console_(mps2::uart0()) {}

  void compare(std::int64_t events) {
    const Workload workload = Workload::of(events);
    std::uint32_t port = 0;
    const Sink sink{fire, &port};
    {
      std::vector<Event> list = workload.expand();
      incumbents::sort_by_time(list);
      incumbents::TimerPerEvent timers{list, sink};
      note(events, "timers", measure([&] { return timers.run(); }));
      incumbents::BatchedTimers batches{list, sink};
      note(events, "batches", measure([&] { return batches.run(); }));
    }
    WindowRun window{workload, sink};
    std::uint64_t changes = 0;
    const Taken taken = measure([&] { return changes = window.run(), Cost{}; });
    note(events, "window", taken);
    figure(events, "window_changes", changes);
    figure(events, "window_bytes", window.scheduler_bytes());
    figure(events, "engine_bytes", window.engine_bytes());
  }

  /// The longest stretch in which esp_timer masks interrupts: arming the timer that is due last.
  void longest_insertion(std::int64_t timers) {
    TimerList list{LocalTime{seconds(1)}, nullptr};
    std::uint32_t worst = 0;
    for (std::int64_t i = 0; i < timers; ++i) {
      TimerList::Timer* const timer = list.create([](void*, const void*) {}, nullptr);
      TAKT_ASSERT(timer != nullptr);
      const std::uint32_t begin = Stopwatch::ticks();
      list.start_once(*timer, millis(i));
      worst = std::max(worst, Stopwatch::ticks() - begin);
    }
    list.run_until(kNever);
    figure(timers, "insertion_worst", instructions_.of(worst));
  }

  /// The same phase with the board's timer, interrupt and pins. The whole interrupt counts,
  /// although it masks nothing: what is less urgent waits for it.
  void play(std::int64_t events) {
    CortexMClock clock;
    clock.start();
    Alarm urgent{mps2::timer0(), mps2::Irq::kTimer0, clock};
    Alarm common{mps2::timer1(), mps2::Irq::kTimer1, clock};
    InterruptRunner interrupt{urgent, clock};
    LoopRunner loop{common, clock};
    GpioBank pins{mps2::gpio0(), mps2::gpio1()};
    std::uint32_t port = 0;
    WindowRun window{Workload::of(events), {fire, &port}};
    Engine& engine = window.engine();
    RealtimeHalf realtime{engine.realtime(), pins};
    ControlHalf control{engine, interrupt};
    struct Seen {
      InterruptRunner& runner;
      std::uint32_t worst = 0;
      std::uint64_t ticks = 0;
      std::uint32_t count = 0;
    } seen{interrupt};
    interrupt.observe({[](void* self) {
                         Seen& all = *static_cast<Seen*>(self);
                         const std::uint32_t begin = Stopwatch::ticks();
                         all.runner.serve();
                         const std::uint32_t ticks = Stopwatch::ticks() - begin;
                         all.worst = std::max(all.worst, ticks);
                         all.ticks += ticks;
                         ++all.count;
                       },
                       &seen});
    std::array<PinConfig, Workload::kDirection + 1> configs{};
    for (std::size_t i = 0; i < configs.size(); ++i) {
      configs[i].pin = static_cast<std::int16_t>(i);
    }
    const Status configured = pins.configure(configs);
    TAKT_ASSERT(configured == Status::kOk);
    const LocalTime now = clock.now();
    const Status begun = engine.start(now + millis(5), now);
    TAKT_ASSERT(begun == Status::kOk);
    const Status interrupting = interrupt.start(realtime);
    const Status looping = loop.start(control);
    TAKT_ASSERT(interrupting == Status::kOk && looping == Status::kOk);
    while (engine.status(clock.now()).end == EndReason::kNone) loop.step();
    loop.stop();
    interrupt.stop();
    figure(events, "interrupts", seen.count);
    figure(events, "interrupt_worst", instructions_.of(seen.worst));
    figure(events, "interrupt_mean", instructions_.of(seen.ticks / seen.count));
  }

  void figure(std::int64_t events, std::string_view name, std::uint64_t value) {
    figure(FixedText<80>{name}.append("_").append(events).view(), value);
  }

  void figure(std::string_view name, std::uint64_t value) {
    FixedText<100> line{name};
    console_.write(line.append(" ").append(static_cast<std::int64_t>(value)).append("\n").view());
  }

 private:
  struct Taken {
    std::uint64_t instructions = 0;
    std::uint32_t allocations = 0;
    std::int64_t peak_bytes = 0;
  };

  template <typename Run>
  Taken measure(Run run) {
    const std::uint32_t allocations = g_allocations;
    const std::uint32_t begin = Stopwatch::ticks();
    const Cost cost = run();
    const std::uint32_t ticks = Stopwatch::ticks() - begin;
    return {instructions_.of(ticks), g_allocations - allocations, cost.peak_bytes};
  }

  void note(std::int64_t events, std::string_view who, const Taken& taken) {
    const auto named = [who](std::string_view what) { return FixedText<60>{who}.append(what); };
    figure(events, named("_instructions").view(), taken.instructions);
    figure(events, named("_allocations").view(), taken.allocations);
    figure(events, named("_peak_bytes").view(), static_cast<std::uint64_t>(taken.peak_bytes));
  }

  Console console_;
  Instructions instructions_;
};

}  // namespace
}  // namespace takt::bench

int main() {
  using takt::bench::Bench;
  takt::set_assert_hook([](const char* /*file*/, int line, const char* what) {
    takt::Console console{takt::mps2::uart0()};
    console.write(takt::FixedText<160>{what}.append(" ").append(std::int64_t{line}).view());
    takt::end_emulation(false);
  });
  takt::Stopwatch::start();
  Bench bench;
  for (const std::int64_t events : {1'600, 3'400}) bench.compare(events);
  bench.play(3'400);
  bench.figure("player_bytes", sizeof(takt::Player));
  bench.figure("window_bytes", sizeof(takt::Window));
  bench.figure("frame_bytes", sizeof(takt::Window::Slot));
  for (const std::int64_t timers : {200, 1'600, 3'400}) bench.longest_insertion(timers);
  return 0;
}
