// SPDX-License-Identifier: Apache-2.0
// What has deadlines, and what keeps them.
#pragma once

#include "takt/core/base/status.h"
#include "takt/core/base/time.h"

namespace takt {

/// A state machine that says when it must run again.
class Work {
 public:
  /// Does what is due at `now`, which never goes back, and returns when to be called next.
  /// kNever: only when woken. A time that has passed: at once.
  virtual LocalTime run(LocalTime now) = 0;

 protected:
  ~Work() = default;
};

/// Runs one Work at its deadlines: a timer interrupt, a realtime thread, or an ordinary task. How
/// late it may be is a property of the port, stated in lateness.h; how early is not: never before
/// the deadline, unless woken. Runs of one Work never overlap.
class Runner {
 public:
  /// Runs `work`, which must stay in place until stop(), for the first time at once.
  /// - kBusy: it already runs one. - kIo: the port could not provide the context.
  virtual Status start(Work& work) = 0;

  /// Lets the work run at once, whatever its deadline; everything written before is visible to
  /// that run. Wakes during a run lead to another run; several may lead to one. Does nothing
  /// without work. Context: any, interrupts included; never waits for the run.
  virtual void wake() = 0;

  /// No run begins after it returns. Not to be called by the work itself. Harmless when stopped.
  virtual void stop() = 0;

 protected:
  ~Runner() = default;
};

}  // namespace takt
