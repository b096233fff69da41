// SPDX-License-Identifier: Apache-2.0
#include "tools/view/terminal.h"

#include <langinfo.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <clocale>
#include <cstdlib>
#include <cstring>

#include "takt/core/base/assert.h"

namespace takt {
namespace {

constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?25l\x1b[2J";
constexpr std::string_view kLeave = "\x1b[0m\x1b[?25h\x1b[?1049l";
// What a handler needs to give the terminal back.
std::atomic<int> g_output{-1};
termios g_before;

void give_back(void* /*context*/) {
  const int output = g_output.exchange(-1);
  if (output < 0) return;
  [[maybe_unused]] const ssize_t written = ::write(output, kLeave.data(), kLeave.size());
  ::tcsetattr(STDIN_FILENO, TCSANOW, &g_before);
}

void write_all(int output, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(output, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return;  // A terminal that is gone shows nothing.
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

bool locale_is_utf8() {
  std::setlocale(LC_CTYPE, "");
  return std::strcmp(::nl_langinfo(CODESET), "UTF-8") == 0;
}

}  // namespace

Terminal::Terminal(int output) : output_(output), utf8_(locale_is_utf8()) {
  TAKT_ASSERT(g_output.load() < 0);
  ::tcgetattr(STDIN_FILENO, &g_before);
  termios raw = g_before;
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  raw.c_iflag &= ~static_cast<tcflag_t>(IXON);
  raw.c_cc[VMIN] = 0;
  raw.c_cc[VTIME] = 0;
  raw.c_cc[VSUSP] = _POSIX_VDISABLE;
  g_output.store(output);
  last_act_.arm(give_back, nullptr);
  ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
  write_all(output_, kEnter);
}

Terminal::~Terminal() { give_back(nullptr); }

bool Terminal::is_terminal(int output) {
  const char* const kind = std::getenv("TERM");
  return ::isatty(output) != 0 && ::isatty(STDIN_FILENO) != 0 &&
         ::tcgetpgrp(STDIN_FILENO) == ::getpgrp() && kind != nullptr &&
         std::strcmp(kind, "dumb") != 0 && *kind != '\0';
}

Terminal::Size Terminal::size() const {
  winsize size{};
  if (::ioctl(output_, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {};
  return {size.ws_col, size.ws_row};
}

void Terminal::show(const std::string& lines) {
  // Each line is cleared behind its end, so nothing flickers.
  std::string frame = "\x1b[H";
  for (const char c : lines) {
    if (c == '\n') {
      frame += "\x1b[K\r\n";
    } else {
      frame += c;
    }
  }
  write_all(output_, frame + "\x1b[J");
}

std::string Terminal::read_keys() {
  std::array<char, 64> keys{};
  const ssize_t count = ::read(STDIN_FILENO, keys.data(), keys.size());
  return count > 0 ? std::string(keys.data(), static_cast<std::size_t>(count)) : std::string{};
}

}  // namespace takt
