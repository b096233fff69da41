// SPDX-License-Identifier: Apache-2.0
// The takt command.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <new>
#include <string_view>

#include "core/base/assert.h"
#include "tools/command.h"
#include "tools/json_out.h"
#include "tools/text.h"

namespace takt {

void add_json_option(CLI::App& command, Call& call) {
  command.add_flag("--json", call.json,
                   "Print one JSON object on standard output; people read standard error");
}

namespace {

int exit_code(Exit exit) { return static_cast<int>(exit); }

int fail(bool json, Exit exit, std::string_view message,
         const std::vector<Diagnostic>& diagnostics = {}) {
  fmt::print(stderr, "takt: {}\n", message);
  if (!json) return exit_code(exit);
  JsonOut out;
  out.field("error", message);
  out.field("exit", exit_code(exit));
  if (!diagnostics.empty()) {
    out.field("valid", false);
    out.diagnostics("errors", diagnostics, Severity::kError);
    out.diagnostics("warnings", diagnostics, Severity::kWarning);
  }
  try {
    out.print();
  } catch (const Failure& failure) {
    fmt::print(stderr, "takt: {}\n", failure.what());
    return exit_code(failure.exit());
  }
  return exit_code(exit);
}

/// The names of the commands below `app`, for people.
std::string commands_of(const CLI::App& app) {
  std::string names;
  for (const CLI::App* sub : app.get_subcommands({})) {
    names += (names.empty() ? "" : ", ") + sub->get_name();
  }
  return names;
}

/// Wrong words: says which, and where to read more. `next` are those behind "takt".
int wrong_words(const CLI::App& app, const CLI::ParseError& error, char** next, bool json) {
  std::string command = "takt";
  const CLI::App* sub = &app;
  for (; !sub->get_subcommands().empty(); ++next) {
    sub = sub->get_subcommands().front();
    command += " " + sub->get_name();
  }
  std::string message = printable(error.what());
  const std::string names = commands_of(*sub);
  if (!names.empty()) {
    message = *next == nullptr
                  ? "which command? There are: " + names
                  : fmt::format("there is no command '{}', but: {}", printable(*next), names);
  }
  return fail(json, Exit::kWords, fmt::format("{}\nTry '{} --help'.", message, command));
}

int run(CLI::App& app, Call& call, int argc, char** argv) {
  const bool json = std::any_of(
      argv, argv + argc, [](const char* word) { return std::string_view{word} == "--json"; });
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::CallForVersion& version) {
    return app.exit(version);
  } catch (const CLI::ParseError& error) {
    return wrong_words(app, error, argv + 1, json);
  }
  try {
    const Exit exit = call.run();
    flush_output();
    return exit_code(exit);
  } catch (const Failure& failure) {
    return fail(call.json, failure.exit(), failure.what(), failure.diagnostics());
  } catch (const std::bad_alloc&) {
    return fail(call.json, Exit::kWorld, "out of memory");
  }
}

/// A file that is opened later must not become the standard stream that the caller has closed.
void keep_standard_streams() {
  int lowest = 0;
  while (lowest <= STDERR_FILENO) {
    lowest = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    if (lowest < 0) return;
  }
  ::close(lowest);
}

/// Says where, for whoever mends it.
void tell_of_assertion(const char* file, int line, const char* what) {
  ::dprintf(STDERR_FILENO, "takt: a mistake in takt: %s:%d: %s\n", file, line, what);
}

}  // namespace
}  // namespace takt

int main(int argc, char** argv) {
  takt::keep_standard_streams();
  takt::set_assert_hook(takt::tell_of_assertion);
  // A reader that went away is an error of writing, with its exit status, not a death.
  std::signal(SIGPIPE, SIG_IGN);
  CLI::App app{"Plays timed output programs exactly: checks, plays, draws and compiles them.",
               "takt"};
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  app.footer(
      "Exit status: 0 good, 1 the answer is no, 2 wrong words, 3 the world failed.\n"
      "Example: takt play examples/washer.json --speed 60");
  takt::Call call;
  takt::add_check(app, call);
  takt::add_play(app, call);
  takt::add_plot(app, call);
  takt::add_compile(app, call);
  takt::add_import(app, call);
  takt::add_device(app, call);
  takt::add_pair(app, call);
  takt::add_sim(app, call);
  takt::add_bench(app, call);
  takt::add_completion(app, call);
  return takt::run(app, call, argc, argv);
}
