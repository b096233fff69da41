// SPDX-License-Identifier: Apache-2.0
#include "tools/play/board_watchdog.h"

#include <fmt/format.h>

#include <cstdio>

#include "tools/cli/failure.h"
#include "tools/cli/text.h"

namespace takt {
namespace {

void say(const std::string& line) { static_cast<void>(std::fputs((line + '\n').c_str(), stderr)); }

}  // namespace

Words::Word add_watchdog_option(Words command, std::string& path) {
  return command.text(
      "--watchdog PATH", path,
      "Feed this watchdog, usually /dev/watchdog: it resets the board if takt hangs, "
      "is killed or crashes");
}

std::unique_ptr<LinuxWatchdog> open_watchdog(const std::string& path) {
  if (path.empty()) return nullptr;
  auto watchdog = std::make_unique<LinuxWatchdog>();
  if (watchdog->open_for_outputs(path) != Status::kOk) {
    throw Failure{Exit::kWorld, watchdog->error()};
  }
  say(fmt::format("note: the watchdog resets this board {} after it was fed last",
                  readable(watchdog->patience())));
  return watchdog;
}

void end_watchdog(LinuxWatchdog* watchdog, bool outputs_are_off) {
  if (watchdog == nullptr) return;
  if (!outputs_are_off) {
    watchdog->leave_running();
    say("the watchdog is left to reset the board");
  } else if (watchdog->close() != Status::kOk) {
    say(watchdog->error());
  }
}

}  // namespace takt
