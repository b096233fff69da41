// SPDX-License-Identifier: Apache-2.0
// takt sim check: the referee of the simulator, for two devices that ran somewhere else.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "tools/command.h"
#include "tools/file.h"
#include "tools/json_out.h"
#include "tools/sim/judge.h"
#include "tools/sim/pair.h"
#include "tools/sim_report.h"
#include "tools/text.h"

namespace takt {
namespace {

using Files = std::array<std::string, 2>;

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
  }
  found.sum.add(0, judge.finish());
  found.breaches = judge.breaches();
  if (found.breaches.size() > kShownBreaches) found.breaches.resize(kShownBreaches);
  const sim::Verdict& verdict = found.sum.verdict;
  found.more = verdict.overlaps + verdict.short_gaps + verdict.non_atomic_changes +
               verdict.unsafe_silences + verdict.dishonest_bounds - found.breaches.size();
  return found;
}

void print_json(const Files& files, const std::array<Recording, 2>& recordings,
                const Findings& found) {
  JsonOut out;
  out.field("sessions", found.sum.sessions);
  out.field("overlaps", found.sum.verdict.overlaps);
  out.field("short_gaps", found.sum.verdict.short_gaps);
  json_bounds_and_changes(out, found.sum.verdict);
  out.field("unsafe_silences", found.sum.verdict.unsafe_silences);
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
  print_verdict(found.sum.verdict);
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

Exit check_records(const std::array<std::string, 2>& files, const std::string& title, bool json) {
  const std::array<Recording, 2> recordings{read_record(files[0], 0), read_record(files[1], 1)};
  for (std::size_t side = 0; side < 2; ++side) {
    if (!recordings[side].cut_off) continue;
    fmt::print(people(json), "{}: the last line was cut off, and does not count\n",
               printable(files[side]));
  }
  const Findings found = judge(recordings);
  json ? print_json(files, recordings, found) : print_text(title, recordings, found);
  return found.sum.holds() ? Exit::kGood : Exit::kNo;
}

void add_sim_check(Words sim) {
  Words command = sim.command(
      "check", "The same referee for two devices that ran: did they keep what is promised?",
      "Example: takt sim check left.csv right.csv");
  const auto files = std::make_shared<Files>();
  command.text("LEFT", (*files)[0], "Record of the left device").required();
  command.text("RIGHT", (*files)[1], "Record of the right device, of the same machine").required();
  command.run([files](bool json) {
    return check_records(*files, (*files)[0] + " and " + (*files)[1], json);
  });
}

}  // namespace takt
