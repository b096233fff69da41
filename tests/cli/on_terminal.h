// SPDX-License-Identifier: Apache-2.0
// The built command on a terminal, as a person sees it.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/cli/run.h"

namespace takt::testing {

/// takt on a terminal of its own.
class OnTerminal {
 public:
  /// `kind`: what it says it is. Throws where no terminal is to be had: the test fails at once and
  /// says why, and none of its waits has to run out.
  explicit OnTerminal(const std::vector<std::string>& words, const char* kind = "xterm")
      : OnTerminal(takt_with(words), kind, kAnyCommand) {}
  /// Any command.
  enum AnyCommand : std::uint8_t { kAnyCommand };
  OnTerminal(const std::vector<std::string>& words, const char* kind, AnyCommand /*marks*/)
      : kind_(kind) {
    winsize size{24, 90, 0, 0};
    // The other end is held open here too, so that its settings can be read after the end.
    if (::openpty(&master_, &slave_, nullptr, nullptr, &size) != 0) {
      throw std::runtime_error{std::string{"no pseudo-terminal: "} + std::strerror(errno) +
                               "; in a chroot or container: mount -t devpts devpts /dev/pts"};
    }
    EXPECT_EQ(::tcgetattr(slave_, &before_), 0);
    child_ = ::fork();
    if (child_ == 0) become(words);
  }
  ~OnTerminal() {
    if (child_ > 0) {
      ::kill(child_, SIGKILL);
      ::waitpid(child_, nullptr, 0);
    }
    ::close(master_);
    ::close(slave_);
  }
  OnTerminal(const OnTerminal&) = delete;
  OnTerminal& operator=(const OnTerminal&) = delete;

  /// Reads until what was shown since the last call holds `text`.
  bool shows(const std::string& text) {
    return wait([&] {
      const std::size_t at = shown_.find(text, seen_);
      if (at != std::string::npos) seen_ = at + text.size();
      return at != std::string::npos;
    });
  }

  void press(const std::string& keys) const {
    EXPECT_EQ(::write(master_, keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
  }
  void signal(int number) const { ::kill(child_, number); }

  /// Reads until the command has ended. The status as of waitpid(); -1: it did not end.
  int end() {
    int status = -1;
    const bool ended = wait([&] { return ::waitpid(child_, &status, WNOHANG) == child_; });
    if (!ended) return -1;
    child_ = 0;
    read_rest();
    return status;
  }

  bool is_as_before() const {
    termios now{};
    EXPECT_EQ(::tcgetattr(slave_, &now), 0);
    return now.c_lflag == before_.c_lflag && now.c_iflag == before_.c_iflag &&
           now.c_cc[VSUSP] == before_.c_cc[VSUSP] && now.c_cc[VMIN] == before_.c_cc[VMIN];
  }
  /// The other screen is left and the cursor shown, after all that was drawn.
  bool has_left_screen() const {
    const std::size_t entered = shown_.rfind("\x1b[?1049h");
    const std::size_t left = shown_.rfind("\x1b[?1049l");
    const std::size_t cursor = shown_.rfind("\x1b[?25h");
    return entered == std::string::npos || (left != std::string::npos && left > entered &&
                                            cursor != std::string::npos && cursor > entered);
  }
  const std::string& shown() const { return shown_; }

 private:
  [[noreturn]] void become(const std::vector<std::string>& words) const {
    ::login_tty(slave_);
    ::setenv("TERM", kind_, 1);
    ::setenv("LC_ALL", "C.UTF-8", 1);
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
  }

  bool wait(const std::function<bool()>& done) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (!done()) {
      if (std::chrono::steady_clock::now() > end) return false;
      pollfd event{master_, POLLIN, 0};
      if (::poll(&event, 1, 50) > 0) read_some();
    }
    return true;
  }
  void read_rest() {
    pollfd event{master_, POLLIN, 0};
    while (::poll(&event, 1, 0) > 0 && (event.revents & POLLIN) != 0) read_some();
  }
  void read_some() {
    std::array<char, 4'096> bytes;
    const ssize_t count = ::read(master_, bytes.data(), bytes.size());
    if (count > 0) shown_.append(bytes.data(), static_cast<std::size_t>(count));
  }

  const char* const kind_;
  int master_ = -1;
  int slave_ = -1;
  pid_t child_ = 0;
  termios before_{};
  std::string shown_;
  std::size_t seen_ = 0;
};

}  // namespace takt::testing
