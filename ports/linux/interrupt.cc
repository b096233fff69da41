// SPDX-License-Identifier: Apache-2.0
#include "takt/ports/linux/interrupt.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>

#include "takt/ports/linux/last_acts.h"

namespace takt {
namespace {

/// Longer than two signals of one cause lie apart, and than an orderly end takes as a rule; shorter
/// than a person waits who presses Ctrl-C again.
constexpr std::int64_t kSameNs = 1'000'000'000;

/// All whose default is to end the process, but those of faults and those of real time.
constexpr std::array kEnding{SIGINT,  SIGTERM, SIGHUP,  SIGQUIT,   SIGALRM,
                             SIGUSR1, SIGUSR2, SIGXCPU, SIGXFSZ,   SIGVTALRM,
                             SIGPROF, SIGIO,   SIGPWR,  SIGSTKFLT, SIGPIPE};

std::atomic<int> g_came{0};
std::atomic<std::int64_t> g_came_ns{0};
std::atomic<bool> g_stop{false};
int g_pipe[2] = {-1, -1};

std::int64_t now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

void wake() {
  // The pipe is there to wake poll(); if it is full, that is awake.
  [[maybe_unused]] const ssize_t written = ::write(g_pipe[1], "", 1);
}

/// What the kernel says of a write of this process, which write() says too.
bool is_of_a_write(int signal, const siginfo_t& about) {
  return (signal == SIGXFSZ || signal == SIGPIPE) && about.si_code <= 0 &&
         about.si_pid == ::getpid();
}

void on_ending(int signal, siginfo_t* about, void* /*context*/) {
  if (is_of_a_write(signal, *about)) return;
  const int error = errno;
  int none = 0;
  if (g_came.compare_exchange_strong(none, signal)) {
    g_came_ns.store(now_ns());
  } else if (g_came_ns.load() != 0 && now_ns() - g_came_ns.load() > kSameNs) {
    LastAct::run_all();
    std::signal(signal, SIG_DFL);
    std::raise(signal);  // Comes when this returns.
  }
  wake();
  errno = error;
}

void on_stop(int /*signal*/) {
  const int error = errno;
  g_stop.store(true);
  wake();
  errno = error;
}

}  // namespace

void Interrupt::watch() {
  if (g_pipe[0] >= 0 || ::pipe2(g_pipe, O_CLOEXEC | O_NONBLOCK) != 0) return;
  struct sigaction action {};
  action.sa_sigaction = on_ending;
  action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
  sigfillset(&action.sa_mask);
  for (const int signal : kEnding) ::sigaction(signal, &action, nullptr);
  for (int signal = SIGRTMIN; signal <= SIGRTMAX; ++signal) ::sigaction(signal, &action, nullptr);
}

void Interrupt::watch_stops() {
  struct sigaction action {};
  action.sa_handler = on_stop;
  action.sa_flags = SA_RESTART | SA_ONSTACK;
  sigfillset(&action.sa_mask);
  ::sigaction(SIGTSTP, &action, nullptr);
  for (const int signal : {SIGTTIN, SIGTTOU}) std::signal(signal, SIG_IGN);
}

int Interrupt::number() { return g_came.load(std::memory_order_relaxed); }

bool Interrupt::is_order() { return number() == SIGINT || number() == SIGTERM; }

bool Interrupt::take_stop() {
  std::array<char, 64> bytes;
  while (::read(g_pipe[0], bytes.data(), bytes.size()) > 0) {
  }
  return g_stop.exchange(false);
}

void Interrupt::stop_now() {
  struct sigaction before {};
  struct sigaction plain {};
  plain.sa_handler = SIG_DFL;
  ::sigaction(SIGTSTP, &plain, &before);
  std::raise(SIGTSTP);
  ::sigaction(SIGTSTP, &before, nullptr);
}

int Interrupt::descriptor() { return g_pipe[0]; }

}  // namespace takt
