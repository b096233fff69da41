// SPDX-License-Identifier: Apache-2.0
#include "tools/interrupt.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <csignal>

namespace takt {
namespace {

std::atomic<bool> g_came{false};
int g_pipe[2] = {-1, -1};

void on_signal(int /*signal*/) {
  g_came.store(true, std::memory_order_relaxed);
  const char byte = 0;
  // The pipe is there to wake poll(); if it is full, that is awake.
  [[maybe_unused]] const ssize_t written = ::write(g_pipe[1], &byte, 1);
}

}  // namespace

void Interrupt::watch() {
  if (g_pipe[0] >= 0 || ::pipe2(g_pipe, O_CLOEXEC | O_NONBLOCK) != 0) return;
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(signal, &action, nullptr);
}

bool Interrupt::came() { return g_came.load(std::memory_order_relaxed); }

int Interrupt::descriptor() { return g_pipe[0]; }

}  // namespace takt
