// SPDX-License-Identifier: Apache-2.0
// A board without an operating system: one work in an interrupt, one in the main loop.
#pragma once

#include <atomic>

#include "takt/ports/api/runner.h"
#include "takt/ports/cortex_m/alarm.h"

namespace takt {

/// Runs its work in the alarm's interrupt, which is more urgent than all others of this port. No
/// interrupts are ever masked for it.
///
/// Context: wake() any; the rest the main loop.
class InterruptRunner final : public Runner {
 public:
  explicit InterruptRunner(Alarm& alarm, const CortexMClock& clock)
      : alarm_(alarm), clock_(clock) {}

  Status start(Work& work) override;
  void wake() override;
  void stop() override;

  /// For measurements: runs in place of the plain handler, which it must call as serve().
  void observe(Handler observer) { observer_ = observer; }
  void serve();

 private:
  Alarm& alarm_;
  const CortexMClock& clock_;
  Handler observer_;
  std::atomic<Work*> work_{nullptr};
  std::atomic<bool> woken_{false};
  LocalTime deadline_;
};

/// Runs its work in the main loop, which calls step() for ever. Between runs the processor sleeps.
///
/// Context: wake() any; the rest the main loop.
class LoopRunner final : public Runner {
 public:
  explicit LoopRunner(Alarm& alarm, const CortexMClock& clock) : alarm_(alarm), clock_(clock) {}

  Status start(Work& work) override;
  void wake() override;
  void stop() override;

  /// Runs the work if it is due. False: it was not.
  bool run_if_due();

  /// The same, but if it is not due, sleeps until any interrupt has been served.
  void step();

  /// The same, but does not sleep past `latest`, nor once `word` no longer holds `seen`.
  void step(const std::atomic<std::uint32_t>& word, std::uint32_t seen, LocalTime latest);

 private:
  void serve_alarm();
  void sleep();

  Alarm& alarm_;
  const CortexMClock& clock_;
  Work* work_ = nullptr;
  bool serves_alarm_ = false;
  std::atomic<bool> rung_{false};  ///< By the alarm or wake() since the latest look.
  std::atomic<bool> woken_{false};
  LocalTime deadline_;
};

}  // namespace takt
