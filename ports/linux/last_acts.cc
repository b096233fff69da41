// SPDX-License-Identifier: Apache-2.0
#include "takt/ports/linux/last_acts.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>

#include "takt/core/base/assert.h"

namespace takt {
namespace {

/// Those that a thread brings upon itself, and abort().
constexpr std::array kFaults{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT};

struct Armed {
  std::atomic<LastAct::Function> act{nullptr};  ///< nullptr: the place is free.
  void* context = nullptr;
  LastAct::Turn turn{};
};

// What a handler can reach.
std::array<Armed, LastAct::kMostArmed> g_armed;
std::array<struct sigaction, kFaults.size()> g_before;
std::array<std::byte, LastAct::kStackBytes> g_stack;

void on_fault(int signal, siginfo_t* about, void* /*context*/) {
  const int error = errno;
  LastAct::run_all();
  for (std::size_t i = 0; i < kFaults.size(); ++i) ::sigaction(kFaults[i], &g_before[i], nullptr);
  // An instruction that faulted does so again once this returns, and the core dump shows it. What
  // somebody sent has to be sent again.
  if (about->si_code <= 0) ::raise(signal);
  errno = error;
}

}  // namespace

void LastAct::arm(Function act, void* context) {
  disarm();
  place_ = 0;
  while (place_ < kMostArmed && g_armed[place_].act.load() != nullptr) ++place_;
  TAKT_ASSERT(place_ < kMostArmed);
  g_armed[place_].context = context;
  g_armed[place_].turn = turn_;
  g_armed[place_].act.store(act);
}

void LastAct::disarm() {
  if (place_ < kMostArmed) g_armed[place_].act.store(nullptr);
  place_ = kMostArmed;
}

void LastAct::run_all() {
  for (const Turn turn : {Turn::kOutputs, Turn::kTerminal}) {
    for (const Armed& armed : g_armed) {
      const Function act = armed.act.load();
      if (act != nullptr && armed.turn == turn) act(armed.context);
    }
  }
}

void LastAct::catch_faults() {
  lend_stack(g_stack);
  struct sigaction action {};
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigfillset(&action.sa_mask);
  for (std::size_t i = 0; i < kFaults.size(); ++i) ::sigaction(kFaults[i], &action, &g_before[i]);
}

void LastAct::lend_stack(std::span<std::byte> stack) {
  // The address sanitizer gives each thread one, and takes back whichever it finds.
  stack_t there{};
  if (::sigaltstack(nullptr, &there) == 0 && (there.ss_flags & SS_DISABLE) == 0) return;
  stack_t alternate{};
  alternate.ss_sp = stack.data();
  alternate.ss_size = stack.size();
  ::sigaltstack(&alternate, nullptr);
}

}  // namespace takt
