// SPDX-License-Identifier: Apache-2.0
// takt plot: a picture of a program.
#include <fmt/format.h>

#include <memory>

#include "core/program/duration_text.h"
#include "tools/command.h"
#include "tools/file.h"
#include "tools/json_out.h"
#include "tools/picture.h"
#include "tools/source.h"
#include "tools/text.h"

namespace takt {
namespace {

struct PlotOptions {
  SourceOptions source;
  std::string output;
  std::string from;
  std::string to;
  int width = 1'200;
};

Stretch stretch_of(const PlotOptions& options, const Timeline& timeline) {
  Stretch stretch = Stretch::whole(timeline);
  const auto set = [](const std::string& text, const char* option, Micros& time) {
    if (text.empty()) return;
    const std::optional<Micros> given = parse_duration(text);
    if (!given) {
      throw Failure{Exit::kWords,
                    fmt::format("{} takes a time such as 1.5s, not '{}'", option, printable(text))};
    }
    time = *given;
  };
  set(options.from, "--from", stretch.from);
  set(options.to, "--to", stretch.to);
  stretch.to = std::min(stretch.to, timeline.duration());
  if (stretch.from < stretch.to || timeline.duration() == Micros{}) return stretch;
  throw Failure{Exit::kWords, "nothing lies between --from and --to"};
}

MakeCanvas canvas_for(const std::string& file) {
  if (file.ends_with(".svg")) return make_svg_canvas;
  if (file.ends_with(".png")) return make_png_canvas;
  throw Failure{Exit::kWords, fmt::format("-o takes a name that ends in .svg or .png, not '{}'",
                                          printable(file))};
}

Exit run_plot(const PlotOptions& options, bool json) {
  const MakeCanvas make_canvas = canvas_for(options.output);
  refuse_overwriting(options.output, options.source.file);
  const Source source{options.source};
  const std::string picture =
      draw_picture(source.title(), source.valid(), stretch_of(options, source.valid()),
                   options.width, make_canvas);
  write_whole(options.output, picture);
  fmt::print(people(json), "{}: {}\n", printable(options.output), readable_bytes(picture.size()));
  if (!json) return Exit::kGood;
  JsonOut out;
  out.field("output", options.output);
  out.field("bytes", picture.size());
  out.print();
  return Exit::kGood;
}

}  // namespace

void add_plot(Words takt) {
  Words command = takt.command("plot", "Draw a program as lanes over time",
                               "Example: takt plot wash.json -o wash.svg");
  const auto options = std::make_shared<PlotOptions>();
  add_source_options(command, options->source);
  command.text("-o,--output OUT.svg|OUT.png", options->output, "Picture to write").required();
  command.text("--from TIME", options->from, "Draw from this time of the run on");
  command.text("--to TIME", options->to, "Draw up to this time");
  command.number("--width", options->width, 400, 10'000, "Of the picture, in pixels")
      .shows_default();
  command.run([options](bool json) { return run_plot(*options, json); });
}

}  // namespace takt
