// SPDX-License-Identifier: Apache-2.0
// takt sim: thousands of sessions on a bad link, seen by a referee with true time.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <memory>
#include <string>

#include "tools/command.h"
#include "tools/json_out.h"
#include "tools/progress.h"
#include "tools/sim/pair.h"
#include "tools/sim/session_trace.h"
#include "tools/text.h"

namespace takt {
namespace {

using sim::percentile;
using sim::Summary;

struct Options {
  std::uint64_t sessions = 100;
  std::uint64_t seed = 1;
  std::string link = "espnow";
  std::string faults = "typical";
  unsigned minutes = 20;
  unsigned threads = 2;
  std::string trace;

  sim::SessionConfig config() const {
    sim::SessionConfig config;
    config.seed = seed;
    config.link = *sim::link_named(link);
    config.faults = *sim::faults_named(faults);
    config.length = seconds(60) * minutes;
    return config;
  }
};

constexpr std::size_t kShownSeeds = 20;

void json_percentiles(JsonOut& out, std::string_view name, double p50, double p99, double max) {
  out.begin_object(name);
  out.field("p50", p50);
  out.field("p99", p99);
  out.field("max", max);
  out.end_object();
}

void print_json(const Options& options, const Summary& sum) {
  JsonOut out;
  out.field("sessions", sum.sessions);
  out.field("seed", options.seed);
  out.field("overlaps", sum.verdict.overlaps);
  out.field("bound_samples", sum.verdict.bound_samples);
  out.field("dishonest_bounds", sum.verdict.dishonest_bounds);
  out.field("changes", sum.verdict.changes);
  out.field("non_atomic_changes", sum.verdict.non_atomic_changes);
  out.field("unrecovered", sum.verdict.unrecovered);
  json_percentiles(out, "edge_error_us", sum.edge_errors.at(0.5), sum.edge_errors.at(0.99),
                   sum.edge_errors.max());
  json_percentiles(out, "start_skew_us", sum.start_skews.at(0.5), sum.start_skews.at(0.99),
                   sum.start_skews.max());
  json_percentiles(out, "settle_s", percentile(sum.settle_s, 0.5), percentile(sum.settle_s, 0.99),
                   percentile(sum.settle_s, 1));
  out.begin_object("pulse_kept");
  out.field("p50", percentile(sum.pulse_kept, 0.5));
  out.field("min", percentile(sum.pulse_kept, 0));
  out.end_object();
  out.field("realtime_factor", sum.realtime_factor());
  out.begin_array("failing_seeds");
  for (const std::uint64_t seed : sum.failing_seeds) out.value(seed);
  out.end_array();
  out.print();
}

void print_row(std::string_view name, double p50, double p99, double max) {
  fmt::print("  {:<32} {:>10.1f} {:>10.1f} {:>10.1f}\n", name, p50, p99, max);
}

void print_text(const Options& options, const Summary& sum, double wall_s) {
  const sim::Verdict& verdict = sum.verdict;
  fmt::print("{} of {} minutes, {} link, faults: {}\n", counted(sum.sessions, "session"),
             options.minutes, options.link, options.faults);
  const auto count = [](std::string_view name, std::uint64_t value) {
    fmt::print("  {:<32} {:>10}\n", name, with_commas(value));
  };
  count("both sides on", verdict.overlaps);
  count("less than the dead time apart", verdict.short_gaps);
  count("changes", verdict.changes);
  count("changes that only one made", verdict.non_atomic_changes);
  count("bounds looked at", verdict.bound_samples);
  count("bounds that did not hold", verdict.dishonest_bounds);
  count("outputs on after the holdover", verdict.unsafe_silences);
  count("emergency stops above 1 ms", verdict.slow_stops);
  count("sessions that did not recover", verdict.unrecovered);
  fmt::print("  {:<32} {:>10} {:>10} {:>10}\n", "", "p50", "p99", "max");
  print_row("error between both sides, us", sum.edge_errors.at(0.5), sum.edge_errors.at(0.99),
            sum.edge_errors.max());
  print_row("skew at the start, us", sum.start_skews.at(0.5), sum.start_skews.at(0.99),
            sum.start_skews.max());
  print_row("until settled, s", percentile(sum.settle_s, 0.5), percentile(sum.settle_s, 0.99),
            percentile(sum.settle_s, 1));
  fmt::print("  pulses keep {:.1f} % of their length (p50), {:.1f} % at least\n",
             100 * percentile(sum.pulse_kept, 0.5), 100 * percentile(sum.pulse_kept, 0));
  fmt::print("  {:.0f} messages a minute; {:.0f} sessions a second; {} times real time per core\n",
             static_cast<double>(sum.messages) * 60 / std::max(sum.simulated_s, 1.0),
             static_cast<double>(sum.sessions) / wall_s,
             with_commas(static_cast<std::uint64_t>(sum.realtime_factor())));
  const std::size_t shown = std::min(sum.failing_seeds.size(), kShownSeeds);
  for (std::size_t i = 0; i < shown; ++i) {
    fmt::print(
        "  fault: takt sim pair --seed {} --sessions 1 --link {} --faults {} --minutes {} "
        "--trace out.vcd\n",
        sum.failing_seeds[i], options.link, options.faults, options.minutes);
  }
  if (shown < sum.failing_seeds.size()) {
    fmt::print("  and {} more\n", sum.failing_seeds.size() - shown);
  }
}

/// Writes the waveform of the first session.
void write_trace(const Options& options) {
  sim::SessionTrace trace;
  const sim::SessionConfig config = options.config();
  if (trace.open(options.trace) == Status::kOk) {
    static_cast<void>(run_session(config, &trace));
    if (trace.close(config.length) == Status::kOk) return;
  }
  throw Failure{Exit::kWorld, trace.error()};
}

Exit run_pair(const Options& options, bool json) {
  if (!options.trace.empty()) write_trace(options);
  Progress progress;
  const auto began = std::chrono::steady_clock::now();
  const auto elapsed = [began] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  };
  const Summary sum =
      run_sessions(options.config(), options.sessions, options.threads, [&](std::uint64_t done) {
        const double part = static_cast<double>(done) /
                            static_cast<double>(std::max<std::uint64_t>(1, options.sessions));
        progress.show(part, fmt::format("{} of {} sessions, {:.0f} a second", done,
                                        options.sessions, static_cast<double>(done) / elapsed()));
      });
  progress.clear();
  json ? print_json(options, sum) : print_text(options, sum, elapsed());
  return sum.holds() ? Exit::kGood : Exit::kNo;
}

}  // namespace

