// SPDX-License-Identifier: Apache-2.0
// A work in a task of a cage.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "takt/core/memory/tasks.h"
#include "takt/ports/api/runner.h"
#include "takt/ports/linux/cage.h"
#include "takt/ports/linux/clock.h"
#include "takt/ports/linux/futex_waiter.h"
#include "takt/ports/linux/last_acts.h"

namespace takt {

/// Runs an ordinary work as a task of a board: with its stack, and with its memory for whatever the
/// work and its libraries allocate.
class CagedRunner final : public Runner {
 public:
  /// The cage and the clock outlive it.
  CagedRunner(Cage& cage, const TaskSpec& spec, const LinuxClock& clock)
      : cage_(cage), spec_(spec), clock_(clock), waiter_(clock) {}
  ~CagedRunner() { stop(); }
  CagedRunner(const CagedRunner&) = delete;
  CagedRunner& operator=(const CagedRunner&) = delete;

  /// Returns once the task is in the cage's table. - kNoMemory, kTooLarge: as Cage::start().
  Status start(Work& work) override;
  void wake() override;
  void stop() override;

 private:
  void loop();

  Cage& cage_;
  const TaskSpec spec_;
  const LinuxClock& clock_;
  FutexWaiter waiter_;
  Work* work_ = nullptr;
  std::optional<CagedTask> task_;
  std::atomic<std::uint32_t> wakes_{0};
  std::atomic<bool> began_{false};
  std::atomic<bool> stopping_{false};
  std::array<std::byte, LastAct::kStackBytes> fault_stack_;
};

}  // namespace takt
