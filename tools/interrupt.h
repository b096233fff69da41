// SPDX-License-Identifier: Apache-2.0
// SIGINT, SIGTERM and SIGHUP as a wish that loops ask for.
#pragma once

namespace takt {

class Interrupt {
 public:
  /// From now on these signals no longer end the process at once; a second one does.
  static void watch();

  static bool came();

  /// Becomes readable when a signal came; -1 before watch().
  static int descriptor();
};

}  // namespace takt
