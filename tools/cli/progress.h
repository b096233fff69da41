// SPDX-License-Identifier: Apache-2.0
// One line on a terminal that shows how far long work has come.
#pragma once

#include <chrono>
#include <string_view>

namespace takt {

/// Silent for the first half second, and where standard error is no terminal.
class Progress {
 public:
  Progress();
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `part` of the work, 0 to 1, is done.
  void show(double part, std::string_view what);
  /// Wipes the line away.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  const bool terminal_;
  Clock::time_point next_;
  bool shown_ = false;
};

}  // namespace takt
