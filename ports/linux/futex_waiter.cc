// SPDX-License-Identifier: Apache-2.0
#include "takt/ports/linux/futex_waiter.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <climits>

namespace takt {
namespace {

constexpr long kNanosPerSecond = 1'000'000'000;
constexpr long kNapNanos = 50'000;

long futex(const std::atomic<std::uint32_t>& word, int operation, std::uint32_t value,
           const timespec* deadline) {
  static_assert(sizeof word == sizeof(std::uint32_t), "the kernel looks at the word itself");
  return syscall(SYS_futex, &word, operation | FUTEX_PRIVATE_FLAG, value, deadline, nullptr,
                 FUTEX_BITSET_MATCH_ANY);
}

}  // namespace

bool FutexWaiter::wait(const std::atomic<std::uint32_t>& word, std::uint32_t seen,
                       LocalTime deadline) {
  // FUTEX_WAIT_BITSET takes an instant of CLOCK_MONOTONIC; plain FUTEX_WAIT takes a duration,
  // which grows with every early return.
  timespec at{};
  if (deadline != kNever) {
    const std::int64_t nanos = clock_.nanoseconds_at(deadline);
    if (nanos < 0) return false;
    at.tv_sec = nanos / kNanosPerSecond;
    at.tv_nsec = nanos % kNanosPerSecond;
  }
  const long result = futex(word, FUTEX_WAIT_BITSET, seen, deadline == kNever ? nullptr : &at);
  return result == 0 || errno != ETIMEDOUT;
}

void FutexWaiter::wake(const std::atomic<std::uint32_t>& word) {
  futex(word, FUTEX_WAKE_BITSET, INT_MAX, nullptr);
}

void FutexWaiter::nap() {
  const timespec length{0, kNapNanos};
  nanosleep(&length, nullptr);
}

}  // namespace takt
