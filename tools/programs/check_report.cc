// SPDX-License-Identifier: Apache-2.0
#include "tools/programs/check_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

#include "takt/app/boards/pins.h"
#include "takt/core/engine/engine.h"
#include "takt/ports/api/lateness.h"
#include "tools/cli/text.h"
#include "tools/programs/run_text.h"
#include "tools/programs/shortest_pulse.h"
#include "tools/programs/sides_report.h"

namespace takt {
namespace {

/// Both keep the answer within about a second.
constexpr std::uint64_t kMostSteps = 20'000'000;
constexpr std::uint64_t kMostFrames = 20'000'000;

/// Refill latencies that halves are queued ahead.
constexpr std::int64_t kLookAhead = 2;

constexpr std::uint32_t kFrames = Window::kDefaultFrames;

Diagnostic diagnostic_of(Severity severity, std::string_view pointer, std::string_view message) {
  Diagnostic diagnostic;
  diagnostic.severity = severity;
  diagnostic.pointer.append(pointer);
  diagnostic.message.append(message);
  return diagnostic;
}

std::string phase_pointer(const Program& program, std::size_t phase) {
  if (program.pattern == nullptr) return fmt::format("/phases/{}", phase);
  return program.pattern->is_bilateral() ? "/bilateral" : "/pattern";
}

class AddingSink final : public DiagnosticSink {
 public:
  explicit AddingSink(Source& source) : source_(source) {}
  void report(const Diagnostic& diagnostic) override { source_.add(diagnostic); }

