// SPDX-License-Identifier: Apache-2.0
#include "tools/programs/source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "takt/core/program/limits.h"
#include "tools/cli/failure.h"
#include "tools/cli/file.h"
#include "tools/cli/text.h"
#include "tools/programs/loading.h"

namespace takt {
namespace {

class Collector final : public DiagnosticSink {
 public:
  explicit Collector(std::vector<Diagnostic>& all) : all_(all) {}
  void report(const Diagnostic& diagnostic) override { all_.push_back(diagnostic); }

 private:
  std::vector<Diagnostic>& all_;
};

/// Views into `map`.
std::vector<NameMapping> parse_map(const std::vector<std::string>& map) {
  std::vector<NameMapping> mappings;
  for (const std::string& text : map) {
    const std::string_view whole{text};
    const std::size_t equals = whole.rfind('=');
    if (equals == std::string_view::npos || equals == 0 || equals + 1 == whole.size()) {
      throw Failure{
          Exit::kWords,
          fmt::format("--map takes NAME=ID, as in --map \"Drain Valve=drain_pump\", not '{}'",
                      printable(text))};
    }
    mappings.push_back({whole.substr(0, equals), whole.substr(equals + 1)});
  }
  return mappings;
}

}  // namespace

Words::Word add_source_options(Words command, SourceOptions& options, std::string_view help) {
  const Words::Word file = command.text("FILE", options.file, help).required();
  command.text("--map NAME=ID", options.map,
               "Of a CycleOptima cycle: components called NAME drive output ID (repeatable)");
  command.flag("--expand-toggle", options.expand_toggle,
               "Of a CycleOptima cycle: play one-step 'Toggle Direction' patterns there and back");
  return file;
}

Source::Source(const SourceOptions& options)
    : Source(options, read_whole(options.file, kMaxSourceBytes)) {}

Source::Source(const SourceOptions& options, FileContent content)
    : file_(options.file == "-" ? "standard input" : printable(options.file)),
      strict_(options.strict),
      bytes_(std::move(content.bytes)) {
  const std::vector<NameMapping> map = parse_map(options.map);
  if (content.too_large || content.size > kMaxSourceBytes) {
    Diagnostic diagnostic;
    diagnostic.message =
        FixedText<240>{fmt::format("{} bytes are more than the limit of {} bytes for a program",
                                   with_commas(content.size), with_commas(kMaxSourceBytes))};
    diagnostics_.push_back(diagnostic);
  } else {
    load({.map = map, .expand_toggle = options.expand_toggle});
  }
  for (Diagnostic& diagnostic : diagnostics_) say(diagnostic);
}

void Source::say(Diagnostic& diagnostic) const {
  if (strict_) diagnostic.severity = Severity::kError;
  fmt::print(stderr, "{}\n", line_of(diagnostic, file_));
}

void Source::load(const LoadOptions& options) {
  Collector sink{diagnostics_};
  LoadOptions with_text = options;
  with_text.text = &kJson;
  Loader loader{bytes_, with_text, sink};
  const Result<Program> program = load_into(block_, loader);
  format_ = loader.format();
  if (!program.ok()) return;
  const Result<Timeline> timeline = loader.check(program.value());
  if (timeline.ok()) timeline_ = timeline.value();
}

void Source::add(const Diagnostic& diagnostic) {
  Collector sink{diagnostics_};
  LocatingSink{{bytes_, format_}, sink}.report(diagnostic);
  say(diagnostics_.back());
}

bool Source::has_errors() const {
  return std::any_of(diagnostics_.begin(), diagnostics_.end(), [](const Diagnostic& diagnostic) {
    return diagnostic.severity == Severity::kError;
  });
}

std::string_view Source::form() const {
  switch (format_) {
    case Format::kTakt: return "takt";
    case Format::kCycleOptima: return "cycleoptima";
    case Format::kCompiled: return "compiled";
  }
  return "unknown";
}

std::string Source::title() const {
  if (timeline_ && !timeline_->program().name.empty()) return printable(timeline_->program().name);
  return file_.substr(file_.rfind('/') + 1);
}

const Timeline& Source::valid() const {
  if (timeline_) return *timeline_;
  throw Failure{Exit::kNo, fmt::format("{} is not a valid program", file_), diagnostics_};
}

std::string line_of(const Diagnostic& diagnostic, std::string_view file) {
  std::string line{file};
  if (diagnostic.line != 0) line += fmt::format(":{}:{}", diagnostic.line, diagnostic.column);
  line += diagnostic.severity == Severity::kError ? ": error: " : ": warning: ";
  line += printable(diagnostic.message.view());
  if (!diagnostic.pointer.empty()) {
    line += fmt::format(" ({})", printable(diagnostic.pointer.view()));
  }
  return line;
}

}  // namespace takt
