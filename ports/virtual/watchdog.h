// SPDX-License-Identifier: Apache-2.0
// A watchdog in virtual time.
#pragma once

#include "takt/ports/api/watchdog.h"
#include "takt/ports/virtual/world.h"

namespace takt {

/// Notes that it was not fed in time, for those that ask. It ends nothing, and no world goes on for
/// its sake. Context: the world's thread.
class VirtualWatchdog final : public Watchdog {
 public:
  explicit VirtualWatchdog(const VirtualClock& clock) : clock_(clock) {}

  /// It waits for `patience` from now on, and after each feed.
  void start(Micros patience) {
    patience_ = patience;
    fed_ = clock_.now();
  }

  void feed() override {
    bitten_ = has_bitten();
    fed_ = clock_.now();
  }
  Micros patience() const override { return patience_; }

  /// A board would have been reset.
  bool has_bitten() const { return bitten_ || clock_.now() - fed_ > patience_; }

 private:
  const VirtualClock& clock_;
  Micros patience_ = Micros::max();
  LocalTime fed_;
  bool bitten_ = false;
};

}  // namespace takt
