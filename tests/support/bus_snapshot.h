// SPDX-License-Identifier: Apache-2.0
// A bus with one module, and its figures.
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "takt/core/bus/snapshot.h"
#include "tests/support/bus_rig.h"

namespace takt::bus {

/// "display" has one queue of four places.
class BusSnapshotTest : public ::testing::Test {
 protected:
  BusSnapshotTest() : id_(rig_.attach(module_, {.name = "display"})) {
    rig_.queue(id_, {.depth = 4});
  }
  const Snapshot& snapshot() {
    take_snapshot(rig_.registry, *snapshot_);
    return *snapshot_;
  }

  BusRig rig_;
  Recorder module_;
  ModuleId id_;
  std::unique_ptr<Snapshot> snapshot_ = std::make_unique<Snapshot>();
};

}  // namespace takt::bus
