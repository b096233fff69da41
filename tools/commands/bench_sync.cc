// SPDX-License-Identifier: Apache-2.0
#include "tools/commands/bench_sync.h"

#include <fmt/core.h>

#include <array>
#include <memory>
#include <vector>

#include "bench/sync_race.h"
#include "tools/cli/json_out.h"
#include "tools/cli/progress.h"

namespace takt {
namespace {

using bench::Rival;
using bench::SyncError;

constexpr std::array kPpm{2, 10, 40};

struct Comparison {
  int ppm = 0;
  std::array<SyncError, bench::kRivals.size()> errors;

  const SyncError& of(Rival rival) const { return errors[static_cast<std::size_t>(rival)]; }
  double p99(Rival rival) const { return of(rival).p99_us / of(Rival::kTakt).p99_us; }
  double holdover(Rival rival) const {
    return of(rival).holdover_us / of(Rival::kTakt).holdover_us;
  }
};

std::vector<Comparison> compare(int seeds) {
  Progress progress;
  std::vector<Comparison> all;
  for (const int ppm : kPpm) {
    Comparison one;
    one.ppm = ppm;
    for (const Rival rival : bench::kRivals) {
      progress.show(static_cast<double>(all.size()) / kPpm.size(),
                    fmt::format("{} ppm, {}", ppm, name_of(rival)));
      one.errors[static_cast<std::size_t>(rival)] =
          run_race({.ppm = static_cast<double>(ppm), .seeds = seeds}, rival);
    }
    all.push_back(one);
  }
  return all;
}

void print_text(const std::vector<Comparison>& all) {
  for (const Comparison& one : all) {
    fmt::print("clocks that differ by {} ppm: error in microseconds\n", one.ppm);
    fmt::print("  {:<12} {:>10} {:>10} {:>10} {:>18}\n", "estimator", "msgs/min", "p50", "p99",
               "10 min of silence");
    for (const Rival rival : bench::kRivals) {
      const SyncError& error = one.of(rival);
      fmt::print("  {:<12} {:>10} {:>10.1f} {:>10.1f} {:>18.0f}\n", name_of(rival),
                 messages_per_minute(rival), error.p50_us, error.p99_us, error.holdover_us);
    }
    for (const Rival rival : {Rival::kMedian, Rival::kMedianLine}) {
      fmt::print("  against {} takt is {:.1f} times better at p99, {:.1f} times in silence\n",
                 name_of(rival), one.p99(rival), one.holdover(rival));
    }
  }
  fmt::print(
      "median is Ableton Link's; it assumes that clocks run alike. Most of the lead over it is "
      "having a slope,\nas median_line shows: a line through its last eight.\n");
}

void print_json(const std::vector<Comparison>& all, int seeds) {
  JsonOut out;
  out.field("seeds", seeds);
  out.begin_array("runs");
  for (const Comparison& one : all) {
    for (const Rival rival : bench::kRivals) {
      out.begin_object();
      out.field("ppm", one.ppm);
      out.field("estimator", name_of(rival));
      out.field("messages_per_minute", messages_per_minute(rival));
      out.field("p50_us", one.of(rival).p50_us);
      out.field("p99_us", one.of(rival).p99_us);
      out.field("holdover_max_us", one.of(rival).holdover_us);
      out.end_object();
    }
  }
  out.end_array();
  out.begin_object("ratios");
  for (const Comparison& one : all) {
    out.begin_object(std::to_string(one.ppm));
    for (const Rival rival : bench::kRivals) {
      if (rival == Rival::kTakt) continue;
      out.field(fmt::format("p99_vs_{}", name_of(rival)), one.p99(rival));
      out.field(fmt::format("holdover_vs_{}", name_of(rival)), one.holdover(rival));
    }
    out.end_object();
  }
  out.end_object();
  out.print();
}

}  // namespace

void add_bench_sync(Words bench) {
  Words command = bench.command(
      "sync", "Error of a shared clock: takt's estimator, medians of offsets, one-way beacons",
      "Example: takt bench sync --seeds 20");
  const auto seeds = std::make_shared<int>(bench::SyncRace{}.seeds);
  command.number("--seeds", *seeds, 1, 1'000, "Pairs of clocks for each difference")
      .shows_default();
  command.run([seeds](bool json) {
    const std::vector<Comparison> all = compare(*seeds);
    json ? print_json(all, *seeds) : print_text(all);
    return Exit::kGood;
  });
}

}  // namespace takt
