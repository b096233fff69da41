// SPDX-License-Identifier: Apache-2.0
// Rivals of the bus on a device: queues of copied values, and a pool of pointers that can do
// nothing else, each with the lock that such a device has.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <vector>

#include "takt/core/base/assert.h"

#if !defined(__arm__)
#include <thread>
#endif

namespace takt::bench {

/// The short critical section of an RTOS on one core: interrupts off, and on again. It does not
/// count how deeply it is nested, in favour of the rivals. On a host it masks nothing and is two
/// stores; then it serves one thread only.
class PlainSection {
 public:
  /// Of those who wait for an end of a queue; in the measurements nobody does.
  class Waiters {
   public:
    void notify_one() { TAKT_ASSERT(waiting_.load(std::memory_order_relaxed) == 0); }

   private:
    std::atomic<std::uint32_t> waiting_{0};
  };

  void lock() { mask(true); }
  void unlock() { mask(false); }

  static void mask(bool on) {
#if defined(__arm__)
    if (on) {
      asm volatile("cpsid i" ::: "memory");
    } else {
      asm volatile("cpsie i" ::: "memory");
    }
#else
    static std::atomic<bool> masked;
    masked.store(on, std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);
#endif
  }
};

/// The same on a chip with two cores: interrupts off, then one word for which the cores compete.
class Spinlock {
 public:
  using Waiters = PlainSection::Waiters;

  void lock() {
    PlainSection::mask(true);
    while (taken_.exchange(true, std::memory_order_acquire)) {
#if !defined(__arm__)
      // On a device nobody is interrupted who holds it; here the scheduler does that.
      std::this_thread::yield();
#endif
    }
  }
  void unlock() {
    taken_.store(false, std::memory_order_release);
    PlainSection::mask(false);
  }

 private:
  std::atomic<bool> taken_{false};
};

/// A bounded queue of values, copied in and out under its lock, as a FreeRTOS queue does. Both ends
/// can be waited for, as there; nobody does in the measurements, so waking costs next to nothing.
template <typename Lock>
class CopyingQueue {
 public:
  CopyingQueue(std::size_t item_bytes, std::size_t depth)
      : item_bytes_(item_bytes), depth_(depth), items_(item_bytes * depth) {}

  bool send(const std::byte* item) {
    {
      const std::lock_guard lock(lock_);
      if (count_ == depth_) return false;
      std::memcpy(items_.data() + item_bytes_ * last_, item, item_bytes_);
      last_ = last_ + 1 == depth_ ? 0 : last_ + 1;
      ++count_;
    }
    arrived_.notify_one();
    return true;
  }
  bool receive(std::byte* item) {
    {
      const std::lock_guard lock(lock_);
      if (count_ == 0) return false;
      std::memcpy(item, items_.data() + item_bytes_ * first_, item_bytes_);
      first_ = first_ + 1 == depth_ ? 0 : first_ + 1;
      --count_;
    }
    left_.notify_one();
    return true;
  }

  Lock& lock() { return lock_; }

 private:
  std::size_t item_bytes_;
  std::size_t depth_;
  Lock lock_;
  typename Lock::Waiters arrived_;
  typename Lock::Waiters left_;
  std::size_t first_ = 0;
  std::size_t last_ = 0;
  std::size_t count_ = 0;
  std::vector<std::byte> items_;
};

/// The least that passes a payload to several without copying it: blocks with a count, a list of
/// the free ones, queues of pointers. No topics, quotas, ages, or recovery; a pointer that is
/// released twice breaks it.
template <typename Lock>
class BarePool {
 public:
  struct Block {
    std::uint32_t holders = 0;
    Block* next = nullptr;
    std::byte* data = nullptr;
  };

  BarePool(std::size_t entries, std::size_t payload_bytes)
      : blocks_(entries), payloads_(entries * payload_bytes) {
    for (std::size_t i = 0; i < entries; ++i) {
      blocks_[i].data = payloads_.data() + i * payload_bytes;
      blocks_[i].next = free_;
      free_ = &blocks_[i];
    }
  }

  /// For so many holders. Null if none is free.
  Block* try_alloc(std::uint32_t holders) {
    const std::lock_guard lock(lock_);
    Block* const block = free_;
    if (block == nullptr) return nullptr;
    free_ = block->next;
    block->holders = holders;
    return block;
  }
  void release(Block& block) {
    const std::lock_guard lock(lock_);
    if (--block.holders != 0) return;
    block.next = free_;
    free_ = &block;
  }

 private:
  Lock lock_;
  std::vector<Block> blocks_;
  std::vector<std::byte> payloads_;
  Block* free_ = nullptr;
};

}  // namespace takt::bench
