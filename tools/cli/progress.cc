// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <string>

namespace takt {

using std::chrono::milliseconds;

Progress::Progress()
    : terminal_(::isatty(STDERR_FILENO) != 0), next_(Clock::now() + milliseconds(500)) {}

void Progress::show(double part, std::string_view what) {
  if (!terminal_ || Clock::now() < next_) return;
  next_ = Clock::now() + milliseconds(100);
  constexpr std::size_t kWidth = 30;
  part = std::clamp(part, 0.0, 1.0);
  const auto filled = static_cast<std::size_t>(part * static_cast<double>(kWidth));
  fmt::print(stderr, "\r[{}{}] {:3.0f} %  {}\x1b[K", std::string(filled, '#'),
             std::string(kWidth - filled, '.'), part * 100, what);
  std::fflush(stderr);
  shown_ = true;
}

void Progress::clear() {
  if (shown_) fmt::print(stderr, "\r\x1b[K");
  shown_ = false;
}

}  // namespace takt
