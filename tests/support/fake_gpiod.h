// SPDX-License-Identifier: Apache-2.0
// A GPIO chip in memory, behind the functions of libgpiod that GpioBank calls. A program that links
// it does so in place of the library.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace takt {

struct FakeGpiod {
  struct Line {
    bool output = false;
    bool high = false;
    bool held = false;  ///< By us.
    std::string user;   ///< Someone else; empty: nobody.
  };

  /// One chip, "gpiochip0", of 8 lines, unused, as after a reset of the board.
  void reset() {
    *this = {};
    lines.resize(8);
  }

  std::vector<Line> lines;
  int open_error = 0;  ///< errno of the next calls; 0: they succeed.
  int write_error = 0;
  int opened = 0;               ///< Chips that are open.
  int requests = 0;             ///< Calls that request lines.
  int writes = 0;               ///< Calls that write lines.
  std::uint64_t seen_high = 0;  ///< Bit i: line i was an output and high at some time.
  std::uint64_t seen_low = 0;
};

FakeGpiod& fake_gpiod();

}  // namespace takt
