// SPDX-License-Identifier: Apache-2.0
#include "tools/commands/bench_bus.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <string_view>
#include <utility>

#include "bench/bus_run.h"
#include "tools/cli/json_out.h"

namespace takt {
namespace {

using Way = double ThreeWays::*;
constexpr std::array<std::pair<std::string_view, Way>, 3> kWays{
    {{"takt", &ThreeWays::takt},
     {"copied", &ThreeWays::copied},
     {"mutex_pool", &ThreeWays::mutex_pool}}};

double tenths(double value) { return std::round(value * 10) / 10; }

void write(JsonOut& out, std::string_view name, const ThreeWays& figures) {
  out.begin_object(name);
  for (const auto& [way, member] : kWays) out.field(way, tenths(figures.*member));
  out.end_object();
}

void write(JsonOut& out, const BusCase& c) {
  out.begin_object();
  out.field("payload_bytes", c.payload_bytes);
  out.field("consumers", c.consumers);
  out.field("threads", c.threads);
  out.field("takt_ns", tenths(c.ns.takt));
  out.field("copied_ns", tenths(c.ns.copied));
  out.field("mutex_pool_ns", tenths(c.ns.mutex_pool));
  if (c.threads == 1) out.field("copied_section_ns", tenths(c.device_ns.copied_section));
  out.field("copied_spinlock_ns", tenths(c.device_ns.copied_spinlock));
  out.field("bare_pool_ns", tenths(c.device_ns.bare_pool));
  write(out, "bytes_copied", c.bytes_copied);
  write(out, "typical_lock_hold_ns", c.typical_lock_hold_ns);
  write(out, "longest_lock_hold_ns", c.longest_lock_hold_ns);
  out.end_object();
}

void write_json(const BusBench& bench, JsonOut& out) {
  out.begin_array("cases");
  for (const BusCase& c : bench.cases) write(out, c);
  out.end_array();

  out.begin_object("memory");
  out.field("copied_bytes", bench.memory.copied_bytes);
  out.field("takt_bytes", bench.memory.takt_bytes());
  out.field("takt_queue_bytes", bench.memory.takt_queue_bytes);
  out.field("takt_pool_bytes", bench.memory.takt_pool_bytes);
  out.field("takt_fixed_bytes", bench.memory.takt_fixed_bytes);
  out.end_object();

  out.begin_object("stalled");
  out.field("broadcasts", bench.stalled.broadcasts);
  write(out, "healthy_lost", bench.stalled.healthy_lost);
  write(out, "entries_left", bench.stalled.entries_left);
  out.end_object();

  out.begin_object("exhausted");
  out.field("failing_try_alloc_ns", tenths(bench.exhausted.failing_try_alloc_ns));
  out.field("failures_counted", bench.exhausted.failures_counted);
  out.field("alloc_for_2000_us_waited_us", tenths(bench.exhausted.alloc_for_waited_us));
  out.end_object();

  out.begin_array("crossover");
  for (const BusCrossover& c : bench.crossover) {
    out.begin_object();
    out.field("consumers", c.consumers);
    out.key("takt_wins_from_bytes");
    c.payload_bytes == 0 ? out.null() : out.value(c.payload_bytes);
    out.key("takt_wins_over_section_from_bytes");
    c.section_payload_bytes == 0 ? out.null() : out.value(c.section_payload_bytes);
    out.end_object();
  }
  out.end_array();
}

struct Rival {
  std::string_view name;
  double ns;  ///< 0: not measured.
};

std::array<Rival, 5> rivals_of(const BusCase& c) {
  return {{{"copied under a mutex", c.ns.copied},
           {"copied in a section", c.device_ns.copied_section},
           {"copied under a spinlock", c.device_ns.copied_spinlock},
           {"the mutex pool", c.ns.mutex_pool},
           {"the bare pool", c.device_ns.bare_pool}}};
}

/// With the locks that a device has instead of mutexes.
void print_device_rivals(const BusBench& bench, std::FILE* out) {
  std::fprintf(out,
               "\nThe same with a device's locks: copied in a plain critical section and under a "
               "spinlock; a bare pool of pointers\n\n"
               "                              takt  section  spinlock  bare pool  section/"
               "  spinlock/  bare pool/\n"
               "payload  consumers  threads    ns       ns        ns         ns      takt"
               "       takt        takt\n");
  for (const BusCase& c : bench.cases) {
    const double n = c.consumers;
    const DeviceRivals& ns = c.device_ns;
    std::fprintf(out, "%5u B  %9u  %7u  %6.1f  ", c.payload_bytes, c.consumers, c.threads,
                 c.ns.takt / n);
    c.threads == 1 ? std::fprintf(out, "%7.1f", ns.copied_section / n)
                   : std::fprintf(out, "%7s", "-");
    std::fprintf(out, "  %8.1f  %9.1f  ", ns.copied_spinlock / n, ns.bare_pool / n);
    c.threads == 1 ? std::fprintf(out, "%8.2f", ns.copied_section / c.ns.takt)
                   : std::fprintf(out, "%8s", "-");
    std::fprintf(out, "  %9.2f  %10.2f\n", ns.copied_spinlock / c.ns.takt,
                 ns.bare_pool / c.ns.takt);
  }
  std::fprintf(
      out,
      "A plain section masks interrupts on one core; it holds in one thread only. The bare "
      "pool has one there, and a spinlock in two.\n");
}

void print_losses(const BusBench& bench, std::FILE* out) {
  std::fprintf(out, "\nWhere takt loses by a twentieth or more:\n");
  for (const BusCase& c : bench.cases) {
    for (const Rival& rival : rivals_of(c)) {
      if (rival.ns == 0 || rival.ns * 1.05 > c.ns.takt) continue;
      std::fprintf(out, "  %u B to %u in %u thread%s: %.*s is %.1f times cheaper\n",
                   c.payload_bytes, c.consumers, c.threads, c.threads == 1 ? "" : "s",
                   static_cast<int>(rival.name.size()), rival.name.data(), c.ns.takt / rival.ns);
    }
  }
  std::fprintf(out,
               "That price buys topics and subscribers, a quota for each topic and module, the age "
               "of each message, and recovery:\nwhat a module held that crashed or stalled comes "
               "back, and a release too many is counted and changes nothing.\n\n");
}

void print_table(const BusBench& bench, std::FILE* out) {
  std::fprintf(out,
               "Nanoseconds per delivery (fill, pass, read, release), best quarter of runs\n\n"
               "                              takt   copied  mutex pool   copied/  pool/"
               "   bytes copied       lock held, ns: typical (longest)\n"
               "payload  consumers  threads    ns       ns        ns       takt    takt"
               "   copied   pool      copied          mutex pool\n");
  for (const BusCase& c : bench.cases) {
    const double n = c.consumers;
    std::fprintf(out,
                 "%5u B  %9u  %7u  %6.1f  %7.1f  %9.1f  %7.2f  %6.2f  %7.0f  %5.0f"
                 "   %5.0f (%.0f)  %5.0f (%.0f)\n",
                 c.payload_bytes, c.consumers, c.threads, c.ns.takt / n, c.ns.copied / n,
                 c.ns.mutex_pool / n, c.ns.copied / c.ns.takt, c.ns.mutex_pool / c.ns.takt,
                 c.bytes_copied.copied / n, c.bytes_copied.mutex_pool / n,
                 c.typical_lock_hold_ns.copied, c.longest_lock_hold_ns.copied,
                 c.typical_lock_hold_ns.mutex_pool, c.longest_lock_hold_ns.mutex_pool);
  }
  std::fprintf(out, "takt copies nothing and holds no lock.\n");
  print_device_rivals(bench, out);
  print_losses(bench, out);
  for (const BusCrossover& c : bench.crossover) {
    if (c.payload_bytes == 0) {
      std::fprintf(out, "%u consumers: copied values are faster at every size measured\n",
                   c.consumers);
    } else {
      std::fprintf(out, "%u consumers: takt is faster from %u B on\n", c.consumers,
                   c.payload_bytes);
    }
    if (c.section_payload_bytes == 0) {
      std::fprintf(out,
                   "%u consumers: values copied in a section are faster at every size measured\n",
                   c.consumers);
    } else {
      std::fprintf(out, "%u consumers: takt is faster than a section from %u B on\n", c.consumers,
                   c.section_payload_bytes);
    }
  }
  const BusMemory& memory = bench.memory;
  std::fprintf(
      out,
      "\nMemory, 70 places: copied %u B; takt %u B (queues and modules %u, pool %u):"
      " %.1f times less\n"
      "On top, whatever the number of queues: %u B\n",
      memory.copied_bytes, memory.takt_bytes(), memory.takt_queue_bytes, memory.takt_pool_bytes,
      static_cast<double>(memory.copied_bytes) / memory.takt_bytes(), memory.takt_fixed_bytes);
  const BusStalled& stalled = bench.stalled;
  std::fprintf(out,
               "One stalled consumer, 18 entries: of %u broadcasts a healthy one loses"
               " %.0f (takt), %.0f (copied), %.0f (mutex pool)\n",
               stalled.broadcasts, stalled.healthy_lost.takt, stalled.healthy_lost.copied,
               stalled.healthy_lost.mutex_pool);
  std::fprintf(out,
               "Pool exhausted: try_alloc fails after %.1f ns and is counted; alloc_for with"
               " 2,000 us gave up after %.0f us\n",
               bench.exhausted.failing_try_alloc_ns, bench.exhausted.alloc_for_waited_us);
}

}  // namespace

void add_bench_bus(Words bench) {
  Words command = bench.command(
      "bus", "A message to several consumers: takt, queues of copied values, pools of pointers",
      "Example: takt bench bus --json");
  command.run([](bool json) {
    const BusBench figures = bench_bus();
    print_table(figures, people(json));
    if (json) {
      JsonOut out;
      write_json(figures, out);
      out.print();
    }
    return Exit::kGood;
  });
}

}  // namespace takt
