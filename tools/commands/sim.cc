// SPDX-License-Identifier: Apache-2.0
// takt sim: thousands of sessions on a bad link, seen by a referee with true time.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "tools/cli/file.h"
#include "tools/cli/json_out.h"
#include "tools/cli/progress.h"
#include "tools/cli/text.h"
#include "tools/commands/command.h"
#include "tools/sim/session_record.h"
#include "tools/sim/session_trace.h"
#include "tools/sim/sessions.h"
#include "tools/sim/sim_report.h"

namespace takt {
namespace {

using sim::Summary;

struct Options {
  std::uint64_t sessions = 100;
  std::uint64_t seed = 1;
  std::string link = "espnow";
  std::string faults = "typical";
  std::string minutes = "20..90";
  unsigned threads = 2;
  std::string trace;
  std::string record;

  sim::Lengths lengths() const;

  /// Of the first session.
  sim::SessionConfig config() const {
    sim::SessionConfig config;
    config.seed = seed;
    config.link = *sync::link_named(link);
    config.faults = *sim::faults_named(faults);
    config.length = lengths().of(seed);
    return config;
  }
};

/// What happens to a session needs that long, and no program of two sides is longer.
constexpr std::int64_t kLeastMinutes = 3;
constexpr std::int64_t kMostMinutes = 90;
static_assert(seconds(60) * kMostMinutes == kMaxSession);

/// Whole minutes; nothing: no number of them, or too many or too few.
std::optional<Micros> minutes_of(std::string_view text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || rest != end) return std::nullopt;
  if (number < kLeastMinutes || number > kMostMinutes) return std::nullopt;
  return seconds(60) * number;
}

sim::Lengths Options::lengths() const {
  constexpr std::string_view kTo = "..";
  const std::string_view text = minutes;
  const std::size_t split = text.find(kTo);
  const bool is_range = split != std::string_view::npos;
  const auto shortest = minutes_of(text.substr(0, split));
  const auto longest = is_range ? minutes_of(text.substr(split + kTo.size())) : shortest;
  if (!shortest || !longest || *shortest > *longest) {
    throw Failure{Exit::kWords,
                  fmt::format("--minutes: {} is neither a number from {} to {} nor a range of "
                              "them, as in 20..90",
                              printable(minutes), kLeastMinutes, kMostMinutes)};
  }
  return {*shortest, *longest};
}

constexpr std::size_t kShownSeeds = 20;

void print_json(const Options& options, const Summary& sum) {
  JsonOut out;
  out.field("sessions", sum.sessions);
  out.field("seed", options.seed);
  json_verdict(out, sum.verdict, Told::kBySimulation);
  json_measures(out, sum);
  out.field("realtime_factor", sum.realtime_factor());
  out.begin_array("failing_seeds");
  for (const std::uint64_t seed : sum.failing_seeds) out.value(seed);
  out.end_array();
  out.print();
}

void print_text(const Options& options, const Summary& sum, double wall_s) {
  fmt::print("{} of {} minutes, {} link, faults: {}\n", counted(sum.sessions, "session"),
             options.minutes, options.link, options.faults);
  print_verdict(sum.verdict, Told::kBySimulation);
  print_measures(sum);
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

/// Writes the records of both devices of the first session.
void write_records(const Options& options) {
  make_folder(options.record);
  std::array<OutputFile, 2> files;
  for (std::size_t i = 0; i < 2; ++i) {
    if (files[i].open(fmt::format("{}/{}.csv", options.record, kSideNames[i])) != Status::kOk) {
      throw Failure{Exit::kWorld, files[i].error()};
    }
    files[i].append(sim::kRecordHeader);
  }
  sim::SessionRecord record{[&files](std::size_t device, const sim::Entry& entry) {
    files[device].append(sim::line_of(entry));
  }};
  const sim::SessionConfig config = options.config();
  static_cast<void>(run_session(config, &record));
  record.close(config.length);
  for (OutputFile& file : files) {
    if (file.close() != Status::kOk) throw Failure{Exit::kWorld, file.error()};
  }
}

Exit run_pair(const Options& options, bool json) {
  const sim::Lengths lengths = options.lengths();
  if (!options.trace.empty()) write_trace(options);
  if (!options.record.empty()) write_records(options);
  Progress progress;
  const auto began = std::chrono::steady_clock::now();
  const auto elapsed = [began] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  };
  const auto show = [&](std::uint64_t done) {
    const double part = static_cast<double>(done) /
                        static_cast<double>(std::max<std::uint64_t>(1, options.sessions));
    progress.show(part, fmt::format("{} of {} sessions, {:.0f} a second", done, options.sessions,
                                    static_cast<double>(done) / elapsed()));
  };
  const Summary sum =
      run_sessions(options.config(), lengths, options.sessions, options.threads, show);
  progress.clear();
  json ? print_json(options, sum) : print_text(options, sum, elapsed());
  return sum.holds() ? Exit::kGood : Exit::kNo;
}

}  // namespace

void add_sim(Words takt) {
  Words sim = takt.command(
      "sim", "Simulate devices with bad clocks and bad links, much faster than real time",
      "Example: takt sim pair --sessions 200 --link ble --faults all");
  Words command =
      sim.command("pair", "Check that left and right are never on together, whatever happens",
                  "Example: takt sim pair --seed 7 --sessions 1 --faults all --trace out.vcd");
  const auto options = std::make_shared<Options>();
  command
      .number("--sessions", options->sessions, 1, 10'000'000,
              "Number of sessions, with consecutive seeds")
      .shows_default();
  command.number("--seed", options->seed, "Seed of the first session; everything follows from it")
      .shows_default();
  command
      .choice("--link", options->link, {"ble", "espnow", "lan"},
              "ble: 50 to 250 ms; espnow: 0.3 to 5 ms; lan")
      .shows_default();
  command
      .choice("--faults", options->faults, {"none", "typical", "all"},
              "none; typical: losses, short partitions, stalls; all: also crashes and an attacker")
      .shows_default();
  command
      .text("--minutes A..B", options->minutes,
            "Length of a session: A to B minutes by its seed, or always A; 3 to 90")
      .shows_default();
  command.number("--threads", options->threads, 1, 64, "Threads that share the sessions")
      .shows_default();
  command.text("--trace", options->trace,
               "Write the waveform of the first session to this .vcd file");
  command.text("--record", options->record,
               "Folder for left.csv and right.csv: the first session as takt sim check reads it");
  command.run([options](bool json) { return run_pair(*options, json); });
  add_sim_check(sim);
}

}  // namespace takt
