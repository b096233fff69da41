// SPDX-License-Identifier: Apache-2.0
// The only place where time comes from.
#pragma once

#include "takt/core/base/time.h"

namespace takt {

/// The device's own monotonic clock.
///
/// It starts near zero, is never set, and never goes back. Context: any, interrupts included; it
/// neither waits nor allocates.
class Clock {
 public:
  virtual LocalTime now() const = 0;

 protected:
  ~Clock() = default;
};

}  // namespace takt
