// SPDX-License-Identifier: Apache-2.0
// The figures of a device's memory at one moment, and their extremes over a while.
#pragma once

#include <cstddef>
#include <cstdint>

namespace takt {

/// How much of the free memory is out of reach of one request: int((1 - largest/free) * 100), and
/// 0 if nothing is free or `largest` exceeds `free`. The one definition for log, API and tests.
constexpr int fragmentation_percent(std::size_t free, std::size_t largest) {
  if (free == 0 || largest > free) return 0;
  return static_cast<int>(std::uint64_t{free - largest} * 100 / free);
}

/// Bytes, under the names of the serial log. "Largest" is the largest request sure to succeed.
struct MemorySnapshot {
  std::size_t hf;   ///< Free on the chip: internal and DMA regions.
  std::size_t hm;   ///< Minimum of hf since boot.
  std::size_t hl;   ///< Largest block on the chip.
  std::size_t hi;   ///< Free internal.
  std::size_t hin;  ///< Minimum of hi since boot.
  int frag;         ///< Percent, of hl and hf.
  std::size_t pf;   ///< Free external (PSRAM).
  std::size_t pm;   ///< Minimum of pf since boot.
  std::size_t pl;   ///< Largest external block.
};

/// Extremes of one kind of memory over a window; exact, as every operation is noted.
class Extremes {
 public:
  Extremes() = default;
  Extremes(std::size_t free, std::size_t largest)
      : free_min_(free),
        free_max_(free),
        largest_min_(largest),
        worst_free_(free),
        worst_largest_(largest) {}

  std::size_t free_min() const { return free_min_; }
  std::size_t free_max() const { return free_max_; }
  std::size_t largest_min() const { return largest_min_; }
  int fragmentation_max() const { return fragmentation_percent(worst_free_, worst_largest_); }

  void note(const Extremes& other) {
    if (other.free_min_ < free_min_) free_min_ = other.free_min_;
    if (other.free_max_ > free_max_) free_max_ = other.free_max_;
    if (other.largest_min_ < largest_min_) largest_min_ = other.largest_min_;
    // Cross-multiplied, as this runs at every allocation and many a target divides in software.
    if (worst_free_ == 0 || std::uint64_t{other.worst_largest_} * worst_free_ <
                                std::uint64_t{worst_largest_} * other.worst_free_) {
      worst_free_ = other.worst_free_;
      worst_largest_ = other.worst_largest_;
    }
  }

 private:
  std::size_t free_min_ = 0;
  std::size_t free_max_ = 0;
  std::size_t largest_min_ = 0;
  std::size_t worst_free_ = 0;  // The pair with the smallest largest/free.
  std::size_t worst_largest_ = 0;
};

}  // namespace takt
