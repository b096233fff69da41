// SPDX-License-Identifier: Apache-2.0
#include "tools/play_report.h"

#include <fmt/format.h>

#include "tools/json_out.h"
#include "tools/text.h"

namespace takt {
namespace {

std::string_view end_of(const PlayResult& result) {
  return result.signal != 0 ? "signal" : name_of(result.end);
}

std::string text_of(const Fault& fault, const Program& program) {
  return printable(describe(fault, program).view());
}

}  // namespace

void print_play_text(const Source& source, const Timeline& timeline, const PlayResult& result) {
  const Program& program = timeline.program();
  std::string end{name_of(result.end)};
  if (result.signal != 0) end = fmt::format("ended by signal {}", result.signal);
  fmt::print("{}: {} after {}, {}\n\n", source.title(), end, readable(result.duration),
             counted(result.edges, "edge"));
  fmt::print("{:<28} {:>8} {:>22} {:>14}\n", "Phase", "Runs", "Time", "Edges");
  for (std::size_t i = 0; i < result.phases.size(); ++i) {
    const Ledger::Row& row = result.phases[i];
    fmt::print("{} {:>8} {:>22} {:>14}\n", fitted(phase_title(program, i), 28),
               with_commas(row.runs), readable(row.duration), with_commas(row.edges));
  }
  fmt::print("\nLateness   p50 {} us, p99 {} us, max {} us\n", result.lateness.p50.count(),
             result.lateness.p99.count(), result.lateness.max.count());
  fmt::print("Window     {}\n", counted(result.refills, "refill"));
  for (const Fault& fault : result.faults) {
    fmt::print("Fault      at {}: {}\n", readable(fault.at.since_zero()), text_of(fault, program));
  }
  if (result.faults_lost > 0) fmt::print("           and {} more\n", result.faults_lost);
}

void print_play_json(const Source& source, const Timeline& timeline, const PlayResult& result) {
  const Program& program = timeline.program();
  JsonOut out;
  out.field("program", source.title());
  out.field("end", end_of(result));
  out.field("duration_us", result.duration);
  out.field("edges", result.edges);
  out.begin_array("phases");
  for (std::size_t i = 0; i < result.phases.size(); ++i) {
    const Ledger::Row& row = result.phases[i];
    out.begin_object();
    out.field("name", program.phases[i].name);
    out.field("edges", row.edges);
    out.field("duration_us", row.duration);
    out.field("runs", row.runs);
    out.end_object();
  }
  out.end_array();
  out.field("refills", result.refills);
  out.begin_object("lateness_us");
  out.field("p50", result.lateness.p50);
  out.field("p99", result.lateness.p99);
  out.field("max", result.lateness.max);
  out.end_object();
  out.begin_array("faults");
  for (const Fault& fault : result.faults) {
    out.begin_object();
    out.field("at_us", fault.at.since_zero());
    out.field("reason", text_of(fault, program));
    out.end_object();
  }
  out.end_array();
  if (result.faults_lost > 0) out.field("faults_lost", result.faults_lost);
  out.print();
}

}  // namespace takt
