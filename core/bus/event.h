// SPDX-License-Identifier: Apache-2.0
// A place to wait at.
#pragma once

#include <atomic>
#include <cstdint>

#include "takt/core/base/time.h"
#include "takt/core/base/waiter.h"

namespace takt::bus {

/// `timeout` from `now`; kNever if that lies beyond the end of time. Requires now >= 0.
constexpr LocalTime deadline_after(LocalTime now, Micros timeout) {
  return timeout < kNever - now ? now + timeout : kNever;
}

/// An event count: one place to wait at, free of cost to signal while nobody waits.
///
/// The waiter enters, looks once more for what it wants, and only then waits. The signaller first
/// makes the thing available by a sequentially consistent read-modify-write, then signals. Either
/// the waiter's second look finds it or the signaller sees the waiter: no wake-up is lost.
class Event {
 public:
  /// Announces a waiter; returns the ticket for wait().
  std::uint32_t enter() {
    waiters_.fetch_add(1, std::memory_order_seq_cst);
    return count_.load(std::memory_order_seq_cst);
  }

  /// Waits until a signal later than `ticket`. False if the deadline passed first.
  bool wait(Waiter& waiter, std::uint32_t ticket, LocalTime deadline) {
    return waiter.wait(count_, ticket, deadline);
  }

  void leave() { waiters_.fetch_sub(1, std::memory_order_relaxed); }

  /// One load if nobody waits. Never blocks; may be called from an interrupt.
  void signal(Waiter* waiter) {
    if (waiters_.load(std::memory_order_seq_cst) != 0) wake(waiter);
  }

  /// For a signaller whose last step before was a plain store: an increment of nothing orders the
  /// two, so this costs a locked instruction even if nobody waits.
  void signal_after_store(Waiter* waiter) {
    if (waiters_.fetch_add(0, std::memory_order_seq_cst) != 0) wake(waiter);
  }

 private:
  void wake(Waiter* waiter) {
    count_.fetch_add(1, std::memory_order_seq_cst);
    if (waiter != nullptr) waiter->wake(count_);
  }

  std::atomic<std::uint32_t> count_{0};
  std::atomic<std::uint32_t> waiters_{0};
};

}  // namespace takt::bus
