// SPDX-License-Identifier: Apache-2.0
// takt sim check: the referee of the simulator, for two devices that ran somewhere else.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "tools/cli/file.h"
#include "tools/cli/json_out.h"
#include "tools/cli/text.h"
#include "tools/commands/command.h"
#include "tools/record/judge.h"
#include "tools/sim/sessions.h"
#include "tools/sim/sim_report.h"

namespace takt {
namespace {

using Files = std::array<std::string, 2>;

struct Options {
  Files files;
  double least_percent = 25;
};

/// Days of recording.
constexpr std::size_t kLargestRecord = 256U << 20U;

constexpr std::size_t kShownBreaches = 10;

struct Recording {
  std::vector<sim::Entry> entries;
  bool cut_off = false;
};

[[noreturn]] void fail(const std::string& path, const std::string& why) {
  throw Failure{Exit::kWorld, fmt::format("{}: {}", printable(path), why)};
}

/// The record of device `side`.
Recording read_record(const std::string& path, std::size_t side) {
  const FileContent content = read_whole(path, kLargestRecord);
  if (content.too_large) fail(path, "is larger than " + readable_bytes(kLargestRecord));
  sim::RecordReader reader;
  reader.add(content.bytes);
  Recording recording;
  while (const auto entry = reader.next()) {
    const auto* const booted = std::get_if<sim::Booted>(&entry->event);
    if (booted != nullptr && booted->side != side) {
      fail(path, fmt::format("is the record of the {} side, not of the {} one",
                             kSideNames[booted->side], kSideNames[side]));
    }
    recording.entries.push_back(*entry);
  }
  if (const auto& fault = reader.fault()) {
    fail(path, fmt::format("line {}, column {}: {}", fault->line, fault->column, fault->what));
  }
  if (recording.entries.empty()) fail(path, "there is no event in it");
  recording.cut_off = reader.in_part();
  return recording;
}

struct Findings {
  sim::Summary sum;
  Micros judged;                        ///< How long both took part.
  Micros span;                          ///< How long the longer record is.
  std::array<std::uint32_t, 2> lost{};  ///< Pulses, by side.
  std::vector<sim::Breach> breaches;
  std::uint64_t more = 0;  ///< Breaches than those.
  sim::TrueTime began;
  sim::TrueTime ended;
};

/// What the device has lost; it counts anew from each start.
std::uint32_t lost_in(const std::vector<sim::Entry>& entries) {
  std::uint32_t past = 0;
  std::uint32_t present = 0;
  for (const sim::Entry& entry : entries) {
    const auto* const stated = std::get_if<sim::Stated>(&entry.event);
    if (stated == nullptr) continue;
    if (stated->lost < present) past += present;
    present = stated->lost;
  }
  return past + present;
}

Findings judge(const std::array<Recording, 2>& recordings) {
  sim::Judge judge;
  Findings found;
  found.began = sim::kNeverTrue;
  for (std::size_t side = 0; side < 2; ++side) {
    const std::vector<sim::Entry>& entries = recordings[side].entries;
    for (const sim::Entry& entry : entries) judge.feed(side, entry);
    found.lost[side] = lost_in(entries);
    found.began = std::min(found.began, entries.front().at);
    found.ended = std::max(found.ended, entries.back().at);
    found.span = std::max(found.span, entries.back().at - entries.front().at);
  }
  found.sum.add(0, judge.finish());
  found.judged = judge.judged();
  found.breaches = judge.breaches();
  if (found.breaches.size() > kShownBreaches) found.breaches.resize(kShownBreaches);
  found.more = found.sum.verdict.breaches() - found.breaches.size();
  return found;
}

double in_seconds(Micros span) { return static_cast<double>(span.count()) * 1e-6; }

/// Records that were hardly judged prove nothing, however clean they are.
bool is_unproven(const Findings& found, double least_percent) {
  return in_seconds(found.judged) * 100 < in_seconds(found.span) * least_percent;
}

void print_json(const Files& files, const std::array<Recording, 2>& recordings,
                const Findings& found, bool unproven) {
  JsonOut out;
  out.field("sessions", found.sum.sessions);
  json_verdict(out, found.sum.verdict, Told::kByRecords);
  out.field("judged_s", in_seconds(found.judged));
  out.field("span_s", in_seconds(found.span));
  out.field("unproven", unproven);
  json_measures(out, found.sum);
  out.begin_array("lost_pulses");
  for (std::size_t side = 0; side < 2; ++side) {
    if (found.lost[side] == 0) continue;
    out.begin_object();
    out.field("side", kSideNames[side]);
    out.field("count", found.lost[side]);
    out.end_object();
  }
  out.end_array();
  out.begin_array("breaches");
  for (const sim::Breach& breach : found.breaches) {
    out.begin_object();
    out.field("true_us", breach.at.since_zero());
    out.field("what", breach.what);
    out.end_object();
  }
  out.end_array();
  out.begin_array("cut_off");
  for (std::size_t side = 0; side < 2; ++side) {
    if (recordings[side].cut_off) out.value(files[side]);
  }
  out.end_array();
  out.print();
}

void print_text(const std::string& title, const std::array<Recording, 2>& recordings,
                const Findings& found) {
  fmt::print("{}: {} in {}\n", printable(title),
             counted(recordings[0].entries.size() + recordings[1].entries.size(), "event"),
             readable(found.ended - found.began));
  fmt::print("  {:<32} {:>10.1f}\n", "seconds in which both were judged", in_seconds(found.judged));
  print_verdict(found.sum.verdict, Told::kByRecords);
  print_measures(found.sum);
  print_count("pulses lost, left", found.lost[0]);
  print_count("pulses lost, right", found.lost[1]);
  for (const sim::Breach& breach : found.breaches) {
    fmt::print("  fault: at {} us, {} after the start: {}\n", breach.at.since_zero().count(),
               readable(breach.at - found.began), breach.what);
  }
  if (found.more > 0) fmt::print("  and {} more\n", with_commas(found.more));
}

}  // namespace

Exit check_records(const std::array<std::string, 2>& files, const std::string& title,
                   double least_percent, bool json) {
  const std::array<Recording, 2> recordings{read_record(files[0], 0), read_record(files[1], 1)};
  for (std::size_t side = 0; side < 2; ++side) {
    if (!recordings[side].cut_off) continue;
    fmt::print(people(json), "{}: the last line was cut off, and does not count\n",
               printable(files[side]));
  }
  const Findings found = judge(recordings);
  const bool unproven = is_unproven(found, least_percent);
  json ? print_json(files, recordings, found, unproven) : print_text(title, recordings, found);
  if (unproven) {
    fmt::print(people(json),
               "  proves nothing: both were judged for {:.1f} s of {:.1f} s, less than the {} % of "
               "--least\n",
               in_seconds(found.judged), in_seconds(found.span), least_percent);
  }
  return found.sum.holds() && !unproven ? Exit::kGood : Exit::kNo;
}

void add_sim_check(Words sim) {
  Words command =
      sim.command("check", "Judge the records of two real devices with the same referee",
                  "Example: takt sim check left.csv right.csv");
  const auto options = std::make_shared<Options>();
  Files& files = options->files;
  command.text("LEFT", files[0], "Record of the left device").required();
  command.text("RIGHT", files[1], "Record of the right device, of the same machine").required();
  command
      .number("--least", options->least_percent, 0, 100,
              "Percentage of the longer record during which both must have been judged; below "
              "it the answer is no")
      .shows_default();
  command.run([options](bool json) {
    const std::string title = options->files[0] + " and " + options->files[1];
    return check_records(options->files, title, options->least_percent, json);
  });
}

}  // namespace takt
