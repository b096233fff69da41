// SPDX-License-Identifier: Apache-2.0
// takt compile: a program in its compact binary form.
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

struct CompileOptions {
  SourceOptions source;
  std::string output;
};

Exit run_compile(const CompileOptions& options, bool json) {
  refuse_overwriting(options.output, options.source.file);
  const Source source{options.source};
  const std::string bytes = encoded(source.valid(), Format::kCompiled);
  write_whole(options.output, bytes);
  fmt::print(people(json), "{}: {}\n", printable(options.output), readable_bytes(bytes.size()));
  if (!json) return Exit::kGood;
  JsonOut out;
  out.field("output", options.output);
  out.field("bytes", bytes.size());
  out.print();
  return Exit::kGood;
}

}  // namespace

void add_compile(Words takt) {
  Words command = takt.command("compile", "Make a compact binary program",
                               "Example: takt compile wash.json -o wash.takt");
  const auto options = std::make_shared<CompileOptions>();
  add_source_options(command, options->source);
  command.text("-o,--output OUT.takt", options->output, "Compiled program to write").required();
  command.run([options](bool json) { return run_compile(*options, json); });
}

}  // namespace takt
