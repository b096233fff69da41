// SPDX-License-Identifier: Apache-2.0
// A queue from one context to one other.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace takt {

/// Lock-free and without heap. push() belongs to one context, pop() to another; either may be an
/// interrupt. Neither waits.
template <typename T, std::size_t kCapacity>
class SpscQueue {
  static_assert(std::has_single_bit(kCapacity));

 public:
  /// False: the queue is full, and `item` was not taken.
  [[nodiscard]] bool push(const T& item) {
    const std::uint32_t head = head_.load(std::memory_order_relaxed);
    if (head - tail_.load(std::memory_order_acquire) == kCapacity) return false;
    items_[head % kCapacity] = item;
    head_.store(head + 1, std::memory_order_release);
    return true;
  }

  /// False: the queue is empty, and `item` is unchanged.
  [[nodiscard]] bool pop(T& item) {
    const std::uint32_t tail = tail_.load(std::memory_order_relaxed);
    if (tail == head_.load(std::memory_order_acquire)) return false;
    item = items_[tail % kCapacity];
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }

 private:
  std::array<T, kCapacity> items_{};
  std::atomic<std::uint32_t> head_{0};
  std::atomic<std::uint32_t> tail_{0};
};

}  // namespace takt
