// SPDX-License-Identifier: Apache-2.0
// A work in a thread of its own.
#pragma once

#include <pthread.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "takt/ports/api/runner.h"
#include "takt/ports/linux/clock.h"
#include "takt/ports/linux/last_acts.h"
#include "takt/ports/linux/spin_budget.h"

namespace takt {

/// Runs a work in a thread of its own. That of a realtime half gets SCHED_FIFO, locked memory and
/// timer slack 1 ns, as far as the system permits.
///
/// It sleeps in a futex with an absolute deadline. That is one system call for a wake-up, where a
/// timerfd with an eventfd takes three; the deadline is absolute and no difference of two readings,
/// so a thread that loses the processor in between is not late for it; and a wake costs a system
/// call only while the thread sleeps.
class ThreadRunner final : public Runner {
 public:
  enum class Mode : std::uint8_t {
    kSleep,
    kPrecise,   ///< Sleeps short of the deadline and spins the rest; see SpinBudget.
    kOrdinary,  ///< Sleeps, and asks the system for nothing: for a control half.
  };

  explicit ThreadRunner(const LinuxClock& clock, Mode mode = Mode::kSleep)
      : clock_(clock), mode_(mode) {}
  ~ThreadRunner() { stop(); }
  ThreadRunner(const ThreadRunner&) = delete;
  ThreadRunner& operator=(const ThreadRunner&) = delete;

  /// Returns once the thread has its priority. What is mapped then stays locked until the process
  /// ends.
  Status start(Work& work) override;
  void wake() override;
  void stop() override;

  /// What the system did not permit and what that means, a line for people each; known from
  /// start() on.
  std::span<const std::string> refusals() const { return refusals_; }

 private:
  /// Of the thread: what a wake must do, and whether there was one.
  enum State : std::uint32_t { kAwake, kWoken, kAsleep };

  static void* enter(void* self);
  void prepare();
  void refuse(const char* what, int error, const char* effect);
  void loop();
  void wait_until(LocalTime deadline);
  bool sleep_until(std::int64_t nanoseconds);
  bool spin_until(std::int64_t nanoseconds);
  bool take_wake();

  const LinuxClock& clock_;
  const Mode mode_;
  SpinBudget budget_;
  Work* work_ = nullptr;
  pthread_t thread_{};
  std::array<std::byte, LastAct::kStackBytes> fault_stack_;
  bool started_ = false;
  std::vector<std::string> refusals_;
  std::atomic<std::uint32_t> state_{kAwake};
  std::atomic<bool> stopping_{false};
  std::atomic<bool> prepared_{false};
};

}  // namespace takt
