// SPDX-License-Identifier: Apache-2.0
// Cages for tests.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <memory>
#include <utility>

#include "takt/ports/linux/cage.h"

namespace takt {

inline constexpr std::array kRegions{
    RegionSpec{"sram", RegionKind::kInternal, true, 320 * 1024},
    RegionSpec{"psram", RegionKind::kExternal, false, 8 * 1024 * 1024}};

inline constexpr TaskSpec kTask{"portal", 5, kAnyCore, 6'144, Placement::kInternal};

constexpr TaskSpec with_placement(Placement placement) {
  TaskSpec spec = kTask;
  spec.placement = placement;
  return spec;
}

inline std::unique_ptr<Cage> make_cage(Cage::Config config = {.regions = kRegions}) {
  auto cage = Cage::create(config);
  EXPECT_TRUE(cage.ok());
  return std::move(cage.value());
}

inline void run(Cage& cage, const std::function<void()>& body, TaskSpec spec = kTask,
                Tag tag = {}) {
  auto task = cage.start(spec, tag, body);
  ASSERT_TRUE(task.ok());
  task.value().join();
}

// GoogleTest's own messages must not come from the cage.
#define TAKT_EXPECT(condition)        \
  do {                                \
    const bool holds = (condition);   \
    const UncagedScope messages;      \
    EXPECT_TRUE(holds) << #condition; \
  } while (false)

class CagedMalloc : public testing::Test {
 protected:
  void SetUp() override {
    if (!Cage::intercepts()) GTEST_SKIP() << "this build keeps the sanitizer's malloc";
  }

  std::unique_ptr<Cage> cage_ = make_cage();
};

}  // namespace takt
