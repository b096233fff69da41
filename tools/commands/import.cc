// SPDX-License-Identifier: Apache-2.0
// takt import: programs of other systems in takt's own form.
#include <fmt/format.h>

#include <memory>

#include "tools/cli/file.h"
#include "tools/cli/json_out.h"
#include "tools/cli/text.h"
#include "tools/commands/command.h"
#include "tools/programs/encoded.h"
#include "tools/programs/source.h"

namespace takt {
namespace {

struct ImportOptions {
  SourceOptions source;
  std::string output;
};

Exit run_import(const ImportOptions& options, bool json) {
  refuse_overwriting(options.output, options.source.file);
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

void add_import(Words takt) {
  Words imports = takt.command("import", "Turn another system's program into takt's JSON",
                               "Example: takt import cycleoptima cycle.json -o wash.json");
  Words command = imports.command(
      "cycleoptima", "A CycleOptima cycle in any wrapper",
      "Example: takt import cycleoptima cycle.json --map \"Drain Valve=drain_pump\" -o wash.json");
  const auto options = std::make_shared<ImportOptions>();
  add_source_options(command, options->source);
  command.text("-o,--output OUT.json", options->output, "Program to write").required();
  command.run([options](bool json) { return run_import(*options, json); });
}

}  // namespace takt
