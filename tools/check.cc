// SPDX-License-Identifier: Apache-2.0
// takt check: is a program valid, and what will it do?
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/boards/board.h"
#include "tools/check_report.h"
#include "tools/command.h"
#include "tools/source.h"
#include "tools/text.h"

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

void add_check(CLI::App& app, Call& call) {
  CLI::App& command =
      *app.add_subcommand("check", "Say whether a program is valid, and what it will do");
  const auto options = std::make_shared<CheckOptions>();
  add_source_options(command, options->source);
  std::vector<std::string> names;
  for (const Board& board : all_boards()) names.emplace_back(board.name);
  command.add_option("--board", options->board, "Also hold it against the limits of this board")
      ->check(CLI::IsMember(names));
  add_json_option(command, call);
  command.footer("Example: takt check wash.json --board esp32-c3");
  command.callback(
      [&call, options] { call.run = [&call, options] { return run_check(*options, call.json); }; });
}

}  // namespace takt