 private:
  Source& source_;
};

std::string_view kind_of(const Output& output) {
  switch (output.kind) {
    case OutputKind::kSwitch: return "switch";
    case OutputKind::kDirection: return "direction";
    case OutputKind::kAnalog: return "analog";
  }
  return "unknown";
}

std::string end_of(const Phase& phase) {
  if (!phase.end.exists()) return {};
  std::string text = fmt::format("or {} {} {}", printable(phase.end.sensor),
                                 phase.end.above ? "above" : "below", phase.end.threshold);
  if (phase.end.timeout > Micros{0}) {
    text += fmt::format(", {} after {}", phase.end.fault_on_timeout ? "fault" : "end",
                        readable(phase.end.timeout));
  }
  return text;
}

}  // namespace

CheckReport::CheckReport(Source& source, const Timeline& timeline, const Board* board)
    : source_(source),
      timeline_(timeline),
      board_(board),
      tally_(tally_of(timeline, kMostSteps)),
      rehearsal_(rehearse(timeline, kMostFrames)),
      playback_bytes_(sizeof(Engine) + EngineNeeds::of(timeline.program(), kFrames).bytes()),
      stretch_((board == nullptr ? kTaskLateness : board->refill_latency) *
               (timeline.program().pattern == nullptr ? 1 : kLookAhead)),
      pace_(densest(timeline, stretch_)) {
  judge_rules();
  judge_reversal();
  judge_pulses();
  judge_memory();
  judge_pace();
  judge_pins();
}

void CheckReport::judge_rules() {
  if (!rehearsal_.fault) return;
  const Fault& fault = *rehearsal_.fault;
  const bool certain = rehearsal_.is_certain;
  const std::size_t index = timeline_.entry(fault.entry).phase;
  const std::string message =
      fmt::format("{} {} after the start, in {}: {}", certain ? "fault" : "possible fault",
                  readable(fault.at.since_zero()), phase_title(program(), index),
                  printable(describe(fault, program()).view()));
  source_.add(diagnostic_of(certain ? Severity::kError : Severity::kWarning,
                            phase_pointer(program(), index), message));
}

void CheckReport::judge_reversal() {
  if (!rehearsal_.reversal) return;
  const Reversal& reversal = *rehearsal_.reversal;
  const std::size_t index = timeline_.entry(reversal.entry).phase;
  source_.add(diagnostic_of(
      Severity::kWarning, phase_pointer(program(), index),
      fmt::format(
          "{} reverses under power, first {} after the start; a pause, or an interlock with "
          "a reversal_dead_time, protects it",
          printable(program().outputs[reversal.motor].title()), readable(reversal.at))));
}

Micros CheckReport::lateness() const {
  return board_ == nullptr ? kThreadLateness : board_->lateness;
}

void CheckReport::judge_pulses() {
  const auto warn = [this](const std::string& pointer, Micros pulse) {
    source_.add(diagnostic_of(
        Severity::kWarning, pointer,
        fmt::format(
            "its shortest pulse is {} long, and an edge may come {} late on {}: such a pulse "
            "may be lost",
            readable(pulse), readable(lateness()),
            board_ == nullptr ? "an ordinary Linux" : board_->name)));
  };
  if (program().pattern != nullptr) {
    const std::optional<Micros> pulse = shortest_pulse(*program().pattern);
    if (pulse && *pulse < lateness()) warn(phase_pointer(program(), 0), *pulse);
    return;
  }
  for (std::size_t p = 0; p < program().phases.size(); ++p) {
    const auto components = program().components_of(program().phases[p]);
    for (std::size_t i = 0; i < components.size(); ++i) {
      const std::optional<Micros> pulse = shortest_pulse(program(), components[i]);
      if (!pulse || *pulse >= lateness()) continue;
      warn(fmt::format("/phases/{}/components/{}", p, i), *pulse);
    }
  }
}

void CheckReport::judge_memory() {
  if (board_bytes() == 0 || memory_bytes() <= board_bytes()) return;
  source_.add(diagnostic_of(
      Severity::kError, {},
      fmt::format("it needs {} of memory, {} has {} for programs", readable_bytes(memory_bytes()),
                  board_->name, readable_bytes(board_bytes()))));
}

void CheckReport::judge_pins() {
  if (board_ == nullptr) return;
  AddingSink sink{source_};
  static_cast<void>(check_pins(program(), *board_, sink));  // The source keeps the errors.
}

void CheckReport::judge_pace() {
  if (pace_.frames <= kFrames / 2) return;
  source_.add(diagnostic_of(
      board_ == nullptr ? Severity::kWarning : Severity::kError,
      phase_pointer(program(), pace_.phase),
      fmt::format("up to {} frames in {}, but half a window of {} frames is all that is sure to be "
                  "refilled in that time",
                  with_commas(pace_.frames), readable(stretch_), kFrames)));
}

void CheckReport::print_text() const {
  const char* const at_least = tally_.complete ? "" : "more than ";
  fmt::print("{}: {} ({} form)\n\n", source_.file(),
             source_.has_errors() ? "not playable" : "valid", source_.form());
  if (!program().name.empty()) fmt::print("Program    {}\n", printable(program().name));
  fmt::print("Duration   {}\n", readable(timeline_.duration()));
  fmt::print("Edges      {}{}\n\n", at_least, with_commas(tally_.edges));
  if (program().pattern != nullptr) {
    print_sides(program());
  } else {
    print_phases();
  }
  print_outputs();
  print_resources();
}

void CheckReport::print_phases() const {
  fmt::print("{:<28} {:>6} {:>22} {:>14}  {}\n", "Phase", "Runs", "Each", "Edges", "Ends");
  for (std::size_t i = 0; i < tally_.phases.size(); ++i) {
    const PhaseTally& phase = tally_.phases[i];
    fmt::print("{} {:>6} {:>22} {:>14}  {}\n", fitted(phase_title(program(), i), 28),
               with_commas(phase.runs), readable(phase.length), with_commas(phase.edges),
               end_of(program().phases[i]));
  }
  fmt::print("\n");
}

void CheckReport::print_outputs() const {
  fmt::print("{:<28} {:>6} {:>22} {:>14}  {}\n", "Output", "Pin", "On", "Times", "");
  for (std::size_t i = 0; i < tally_.outputs.size(); ++i) {
    const OutputTally& sum = tally_.outputs[i];
    const Output& output = program().outputs[i];
    const std::string pin = output.pin < 0 ? "-" : std::to_string(output.pin);
    std::string note;
    if (output.kind == OutputKind::kDirection) note = "direction";
    if (output.kind == OutputKind::kAnalog) {
      note = fmt::format("highest {} of {}", sum.highest, output.range);
    }
    fmt::print("{} {:>6} {:>22} {:>14}  {}\n", fitted(printable(output.title()), 28), pin,
               readable(sum.on_time), with_commas(sum.switches), note);
  }
  fmt::print("\n");
}

void CheckReport::print_resources() const {
  fmt::print("Memory     {} program + {} playback = {}", readable_bytes(program().memory_bytes),
             readable_bytes(playback_bytes_), readable_bytes(memory_bytes()));
  if (board_bytes() != 0) {
    fmt::print(" of {} on {}", readable_bytes(board_bytes()), board_->name);
  }
  fmt::print("\nPace       at most {} in {}; half the window is {}\n",
             counted(pace_.frames, "frame"), readable(stretch_), kFrames / 2);
  if (rehearsal_.frames > 0) {
    fmt::print("Rules      {}{} held against interlocks and limits\n",
               rehearsal_.complete ? "" : "the first ", counted(rehearsal_.frames, "frame"));
  }
}

void CheckReport::print_json() const {
  JsonOut out;
  out.field("valid", !source_.has_errors());
  out.field("program", source_.title());
  out.field("form", source_.form());
  out.field("duration_us", timeline_.duration());
  out.field("edges", tally_.edges);
  out.field("edges_complete", tally_.complete);
  json_phases(out);
  if (program().pattern != nullptr) json_sides(out, program());
  json_outputs(out);
  out.diagnostics("errors", source_.diagnostics(), Severity::kError);
  out.diagnostics("warnings", source_.diagnostics(), Severity::kWarning);
  json_resources(out);
  out.print();
}

void CheckReport::json_phases(JsonOut& out) const {
  out.begin_array("phases");
  for (std::size_t i = 0; i < tally_.phases.size(); ++i) {
    const PhaseTally& phase = tally_.phases[i];
    out.begin_object();
    out.field("name", program().phases[i].name);
    out.field("runs", phase.runs);
    out.field("duration_us", phase.length * static_cast<std::int64_t>(phase.runs));
    out.field("run_us", phase.length);
    out.field("delay_us", program().phases[i].delay);
    out.field("edges", phase.edges);
    out.field("conditional", program().phases[i].end.exists());
    out.end_object();
  }
  out.end_array();
}

void CheckReport::json_outputs(JsonOut& out) const {
  out.begin_array("outputs");
  for (std::size_t i = 0; i < tally_.outputs.size(); ++i) {
    const OutputTally& sum = tally_.outputs[i];
    out.begin_object();
    out.field("id", program().outputs[i].id);
    out.field("label", program().outputs[i].title());
    out.field("kind", kind_of(program().outputs[i]));
    out.field("pin", program().outputs[i].pin);
    out.field("on_us", sum.on_time);
    out.field("switches", sum.switches);
    out.field("edges", sum.edges);
    out.field("highest", sum.highest);
    out.end_object();
  }
  out.end_array();
}

void CheckReport::json_resources(JsonOut& out) const {
  out.field("memory_bytes", memory_bytes());
  out.field("program_bytes", program().memory_bytes);
  out.field("playback_bytes", playback_bytes_);
  if (board_ != nullptr) {
    out.field("board", board_->name);
    out.key("board_bytes");
    board_bytes() == 0 ? out.null() : out.value(board_bytes());
  }
  out.begin_object("pace");
  out.field("frames", pace_.frames);
  out.field("within_us", stretch_);
  out.field("limit", kFrames / 2);
  out.end_object();
  out.begin_object("rules");
  out.field("frames", rehearsal_.frames);
  out.field("complete", rehearsal_.complete);
  out.end_object();
}

void print_invalid(const Source& source) {
  JsonOut out;
  out.field("valid", false);
  out.key("program");
  out.null();
  out.field("form", source.form());
  out.field("duration_us", 0);
  out.begin_array("phases");
  out.end_array();
  out.diagnostics("errors", source.diagnostics(), Severity::kError);
  out.diagnostics("warnings", source.diagnostics(), Severity::kWarning);
  out.field("memory_bytes", 0);
  out.print();
}

}  // namespace takt
