// SPDX-License-Identifier: Apache-2.0
#include "tools/play/play_report.h"

#include <fmt/format.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "tools/cli/json_out.h"
#include "tools/cli/text.h"
#include "tools/play/phase_ends.h"
#include "tools/programs/run_text.h"

namespace takt {
namespace {

/// The phase that a fault came in; null: none played.
const Phase* phase_of(const Fault& fault, const Timeline& timeline) {
  if (fault.entry >= timeline.entry_count()) return nullptr;
  return &timeline.program().phases[timeline.entry(fault.entry).phase];
}

/// Empty: no sensor had to do with it.
std::string_view sensor_of(const Fault& fault, const Timeline& timeline) {
  const Phase* const phase = phase_of(fault, timeline);
  const bool sensed = fault.reason == FaultReason::kConditionTimeout && phase != nullptr;
  return sensed ? phase->end.sensor : std::string_view{};
}

std::string_view end_of(const PlayResult& result) {
  return result.signal != 0 ? "signal" : name_of(result.end);
}

std::string reason_of(const Fault& fault, const Program& program) {
  return printable(describe(fault, program).view());
}

/// "at 3.500 s in rinse: cold on within the dead time after hot".
std::string text_of(const Fault& fault, const Timeline& timeline) {
  std::string text = fmt::format("at {}", readable(fault.at.since_zero()));
  if (phase_of(fault, timeline) != nullptr) {
    const std::size_t phase = timeline.entry(fault.entry).phase;
    text += fmt::format(" in {}", phase_title(timeline.program(), phase));
  }
  text += fmt::format(": {}", reason_of(fault, timeline.program()));
  const std::string_view sensor = sensor_of(fault, timeline);
  if (!sensor.empty()) text += fmt::format(" (sensor {})", printable(sensor));
  return text;
}

void text_or_null(JsonOut& out, std::string_view name, std::string_view text) {
  out.key(name);
  text.empty() ? out.null() : out.value(text);
}

void print_phases(const PlayResult& result, const Program& program) {
  fmt::print("{:<28} {:>8} {:>22} {:>14}  {}\n", "Phase", "Runs", "Time", "Edges", "Ended by");
  for (std::size_t i = 0; i < result.phases.size(); ++i) {
    const PhaseLedger::Row& row = result.phases[i];
    fmt::print("{} {:>8} {:>22} {:>14}  {}\n", fitted(phase_title(program, i), 28),
               with_commas(row.runs), readable(row.duration), with_commas(row.edges),
               result.ends[i] ? text_of(*result.ends[i]) : "-");
  }
}

void json_phases(JsonOut& out, const PlayResult& result, const Program& program) {
  out.begin_array("phases");
  for (std::size_t i = 0; i < result.phases.size(); ++i) {
    const PhaseLedger::Row& row = result.phases[i];
    const std::optional<PhaseEnd>& end = result.ends[i];
    out.begin_object();
    out.field("name", program.phases[i].name);
    out.field("edges", row.edges);
    out.field("duration_us", row.duration);
    out.field("runs", row.runs);
    text_or_null(out, "end", end ? name_of(end->cause) : std::string_view{});
    text_or_null(out, "sensor", end ? end->sensor : std::string_view{});
    out.key("value");
    end && !end->sensor.empty() ? out.value(end->value) : out.null();
    out.end_object();
  }
  out.end_array();
}

void json_faults(JsonOut& out, const PlayResult& result, const Timeline& timeline) {
  const Program& program = timeline.program();
  out.begin_array("faults");
  for (const Fault& fault : result.faults) {
    const Phase* const phase = phase_of(fault, timeline);
    const bool names_output = fault.output < program.outputs.size();
    out.begin_object();
    out.field("at_us", fault.at.since_zero());
    out.field("reason", reason_of(fault, program));
    out.key("phase");
    phase == nullptr ? out.null() : out.value(phase->name);
    text_or_null(out, "output",
                 names_output ? program.outputs[fault.output].id : std::string_view{});
    text_or_null(out, "sensor", sensor_of(fault, timeline));
    out.end_object();
  }
  out.end_array();
  if (result.faults_lost > 0) out.field("faults_lost", result.faults_lost);
}

}  // namespace

void print_play_text(const Source& source, const Timeline& timeline, const PlayResult& result) {
  const Program& program = timeline.program();
  std::string end{name_of(result.end)};
  if (result.signal != 0) end = fmt::format("ended by signal {}", result.signal);
  fmt::print("{}: {} after {}, {}\n\n", source.title(), end, readable(result.duration),
             counted(result.edges, "edge"));
  print_phases(result, program);
  fmt::print("\nLateness   p50 {} us, p99 {} us, max {} us\n", result.lateness.p50.count(),
             result.lateness.p99.count(), result.lateness.max.count());
  fmt::print("Window     {}\n", counted(result.refills, "refill"));
  print_lost_pulses(result.lost_pulses, program);
  if (result.beyond_tolerance.count > 0) {
    fmt::print("Beyond     {} later than the tolerance, the first at {}\n",
               counted(result.beyond_tolerance.count, "edge"),
               readable(result.beyond_tolerance.first.since_zero()));
  }
  if (result.withheld > 0) {
    fmt::print("Withheld   {} for as long as a rule asked\n", counted(result.withheld, "edge"));
  }
  for (const Fault& fault : result.faults) {
    fmt::print("Fault      {}\n", text_of(fault, timeline));
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
  json_phases(out, result, program);
  out.field("refills", result.refills);
  out.begin_object("lateness_us");
  out.field("p50", result.lateness.p50);
  out.field("p99", result.lateness.p99);
  out.field("max", result.lateness.max);
  out.end_object();
  json_lost_pulses(out, result.lost_pulses, program);
  if (program.pattern != nullptr) json_beyond_tolerance(out, result.beyond_tolerance);
  out.field("withheld", result.withheld);
  json_faults(out, result, timeline);
  out.print();
}

}  // namespace takt
