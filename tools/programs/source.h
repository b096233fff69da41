// SPDX-License-Identifier: Apache-2.0
// A program file of any form, read and checked, with the memory behind it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "takt/core/program/codec.h"
#include "takt/core/program/timeline.h"
#include "tools/cli/file.h"
#include "tools/cli/words.h"

namespace takt {

/// The words of every command that reads a program.
struct SourceOptions {
  std::string file;
  std::vector<std::string> map;  ///< "NAME=ID" each.
  bool expand_toggle = false;
  bool strict = false;  ///< Warnings are errors.
};

inline constexpr std::string_view kSourceHelp =
    "Program: takt's own JSON, a compiled program, or a CycleOptima cycle; detected by content. "
    "'-' is standard input";

/// Returns the FILE, which is required.
Words::Word add_source_options(Words command, SourceOptions& options,
                               std::string_view help = kSourceHelp);

class Source {
 public:
  /// Reads, decodes, checks. What is wrong with the program is in diagnostics(), and said on
  /// standard error. Throws Failure if the file cannot be read.
  explicit Source(const SourceOptions& options);
  /// The same with a file that was read already.
  Source(const SourceOptions& options, FileContent content);
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  const std::string& file() const { return file_; }
  std::string_view form() const;
  /// The name of the program, or of the file if it has none.
  std::string title() const;
  const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }
  bool has_errors() const;

  /// Keeps and prints what a command found, with its place in the file.
  void add(const Diagnostic& diagnostic);

  /// nullptr: the program is not valid.
  const Timeline* timeline() const { return timeline_ ? &*timeline_ : nullptr; }

  /// Throws Failure if the program is not valid.
  const Timeline& valid() const;

 private:
  void load(const LoadOptions& options);
  void say(Diagnostic& diagnostic) const;

  std::string file_;
  bool strict_;
  std::string bytes_;
  std::vector<std::max_align_t> block_;
  Format format_ = Format::kTakt;
  std::vector<Diagnostic> diagnostics_;
  std::optional<Timeline> timeline_;
};

/// One line, as compilers print it: "FILE:LINE:COLUMN: error: MESSAGE (POINTER)".
std::string line_of(const Diagnostic& diagnostic, std::string_view file);

}  // namespace takt