void add_sim(CLI::App& app, Call& call) {
  CLI::App& command =
      *app.add_subcommand("sim", "Simulate devices on bad clocks and bad links, much faster");
  command.require_subcommand(1);
  command.footer("Example: takt sim pair --sessions 200 --link ble --faults all");
  CLI::App& pair = *command.add_subcommand(
      "pair", "Two devices, left and right: never on together, whatever happens?");
  const auto options = std::make_shared<Options>();
  pair.add_option("--sessions", options->sessions, "How many, with seeds that follow each other")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
  pair.add_option("--seed", options->seed, "Of the first session; everything follows from it")
      ->capture_default_str();
  pair.add_option("--link", options->link, "ble: 50 to 250 ms; espnow: 0.3 to 5 ms; lan")
      ->check(CLI::IsMember({"ble", "espnow", "lan"}))
      ->capture_default_str();
  pair.add_option("--faults", options->faults,
                  "none; typical: losses, short partitions, stalls; all: crashes, attackers too")
      ->check(CLI::IsMember({"none", "typical", "all"}))
      ->capture_default_str();
  pair.add_option("--minutes", options->minutes, "Of each session")
      ->check(CLI::Range(3, 85))
      ->capture_default_str();
  pair.add_option("--threads", options->threads, "That share the sessions")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  pair.add_option("--trace", options->trace, "Waveform of the first session, a .vcd file");
  add_json_option(pair, call);
  pair.footer("Example: takt sim pair --seed 7 --sessions 1 --faults all --trace out.vcd");
  pair.callback(
      [&call, options] { call.run = [&call, options] { return run_pair(*options, call.json); }; });
}

}  // namespace takt
