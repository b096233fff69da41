// SPDX-License-Identifier: Apache-2.0
// takt import: programs of other systems in takt's own form.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "tools/command.h"
#include "tools/encoded.h"
#include "tools/file.h"
#include "tools/json_out.h"
#include "tools/source.h"
#include "tools/text.h"

namespace takt {
namespace {

struct ImportOptions {
  SourceOptions source;
  std::string output;
};

Exit run_import(const ImportOptions& options, bool json) {
  const Source source{options.source};
  const Timeline& timeline = source.valid();
  if (source.form() != "cycleoptima") {
    throw Failure{Exit::kNo, fmt::format("{} is no CycleOptima cycle; it is in the form '{}'",
                                         source.file(), source.form())};
  }
  write_whole(options.output, encoded(timeline, Format::kTakt));
  const std::size_t phases = timeline.program().phases.size();
  fmt::print(people(json), "{}: {}, {}\n", printable(options.output), counted(phases, "phase"),
             readable(timeline.duration()));
  if (!json) return Exit::kGood;
  JsonOut out;
  out.field("output", options.output);
  out.field("phases", phases);
  out.field("duration_us", timeline.duration());
  out.diagnostics("warnings", source.diagnostics(), Severity::kWarning);
  out.print();
  return Exit::kGood;
}

}  // namespace

void add_import(CLI::App& app, Call& call) {
  CLI::App& command =
      *app.add_subcommand("import", "Turn another system's program into takt's JSON");
  command.require_subcommand(1);
  CLI::App& cycle = *command.add_subcommand("cycleoptima", "A CycleOptima cycle in any wrapper");
  const auto options = std::make_shared<ImportOptions>();
  add_source_options(cycle, options->source);
  cycle.add_option("-o,--output", options->output, "Program to write")
      ->required()
      ->type_name("OUT.json");
  add_json_option(cycle, call);
  cycle.footer(
      "Example: takt import cycleoptima cycle.json --map \"Drain Valve=drain_pump\" -o wash.json");
  command.footer("Example: takt import cycleoptima cycle.json -o wash.json");
  cycle.callback([&call, options] {
    call.run = [&call, options] { return run_import(*options, call.json); };
  });
}

}  // namespace takt
