// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <memory>
#include <string>

#include "bench/count_instructions.h"
#include "bench/heap_run.h"
#include "tools/cli/json_out.h"
#include "tools/commands/command.h"

namespace takt {
namespace {

std::string instructions(std::uint64_t count) {
  return fmt::format("{}{}", count < kMostInstructions ? "" : "over ", count);
}

void write_json(const MemoryBench& bench, JsonOut& out) {
  out.begin_object("trace");
  out.field("source", "mixture");
  out.field("seed", bench.seed);
  out.field("pairs", bench.trace_pairs);
  out.end_object();

  out.begin_array("pairs");
  for (const PairCost& cost : bench.pairs) {
    out.begin_object();
    out.field("allocator", cost.allocator);
    out.field("ns_per_pair", std::round(cost.ns * 10) / 10);
    out.end_object();
  }
  out.end_array();

  out.begin_array("worst");
  for (const WorstOperation& worst : bench.worst) {
    out.begin_object();
    out.field("allocator", worst.allocator);
    out.field("live_blocks", worst.live_blocks);
    out.field("malloc_instructions", worst.allocate);
    out.field("free_instructions", worst.free);
    out.end_object();
  }
  out.end_array();
  out.field("instructions_counted_to", kMostInstructions);

  out.begin_object("fragmentation");
  out.field("operations", bench.fragmentation.operations);
  out.field("end_percent", bench.fragmentation.end_percent);
  out.field("worst_percent", bench.fragmentation.worst_percent);
  out.field("refused", bench.fragmentation.refused);
  out.end_object();
}

void print_table(const MemoryBench& bench, std::FILE* out) {
  fmt::print(out, "{} pairs of a device's mixture, seed {}\n\n", bench.trace_pairs, bench.seed);
  fmt::print(out, "{:<26}{:>12}\n", "allocator", "ns per pair");
  for (const PairCost& cost : bench.pairs) {
    fmt::print(out, "{:<26}{:>12.1f}\n", cost.allocator, cost.ns);
  }
  fmt::print(out, "\nMost instructions of one operation\n");
  if (bench.worst.empty()) {
    fmt::print(out, "not counted: this system forbids to trace a process\n");
  } else {
    fmt::print(out, "{:<26}{:>12}{:>14}{:>14}\n", "allocator", "live blocks", "malloc", "free");
  }
  for (const WorstOperation& worst : bench.worst) {
    fmt::print(out, "{:<26}{:>12}{:>14}{:>14}\n", worst.allocator, worst.live_blocks,
               instructions(worst.allocate), instructions(worst.free));
  }
  const Fragmentation& wear = bench.fragmentation;
  fmt::print(out,
             "\nFragmentation of jc3636w518's internal memory in {} operations, two thirds full: "
             "{} % at the end, {} % at worst, {} requests refused\n",
             wear.operations, wear.end_percent, wear.worst_percent, wear.refused);
}

Exit run(std::uint32_t seed, bool json) {
  const MemoryBench bench = bench_memory(seed);
  print_table(bench, people(json));
  if (json) {
    JsonOut out;
    write_json(bench, out);
    out.print();
  }
  return Exit::kGood;
}

}  // namespace

void add_bench_memory(Words bench) {
  Words command = bench.command(
      "memory", "Time, worst instructions and fragmentation of the heap beside the system's",
      "Example: takt bench memory --json");
  const auto seed = std::make_shared<std::uint32_t>(1);
  command.number("--seed", *seed, "Seed of the allocation trace").shows_default();
  command.run([seed](bool json) { return run(*seed, json); });
}

}  // namespace takt
