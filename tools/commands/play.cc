// SPDX-License-Identifier: Apache-2.0
// takt play: plays a program, in real time or at once.
#include <fmt/format.h>

#include <memory>
#include <utility>

#include "takt/app/messages/verbs.h"
#include "takt/ports/linux/interrupt.h"
#include "tools/cli/file.h"
#include "tools/cli/order_input.h"
#include "tools/commands/command.h"
#include "tools/play/board_watchdog.h"
#include "tools/play/play_live.h"
#include "tools/play/play_report.h"
#include "tools/play/play_virtual.h"
#include "tools/view/terminal_view.h"

namespace takt {
namespace {

std::unique_ptr<TraceWriter> make_trace(const PlayOptions& options, const Program& program) {
  if (options.trace.empty()) return nullptr;
  refuse_overwriting(options.trace, options.source.file);
  std::string error;
  Result<std::unique_ptr<TraceWriter>> trace = open_trace(options.trace, program.outputs, error);
  if (trace.ok()) return std::move(trace.value());
  throw Failure{trace.status() == Status::kUnsupported ? Exit::kWords : Exit::kWorld, error};
}

Script make_script(const PlayOptions& options) {
  std::vector<ScriptAction> actions;
  std::vector<ScriptReading> readings;
  for (const std::string& text : options.actions) actions.push_back(parse_action(text));
  for (const std::string& text : options.sensors) readings.push_back(parse_reading(text));
  return {std::move(actions), std::move(readings)};
}

void check_sides(const PlayOptions& options, const Program& program) {
  if (program.pattern != nullptr) return;
  for (const auto& [given, word] : {std::pair{!options.side.empty(), "--side"},
                                    std::pair{options.tolerance_ms >= 0, "--tolerance"}}) {
    if (!given) continue;
    throw Failure{Exit::kWords,
                  fmt::format("{} goes with programs for two sides; this one has none", word)};
  }
}

/// Edges and pulses that came short break a promise where time is real; at another speed they were
/// asked for.
Exit exit_of(const PlayOptions& options, const PlayResult& result) {
  const bool real = !options.in_virtual_time && options.speed <= 1;
  const bool lost = real && !result.lost_pulses.empty();
  return result.end == EndReason::kFault || lost ? Exit::kNo : Exit::kGood;
}

Exit run_play(const PlayOptions& options) {
  Script script = make_script(options);
  const Source source{options.source};
  check_sides(options, source.valid().program());
  script.check(source.valid().program());
  const Result<Timeline> timeline = source.valid().repeated(options.loops);
  if (!timeline.ok()) {
    throw Failure{Exit::kNo,
                  fmt::format("{} loops of this program last more than 100 years", options.loops)};
  }
  const std::unique_ptr<TraceWriter> trace = make_trace(options, timeline.value().program());
  Interrupt::watch();
  if (!options.in_virtual_time) Interrupt::watch_stops();
  const PlayResult result =
      options.in_virtual_time
          ? play_virtual(timeline.value(), options, script, trace.get())
          : play_live(source.title(), timeline.value(), options, script, trace.get());
  if (trace && trace->close(result.duration) != Status::kOk) {
    throw Failure{Exit::kWorld, trace->error()};
  }
  if (options.json) {
    print_play_json(source, timeline.value(), result);
  } else {
    print_play_text(source, timeline.value(), result);
  }
  return result.signal != 0 ? static_cast<Exit>(Interrupt::status()) : exit_of(options, result);
}

void add_time_options(Words command, PlayOptions& options) {
  const Words::Word at_once =
      command.flag("--virtual", options.in_virtual_time, "Play at once, in virtual time");
  Words::Word speed = command.number("--speed", options.speed, 0.001, 1e6,
                                     "Play faster than real time by this factor");
  speed.excludes(at_once);
  command.number("--loops", options.loops, 1, 0xFFFFFFFE,
                 "Number of times to play the whole program");
  command.choice("--side", options.side, {"left", "right"},
                 "Play only this side of a program that has two");
  command.text("--gpio CHIP", options.chip, "Drive the lines of this GPIO chip").excludes(at_once);
  command.number(
      "--tolerance MS", options.tolerance_ms, 0, 1'000,
      "Of two sides: count edges that are later than this, in milliseconds (otherwise 10)");
  // It is fed by the program's clock, and waits by its own.
  add_watchdog_option(command, options.watchdog).excludes(at_once).excludes(speed);
  command
      .flag("--precise", options.precise,
            "Wake up before each deadline and spin; takes a tenth of a processor at most")
      .excludes(at_once);
  command.choice("--window FRAMES", options.frames,
                 {"16", "32", "64", "128", "256", "512", "1024", "2048", "4096", "8192", "16384"},
                 "Frames queued between the two halves, a power of two");
}

void add_event_options(Words command, PlayOptions& options) {
  command.text("--trace OUT.csv|OUT.vcd", options.trace,
               "Write every change of an output to this file");
  command.text("--sensor NAME=VALUE[@TIME]", options.sensors,
               "Let a sensor show VALUE from TIME on (repeatable); it is read every 100 ms");
  command.text("--at TIME=ORDER", options.actions,
               fmt::format("Give an order at a time after the start (repeatable): {}",
                           command_names().view()));
  command.flag("--verbose", options.verbose, "Report every refill of the window");
}

}  // namespace

void add_play(Words takt) {
  Words command = takt.command(
      "play", "Play a program",
      fmt::format("Keys on a terminal: {}.\n"
                  "Without a live view it takes orders on standard input, a line each:\n{}\n"
                  "A signal also stops it: outputs go off, the trace is written, and the exit "
                  "status is 128 and the signal's number.\n"
                  "Example: takt play wash.json --virtual --trace wash.vcd",
                  keys_of(keys_in(EngineState::kPlaying)).view(), orders_for_people()));
  const auto options = std::make_shared<PlayOptions>();
  add_source_options(command, options->source);
  add_time_options(command, *options);
  add_event_options(command, *options);
  command.run([options](bool json) {
    options->json = json;
    return run_play(*options);
  });
}

}  // namespace takt
