// SPDX-License-Identifier: Apache-2.0
// What resets a board whose realtime half hangs.
#pragma once

#include "takt/core/base/time.h"

namespace takt {

/// Once running it must be fed at least every patience(); it cannot be stopped.
class Watchdog {
 public:
  /// Context: the realtime half; does not wait.
  virtual void feed() = 0;

  /// What the hardware really waits for, read back rather than remembered: settings are known to
  /// be skipped when something else has started it first.
  virtual Micros patience() const = 0;

 protected:
  ~Watchdog() = default;
};

}  // namespace takt
