// SPDX-License-Identifier: Apache-2.0
#include "takt/ports/linux/thread_runner.h"

#include <linux/futex.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "takt/ports/linux/signals_held_back.h"

namespace takt {
namespace {

/// Above the threads of interrupts (50) on a realtime kernel, below its own housekeeping (99).
constexpr int kPriority = 80;

/// All that the work needs, and little enough to lock.
constexpr std::size_t kStackBytes = 256U << 10U;

constexpr std::int64_t kSecond = 1'000'000'000;

static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t));

long futex(std::atomic<std::uint32_t>& word, int operation, std::uint32_t value,
           const timespec* until) {
  return syscall(SYS_futex, &word, operation | FUTEX_PRIVATE_FLAG, value, until, nullptr,
                 FUTEX_BITSET_MATCH_ANY);
}

}  // namespace

Status ThreadRunner::start(Work& work) {
  if (started_) return Status::kBusy;
  work_ = &work;
  refusals_.clear();
  stopping_.store(false);
  prepared_.store(false);
  const SignalsHeldBack held_back;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackBytes);
  started_ = pthread_create(&thread_, &attributes, &enter, this) == 0;
  pthread_attr_destroy(&attributes);
  if (!started_) return Status::kIo;
  prepared_.wait(false);
  return Status::kOk;
}

void ThreadRunner::wake() {
  if (state_.exchange(kWoken) == kAsleep) futex(state_, FUTEX_WAKE, 1, nullptr);
}

void ThreadRunner::stop() {
  if (!started_) return;
  stopping_.store(true);
  wake();
  pthread_join(thread_, nullptr);
  started_ = false;
}

void* ThreadRunner::enter(void* self) {
  auto& runner = *static_cast<ThreadRunner*>(self);
  LastAct::lend_stack(runner.fault_stack_);
  runner.prepare();
  runner.prepared_.store(true);
  runner.prepared_.notify_one();
  runner.loop();
  return nullptr;
}

void ThreadRunner::prepare() {
  if (mode_ == Mode::kOrdinary) return;
  sched_param parameters{};
  parameters.sched_priority = kPriority;
  if (const int error = pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters)) {
    refuse("realtime priority", error, "other programs can delay edges");
  }
  if (mlockall(MCL_CURRENT) != 0) {
    refuse("locked memory", errno, "paging can delay edges");
  }
  if (prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL) != 0) {
    refuse("timer slack of 1 ns", errno, "edges come up to 50 us later");
  }
}

void ThreadRunner::refuse(const char* what, int error, const char* effect) {
  refusals_.push_back(std::string{"no "} + what + " (" + std::strerror(error) + "): " + effect);
}

void ThreadRunner::loop() {
  while (!stopping_.load()) {
    wait_until(work_->run(clock_.now()));
  }
}

void ThreadRunner::wait_until(LocalTime deadline) {
  const std::int64_t due = clock_.nanoseconds_at(deadline);
  // Once more only where rounding let the sleep end a nanosecond early.
  while (!take_wake() && clock_.now() < deadline) {
    if (mode_ != Mode::kPrecise || deadline == kNever) {
      if (sleep_until(due)) return;
      continue;
    }
    std::int64_t now = LinuxClock::nanoseconds();
    const std::int64_t early = due - budget_.margin(now);
    if (now < early) {
      if (sleep_until(early)) return;
      now = LinuxClock::nanoseconds();
      if (now < early) continue;  // A debugger can end a sleep.
      budget_.note_sleep(now - early);
    }
    if (spin_until(due)) return;
  }
}

/// True: woken.
bool ThreadRunner::sleep_until(std::int64_t nanoseconds) {
  std::uint32_t expected = kAwake;
  if (!state_.compare_exchange_strong(expected, kAsleep)) return take_wake();
  const timespec until{nanoseconds / kSecond, nanoseconds % kSecond};
  // Signals are blocked and nobody else waits here, so it ends by the time or by wake().
  futex(state_, FUTEX_WAIT_BITSET, kAsleep, &until);
  return take_wake();
}

/// True: woken.
bool ThreadRunner::spin_until(std::int64_t nanoseconds) {
  const std::int64_t begin = LinuxClock::nanoseconds();
  std::int64_t now = begin;
  bool woken = false;
  while (now < nanoseconds && !(woken = take_wake())) now = LinuxClock::nanoseconds();
  budget_.note_spin(now - begin);
  return woken;
}

bool ThreadRunner::take_wake() { return state_.exchange(kAwake) == kWoken; }

}  // namespace takt
