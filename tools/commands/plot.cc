// SPDX-License-Identifier: Apache-2.0
// takt plot: a picture of a program, or of what was played.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "tools/cli/file.h"
#include "tools/cli/json_out.h"
#include "tools/cli/text.h"
#include "tools/commands/command.h"
#include "tools/programs/run_text.h"
#include "tools/programs/source.h"
#include "tools/view/picture.h"

namespace takt {
namespace {

struct PlotOptions {
  SourceOptions source;
  std::string program;  ///< Of a trace.
  std::string output;
  std::string from;
  std::string to;
  int width = 1'200;
};

Stretch stretch_of(const PlotOptions& options, Micros end) {
  Stretch stretch{Micros{}, end};
  const auto set = [](const std::string& text, const char* option, Micros& time) {
    if (text.empty()) return;
    const std::optional<Micros> given = parse_run_time(text, option);
    if (!given) {
      throw Failure{Exit::kWords,
                    fmt::format("{} takes a time such as 1.5s, not '{}'", option, printable(text))};
    }
    time = *given;
  };
  set(options.from, "--from", stretch.from);
  set(options.to, "--to", stretch.to);
  stretch.to = std::min(stretch.to, end);
  if (stretch.from < stretch.to || end == Micros{}) return stretch;
  throw Failure{Exit::kWords, "nothing lies between --from and --to"};
}

MakeCanvas canvas_for(const std::string& file) {
  if (file.ends_with(".svg")) return make_svg_canvas;
  if (file.ends_with(".png")) return make_png_canvas;
  throw Failure{Exit::kWords, fmt::format("-o takes a name that ends in .svg or .png, not '{}'",
                                          printable(file))};
}

std::string draw_program(const PlotOptions& options, FileContent content, MakeCanvas make_canvas) {
  if (!options.program.empty()) {
    throw Failure{Exit::kWords,
                  fmt::format("a second file is the program of a trace, and {} is none",
                              printable(options.source.file))};
  }
  const Source source{options.source, std::move(content)};
  const Timeline& timeline = source.valid();
  return draw_picture(
      {source.title(), &timeline, nullptr, stretch_of(options, timeline.duration())}, options.width,
      make_canvas);
}

/// Says what is wrong with it as with a program; what is not wrong enough goes to `warnings`.
PlayedTrace read_trace(const std::string& file, std::string_view text,
                       std::span<const Output> outputs, std::vector<Diagnostic>& warnings) {
  Diagnostic diagnostic;
  Result<PlayedTrace> trace = read_csv_trace(text, outputs, diagnostic);
  if (!trace.ok()) {
    fmt::print(stderr, "{}\n", line_of(diagnostic, file));
    throw Failure{Exit::kNo, fmt::format("{} is not a valid trace", file), {diagnostic}};
  }
  if (const std::uint32_t line = trace.value().cut_line) {
    diagnostic.severity = Severity::kWarning;
    diagnostic.line = line;
    diagnostic.column = 1;
    diagnostic.message = FixedText<240>{"the last line is cut, and left out"};
    fmt::print(stderr, "{}\n", line_of(diagnostic, file));
    warnings.push_back(diagnostic);
  }
  return std::move(trace.value());
}

std::string draw_trace(const PlotOptions& options, const FileContent& content,
                       MakeCanvas make_canvas, std::vector<Diagnostic>& warnings) {
  const std::string file =
      options.source.file == "-" ? "standard input" : printable(options.source.file);
  if (options.program.empty()) {
    if (!options.source.map.empty() || options.source.expand_toggle) {
      throw Failure{Exit::kWords, "--map and --expand-toggle go with a program"};
    }
    const PlayedTrace trace = read_trace(file, content.bytes, {}, warnings);
    const Micros end = PlayedFrames{trace}.end();
    return draw_picture(
        {file.substr(file.rfind('/') + 1), nullptr, &trace, stretch_of(options, end)},
        options.width, make_canvas);
  }
  SourceOptions of_program = options.source;
  of_program.file = options.program;
  const Source source{of_program};
  const Timeline& timeline = source.valid();
  const PlayedTrace trace = read_trace(file, content.bytes, timeline.program().outputs, warnings);
  const Micros end = std::max(timeline.duration(), PlayedFrames{trace}.end());
  return draw_picture({source.title(), &timeline, &trace, stretch_of(options, end)}, options.width,
                      make_canvas);
}

Exit run_plot(const PlotOptions& options, bool json) {
  const MakeCanvas make_canvas = canvas_for(options.output);
  refuse_overwriting(options.output, options.source.file);
  if (!options.program.empty()) refuse_overwriting(options.output, options.program);
  FileContent content = read_whole(options.source.file, kMaxTraceBytes);
  if (content.too_large) {
    throw Failure{Exit::kNo,
                  fmt::format("{}: {} bytes are more than the limit of {} bytes for a trace",
                              printable(options.source.file), with_commas(content.size),
                              with_commas(kMaxTraceBytes))};
  }
  std::vector<Diagnostic> warnings;
  const std::string picture = is_csv_trace(content.bytes)
                                  ? draw_trace(options, content, make_canvas, warnings)
                                  : draw_program(options, std::move(content), make_canvas);
  write_whole(options.output, picture);
  fmt::print(people(json), "{}: {}\n", printable(options.output), readable_bytes(picture.size()));
  if (!json) return Exit::kGood;
  JsonOut out;
  out.field("output", options.output);
  out.field("bytes", picture.size());
  if (!warnings.empty()) out.diagnostics("warnings", warnings, Severity::kWarning);
  out.print();
  return Exit::kGood;
}

}  // namespace

void add_plot(Words takt) {
  Words command = takt.command("plot", "Draw a program, or what was played, as lanes over time",
                               "Example: takt plot wash.json -o wash.svg\n"
                               "         takt plot played.csv wash.json -o played.svg");
  const auto options = std::make_shared<PlotOptions>();
  add_source_options(command, options->source,
                     "A program (takt's own JSON, a compiled program, or a CycleOptima cycle), or "
                     "the .csv trace of a run; detected by content. '-' is standard input");
  command.text("PROGRAM", options->program,
               "For a trace: the program, drawn above what was played");
  command.text("-o,--output OUT.svg|OUT.png", options->output, "Picture to write").required();
  command.text("--from TIME", options->from, "Draw from this time of the run on");
  command.text("--to TIME", options->to, "Draw up to this time");
  command.number("--width", options->width, 400, 10'000, "Width of the picture, in pixels")
      .shows_default();
  command.run([options](bool json) { return run_plot(*options, json); });
}

}  // namespace takt
