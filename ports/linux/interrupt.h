// SPDX-License-Identifier: Apache-2.0
// Signals that would end or stop this process, as wishes that loops ask for.
#pragma once

namespace takt {

/// Signals of faults are none of these: see LastAct.
class Interrupt {
 public:
  /// From now on no signal that can be caught ends the process at once. The first is a wish to end.
  /// Those that come within kSame of it count as the same wish, because `timeout` sends two at
  /// once. One that comes later ends the process, after all LastActs.
  static void watch();

  /// From now on a wish to stop (Ctrl-Z) stops nothing by itself, nor does using the terminal from
  /// the background.
  static void watch_stops();

  static bool came() { return number() != 0; }

  /// The first that came; 0: none.
  static int number();

  /// What a command that ended because of it exits with, as shells have it.
  static int status() { return 128 + number(); }

  /// Whether it is an order to end, for commands that run until they are told to.
  static bool is_order();

  /// Whether a wish to stop came since the last call.
  static bool take_stop();

  /// Stops the process as wished; returns once the process goes on.
  static void stop_now();

  /// Becomes readable when one of these has come, until the next take_stop(); -1 before watch().
  static int descriptor();
};

}  // namespace takt
