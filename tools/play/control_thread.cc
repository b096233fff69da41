// SPDX-License-Identifier: Apache-2.0
#include "tools/play/control_thread.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "takt/ports/linux/interrupt.h"

namespace takt {

void ControlThread::stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

std::vector<std::string> ControlThread::take_said() {
  const std::lock_guard lock{mutex_};
  return std::exchange(said_, {});
}

void ControlThread::loop() {
  using std::chrono::steady_clock;
  LastAct::lend_stack(fault_stack_);
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    poked_ = false;
    // Other threads that look for it may wait for a terminal, a pipe or a disk.
    if (Interrupt::came()) static_cast<void>(engine_.stop(clock_.now()));
    script_.run(orders_, clock_.now(), said_);
    const LocalTime due = std::min(half_.run(clock_.now()), script_.due());
    // steady_clock is CLOCK_MONOTONIC, as LinuxClock is.
    const steady_clock::time_point wanted{std::chrono::nanoseconds{clock_.nanoseconds_at(due)}};
    const auto latest = steady_clock::now() + std::chrono::milliseconds{kLongestWaitMs};
    changed_.wait_until(lock, std::min(wanted, latest), [this] { return poked_ || stopping_; });
  }
}

}  // namespace takt
