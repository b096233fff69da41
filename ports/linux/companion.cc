// SPDX-License-Identifier: Apache-2.0
#include "takt/ports/linux/companion.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "takt/core/base/assert.h"

namespace takt {
namespace {

/// The ends that this process holds of the ways to its companions; else -1. A companion that held
/// that of another would keep it from ever being alone.
std::array<int, Companion::kMost> g_lives = [] {
  std::array<int, Companion::kMost> none{};
  none.fill(-1);
  return none;
}();

void replace_life(int from, int to) {
  int* const life = std::ranges::find(g_lives, from);
  TAKT_ASSERT(life != g_lives.end());  // Else there are more than kMost.
  *life = to;
}

/// In the copy, whose signals are blocked already.
void detach(const char* name) {
  for (const int life : g_lives) {
    if (life >= 0) ::close(life);
  }
  // What is sent to the group or the terminal of the other process is not for this one.
  ::setsid();
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(nothing, stream);
  ::prctl(PR_SET_NAME, name);
  // When memory runs out, this frees none; only root may say so.
  const int score = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  [[maybe_unused]] const ssize_t ignored = ::write(score, "-1000", 5);
  ::close(score);
}

}  // namespace

bool Companion::start(const char* name, Body body, void* context) {
  TAKT_ASSERT(process_ == 0 && life_ < 0);
  std::array<int, 2> ends{};
  // Sockets, for a write to a pipe that nobody reads is a signal.
  const int kind = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
  if (::socketpair(AF_UNIX, kind, 0, ends.data()) != 0) return false;
  life_ = ends[1];
  replace_life(-1, life_);
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  process_ = ::fork();
  if (process_ == 0) {
    detach(name);
    body(context, ends[0]);
    ::_exit(0);
  }
  const int error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ::close(ends[0]);
  if (process_ > 0) return true;
  process_ = 0;
  let_go();
  errno = error;
  return false;
}

void Companion::bell() const {
  // What is full rings already; that nobody hears it is for is_up() to tell.
  [[maybe_unused]] const ssize_t sent = ::send(life_, "", 1, MSG_NOSIGNAL);
}

bool Companion::is_up() {
  if (process_ > 0 && ::waitpid(process_, nullptr, WNOHANG) != 0) process_ = 0;
  return process_ > 0;
}

void Companion::let_go() {
  if (life_ < 0) return;
  replace_life(life_, -1);
  ::close(life_);
  life_ = -1;
}

void Companion::finish() {
  let_go();
  while (process_ > 0 && ::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
  process_ = 0;
}

void Companion::forget() {
  let_go();
  static_cast<void>(is_up());  // Should it have ended.
  process_ = 0;
}

bool Companion::is_alone(int life) {
  std::array<char, 64> bells;
  for (;;) {
    const ssize_t count = ::read(life, bells.data(), bells.size());
    if (count < 0 && errno == EAGAIN) return false;
    if (count == 0 || (count < 0 && errno != EINTR)) return true;
  }
}

}  // namespace takt
