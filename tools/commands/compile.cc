// SPDX-License-Identifier: Apache-2.0
// takt compile: a program in its compact binary form, as a file or as C.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>

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
  std::string format = "takt";
};

/// "out/wash-40.h": takt_wash_40, of letters that C takes.
std::string c_name_of(const std::string& path) {
  std::string name = "takt_" + std::filesystem::path{path}.stem().string();
  std::ranges::replace_if(
      name,
      [](char c) {
        const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return !is_letter && (c < '0' || c > '9');
      },
      '_');
  return name;
}

/// A header for C and C++ that a firmware includes once.
std::string c_header(const std::string& bytes, const CompileOptions& options) {
  constexpr std::size_t kBytesInLine = 16;
  std::string text = fmt::format(
      "/* Made by: takt compile --format c -o {} */\n"
      "#pragma once\n\n"
      "static const unsigned char {}[{}] = {{",
      printable(std::filesystem::path{options.output}.filename().string()),
      c_name_of(options.output), bytes.size());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    text += i % kBytesInLine == 0 ? "\n    " : " ";
    fmt::format_to(std::back_inserter(text), "0x{:02X},", static_cast<unsigned char>(bytes[i]));
  }
  return text + "\n};\n";
}

Exit run_compile(const CompileOptions& options, bool json) {
  refuse_overwriting(options.output, options.source.file);
  const Source source{options.source};
  const std::string bytes = encoded(source.valid(), Format::kCompiled);
  write_whole(options.output, options.format == "c" ? c_header(bytes, options) : bytes);
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
  command.text("-o,--output OUT.takt|OUT.h", options->output, "File to write").required();
  command
      .choice("--format", options->format, {"takt", "c"},
              "takt: write the bytes; c: write a C or C++ header with them as an array, takt_OUT")
      .shows_default();
  command.run([options](bool json) { return run_compile(*options, json); });
}

}  // namespace takt
