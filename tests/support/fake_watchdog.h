// SPDX-License-Identifier: Apache-2.0
// A watchdog in memory, behind the calls of the system that LinuxWatchdog makes. A program that
// links it has it at kPath; all other files are what they were.
#pragma once

#include <string>

#include "takt/core/base/time.h"

namespace takt {

struct FakeWatchdog {
  /// No name that a real one has: a test that misses the fake must not reset its machine.
  static constexpr const char* kPath = "/dev/fake-watchdog";

  /// One that waits for 60 s, takes 1 s to 600 s, and nobody has opened.
  void reset();

  int time = 60;           ///< In seconds, as ever in the kernel.
  int least = 1;           ///< It refuses less.
  int most = 600;          ///< It refuses more.
  int step = 1;            ///< It takes multiples of this: the next smaller one, or one at least.
  bool rounds_up = false;  ///< Takes the next larger multiple of `step` instead.
  bool skips = false;      ///< Says that it was set, and was not.
  bool mute = false;       ///< Does not say how long it waits.
  int open_error = 0;      ///< errno of the next calls; 0: they succeed.
  int set_error = 0;
  int feed_error = 0;
  bool read_only = false;  ///< Cannot be written to, once open.
  int opens = 0;
  int feeds = 0;

  /// Lets so much time pass for it.
  void pass(Micros passed);

  Micros starved;       ///< How long ago it was fed.
  bool bitten = false;  ///< It would have reset the board.

  bool is_open() const;
  /// What was written to it.
  std::string written() const;

  int device = -1;    ///< The descriptor by which it was opened.
  int contents = -1;  ///< The descriptor by which the fake sees the same file.
};

FakeWatchdog& fake_watchdog();

}  // namespace takt
