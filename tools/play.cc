// SPDX-License-Identifier: Apache-2.0
// takt play: plays a program, in real time or at once.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "tools/command.h"
#include "tools/interrupt.h"
#include "tools/number_range.h"
#include "tools/play_live.h"
#include "tools/play_report.h"
#include "tools/play_virtual.h"

namespace takt {
namespace {

std::unique_ptr<Trace> make_trace(const PlayOptions& options, const Program& program) {
  if (options.trace.empty()) return nullptr;
  std::string error;
  Result<std::unique_ptr<Trace>> trace = open_trace(options.trace, program.outputs, error);
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

Exit run_play(const PlayOptions& options) {
  Script script = make_script(options);
  const Source source{options.source};
  if (!options.side.empty() && source.valid().program().pattern == nullptr) {
    throw Failure{Exit::kWords, "--side goes with programs for two sides; this one has none"};
  }
  const Result<Timeline> timeline = source.valid().repeated(options.loops);
  if (!timeline.ok()) {
    throw Failure{Exit::kNo,
                  fmt::format("{} loops of this program last more than 100 years", options.loops)};
  }
  const std::unique_ptr<Trace> trace = make_trace(options, timeline.value().program());
  Interrupt::watch();
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
  return result.end == EndReason::kFault ? Exit::kNo : Exit::kGood;
}

void add_time_options(CLI::App& command, PlayOptions& options) {
  CLI::Option* const at_once =
      command.add_flag("--virtual", options.in_virtual_time, "Play at once, in virtual time");
  command.add_option("--speed", options.speed, "Play so many times faster than real time")
      ->check(number_in(0.001, 1e6))
      ->excludes(at_once);
  command.add_option("--loops", options.loops, "Play the whole program so many times")
      ->check(CLI::Range(1U, 0xFFFFFFFEU));
  command.add_option("--side", options.side, "Play one side only, of a program that has two")
      ->check(CLI::IsMember({"left", "right"}));
  command.add_option("--gpio", options.chip, "Drive the lines of this GPIO chip")
      ->type_name("CHIP")
      ->excludes(at_once);
  command
      .add_flag("--precise", options.precise,
                "Sleep short of each deadline and spin, for a tenth of a processor at most")
      ->excludes(at_once);
  command
      .add_option("--window", options.frames,
                  "Frames queued between the two halves, a power of two")
      ->check(CLI::IsMember({16, 32, 64, 128, 256, 512, 1'024, 2'048, 4'096, 8'192, 16'384}))
      ->type_name("FRAMES");
}

void add_event_options(CLI::App& command, PlayOptions& options) {
  command.add_option("--trace", options.trace, "Write every change of an output to this file")
      ->type_name("OUT.csv|OUT.vcd");
  command
      .add_option("--sensor", options.sensors,
                  "A sensor shows VALUE, from TIME on (repeatable); read every 100 ms")
      ->type_name("NAME=VALUE[@TIME]")
      ->allow_extra_args(false);
  command
      .add_option("--at", options.actions,
                  "Command at a time after the start (repeatable): skip, skip-to:PHASE, pause, "
                  "resume, stop, estop")
      ->type_name("TIME=COMMAND")
      ->allow_extra_args(false);
  command.add_flag("--verbose", options.verbose, "Say every refill of the window");
}

}  // namespace

void add_play(CLI::App& app, Call& call) {
  CLI::App& command = *app.add_subcommand("play", "Play a program");
  const auto options = std::make_shared<PlayOptions>();
  add_source_options(command, options->source);
  add_time_options(command, *options);
  add_event_options(command, *options);
  add_json_option(command, call);
  command.footer(
      "Keys on a terminal: space pause, n next phase, q stop, e emergency stop.\n"
      "Example: takt play wash.json --virtual --trace wash.vcd");
  command.callback([&call, options] {
    options->json = call.json;
    call.run = [options] { return run_play(*options); };
  });
}

}  // namespace takt
