// SPDX-License-Identifier: Apache-2.0
// How late frames were applied, as a histogram.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

#include "takt/core/base/time.h"

namespace takt {

struct LatenessFigures {
  Micros p50;  ///< Upper end of the bucket that holds the median, at most `max`.
  Micros p99;
  Micros max;
  std::uint64_t frames = 0;
};

/// Buckets by powers of two: 0, 1, 2..3, 4..7 µs and so on; the last holds all from 4.2 s on.
/// One context adds, any reads; a reading while frames are added may lack the newest of them.
class LatenessHistogram {
 public:
  static constexpr std::size_t kBuckets = 24;

  void add(Micros lateness) {
    const auto us = static_cast<std::uint64_t>(lateness.count());
    const auto clipped = static_cast<std::uint32_t>(std::min<std::uint64_t>(us, 0xFFFFFFFFU));
    const auto bucket = std::min(static_cast<std::size_t>(std::bit_width(clipped)), kBuckets - 1);
    counts_[bucket].store(counts_[bucket].load(std::memory_order_relaxed) + 1,
                          std::memory_order_relaxed);
    if (clipped > max_.load(std::memory_order_relaxed)) {
      max_.store(clipped, std::memory_order_relaxed);
    }
  }

  std::uint32_t count(std::size_t bucket) const {
    return counts_[bucket].load(std::memory_order_relaxed);
  }

  LatenessFigures figures() const {
    LatenessFigures figures;
    figures.max = Micros{max_.load(std::memory_order_relaxed)};
    for (const auto& bucket : counts_) figures.frames += bucket.load(std::memory_order_relaxed);
    figures.p50 = percentile(figures, 50);
    figures.p99 = percentile(figures, 99);
    return figures;
  }

  /// Call only while nobody adds.
  void reset() {
    // In the interrupt that begins a run, which is the longest of all.
#pragma GCC unroll 24
    for (auto& bucket : counts_) bucket.store(0, std::memory_order_relaxed);
    max_.store(0, std::memory_order_relaxed);
  }

 private:
  Micros percentile(const LatenessFigures& all, std::uint64_t percent) const {
    const std::uint64_t rank = (all.frames * percent + 99) / 100;
    std::uint64_t seen = 0;
    for (std::size_t bucket = 0; bucket + 1 < kBuckets; ++bucket) {
      seen += count(bucket);
      if (seen >= rank) return std::min(all.max, Micros{(std::int64_t{1} << bucket) - 1});
    }
    return all.max;
  }

  std::array<std::atomic<std::uint32_t>, kBuckets> counts_{};
  std::atomic<std::uint32_t> max_{0};
};

}  // namespace takt
