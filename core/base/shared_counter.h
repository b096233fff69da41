// SPDX-License-Identifier: Apache-2.0
// A 64-bit count that 32-bit processors can read while it changes.
#pragma once

#include <atomic>
#include <cstdint>

namespace takt {

/// One context adds, any context reads; neither waits for the other in practice. A reader that
/// meets a carry between the halves reads again, once in 2^32 counts.
class SharedCounter {
 public:
  void add(std::uint32_t count) {
    const std::uint32_t low = low_.load(std::memory_order_relaxed);
    if (low + count < low) {
      const std::uint32_t high = high_.load(std::memory_order_relaxed) + 1;
      high_.store(high, std::memory_order_relaxed);
      low_.store(low + count, std::memory_order_release);
      high_after_.store(high, std::memory_order_release);
      return;
    }
    low_.store(low + count, std::memory_order_release);
  }

  std::uint64_t read() const {
    // Bounded: the one writer counts far more slowly than this reads three words.
    for (;;) {
      const std::uint32_t after = high_after_.load(std::memory_order_acquire);
      const std::uint32_t low = low_.load(std::memory_order_acquire);
      const std::uint32_t high = high_.load(std::memory_order_relaxed);
      if (high == after) return std::uint64_t{high} << 32U | low;
    }
  }

  /// Call only while nobody adds.
  void reset() {
    low_.store(0, std::memory_order_relaxed);
    high_.store(0, std::memory_order_relaxed);
    high_after_.store(0, std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uint32_t> low_{0};
  std::atomic<std::uint32_t> high_{0};
  std::atomic<std::uint32_t> high_after_{
      0};  ///< Written after low_, so it shows a carry under way.
};

}  // namespace takt
