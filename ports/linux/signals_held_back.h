// SPDX-License-Identifier: Apache-2.0
// Which threads take signals.
#pragma once

#include <pthread.h>

#include <csignal>

namespace takt {

/// While it lives, threads that the current one starts get no signals: these are for the threads
/// that have time for them. But a fault of a thread's own that is blocked ends the process before
/// anybody has made the outputs safe, so those stay.
class SignalsHeldBack {
 public:
  SignalsHeldBack() {
    sigset_t all;
    sigfillset(&all);
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT}) {
      sigdelset(&all, fault);
    }
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsHeldBack() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsHeldBack(const SignalsHeldBack&) = delete;
  SignalsHeldBack& operator=(const SignalsHeldBack&) = delete;

 private:
  sigset_t before_;
};

}  // namespace takt
