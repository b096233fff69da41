// SPDX-License-Identifier: Apache-2.0
// takt check: is a program valid, and what will it do?
#include <fmt/format.h>

#include <memory>

#include "takt/app/boards/board.h"
#include "tools/cli/text.h"
#include "tools/commands/command.h"
#include "tools/programs/check_report.h"
#include "tools/programs/source.h"

namespace takt {
namespace {

struct CheckOptions {
  SourceOptions source;
  std::string board;
};

Exit run_check(const CheckOptions& options, bool json) {
  Source source{options.source};
  if (const Timeline* const timeline = source.timeline()) {
    CheckReport report{source, *timeline, find_board(options.board)};
    if (json) {
      report.print_json();
    } else {
      report.print_text();
    }
    return source.has_errors() ? Exit::kNo : Exit::kGood;
  }
  if (json) print_invalid(source);
  fmt::print(stderr, "{} is not a valid program\n", source.file());
  return Exit::kNo;
}

}  // namespace

void add_check(Words takt) {
  Words command = takt.command("check", "Check whether a program is valid, and say what it will do",
                               "Example: takt check wash.json --board esp32-c3");
  const auto options = std::make_shared<CheckOptions>();
  add_source_options(command, options->source);
  std::vector<std::string_view> boards;
  for (const Board& board : all_boards()) boards.push_back(board.name);
  command.choice("--board", options->board, boards, "Check the limits of this board, too");
  command.flag("--strict", options->source.strict,
               "Treat warnings as errors: refuse a program that may fail, depending on sensors");
  command.run([options](bool json) { return run_check(*options, json); });
}

}  // namespace takt
