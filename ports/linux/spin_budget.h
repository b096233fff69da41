// SPDX-License-Identifier: Apache-2.0
// How long before a deadline to stop sleeping and start to spin.
#pragma once

#include <algorithm>
#include <cstdint>

namespace takt {

/// Learns by how much sleep overshoots, and never lets spinning take more than a tenth of the time,
/// however close the deadlines: a realtime thread that spins without end locks its processor up.
/// All times in nanoseconds.
class SpinBudget {
 public:
  static constexpr std::int64_t kLongest = 100'000;
  static constexpr std::int64_t kShortest = 10'000;
  /// What idle time saves up: enough for two deadlines in quick succession.
  static constexpr std::int64_t kMostSaved = 2 * kLongest;

  /// How long before its deadline a sleep that begins at `now` should end.
  std::int64_t margin(std::int64_t now) {
    saved_ = std::min(saved_ + (now - saved_at_) / 10, kMostSaved);
    saved_at_ = now;
    return std::clamp<std::int64_t>(saved_, 0, margin_);
  }

  /// A sleep ended `overslept` late. The margin settles at the value that one sleep in 40
  /// overshoots, or at its limit.
  void note_sleep(std::int64_t overslept) {
    constexpr std::int64_t kUp = 8'000;
    margin_ =
        std::clamp(margin_ + (overslept > margin_ - kTurn ? kUp : -kUp / 40), kShortest, kLongest);
  }

  /// The thread spun for so long.
  void note_spin(std::int64_t spun) { saved_ -= spun; }

 private:
  /// Time from the end of a sleep to the first look at the clock.
  static constexpr std::int64_t kTurn = 3'000;

  std::int64_t margin_ = kLongest / 2;
  std::int64_t saved_ = 0;
  std::int64_t saved_at_ = 0;
};

}  // namespace takt
