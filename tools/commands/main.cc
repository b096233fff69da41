// SPDX-License-Identifier: Apache-2.0
// The takt command.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <new>
#include <string>
#include <string_view>
#include <system_error>

#include "takt/core/base/assert.h"
#include "takt/ports/linux/last_acts.h"
#include "tools/cli/json_out.h"
#include "tools/cli/text.h"
#include "tools/commands/command.h"

namespace takt {
namespace {

int exit_code(Exit exit) { return static_cast<int>(exit); }

/// On standard error. If that is full or gone, the exit status has to do.
void say(std::string_view message) {
  const std::string line = fmt::format("takt: {}\n", message);
  static_cast<void>(std::fputs(line.c_str(), stderr));
}

int fail(bool json, Exit exit, std::string_view message,
         const std::vector<Diagnostic>& diagnostics = {}) {
  say(message);
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
    say(failure.what());
    return exit_code(failure.exit());
  }
  return exit_code(exit);
}

int run(CommandLine& line, int argc, char** argv) {
  Call call;
  // Wrong words are answered in the form that was asked for, too.
  call.json = std::any_of(argv, argv + argc,
                          [](const char* word) { return std::string_view{word} == "--json"; });
  try {
    call = line.parse(argc, argv);
    const Exit exit = call.run(call.json);
    flush_output();
    return exit_code(exit);
  } catch (const Failure& failure) {
    return fail(call.json, failure.exit(), failure.what(), failure.diagnostics());
  } catch (const std::system_error& error) {
    // As fmt::print() throws it.
    return fail(call.json, Exit::kWorld,
                "what is said cannot be written: " + error.code().message());
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
void on_assertion(const char* file, int line, const char* what) {
  LastAct::run_all();
  ::dprintf(STDERR_FILENO, "takt: a mistake in takt: %s:%d: %s\n", file, line, what);
}

}  // namespace
}  // namespace takt

int main(int argc, char** argv) {
  takt::keep_standard_streams();
  takt::LastAct::catch_faults();
  takt::set_assert_hook(takt::on_assertion);
  // A reader that went away, and a file that may not grow, are errors of writing, with their exit
  // status, not a death.
  for (const int signal : {SIGPIPE, SIGXFSZ}) std::signal(signal, SIG_IGN);
  takt::CommandLine line{
      "Plays timed output programs exactly: checks, plays, draws and compiles them.",
      "Exit status: 0 good, 1 the answer is no, 2 wrong words, 3 the world failed,\n"
      "128 and the signal's number if a signal ended it.\n"
      "Example: takt play examples/washer.json --speed 60 --sensor pressure=20000@40s",
      "takt " TAKT_VERSION};
  takt::Words words = line.words();
  takt::add_check(words);
  takt::add_play(words);
  takt::add_plot(words);
  takt::add_compile(words);
  takt::add_import(words);
  takt::add_device(words);
  takt::add_pair(words);
  takt::add_sim(words);
  takt::add_bench(words);
  takt::add_completion(words);
  return takt::run(line, argc, argv);
}
