// SPDX-License-Identifier: Apache-2.0
// Two whole devices on one link, in virtual time: the halves that firmware is made of.
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "takt/app/playback/halves.h"
#include "takt/app/playback/lockstep_half.h"
#include "takt/ports/virtual/datagram_link.h"
#include "takt/ports/virtual/output_bank.h"
#include "takt/ports/virtual/world.h"
#include "tests/support/authenticator_for_test.h"
#include "tests/support/one_program.h"
#include "tests/support/program.h"

namespace takt {
namespace {

using testing::Built;
using testing::OneProgram;
using testing::two_sides;

/// Notes when its motor goes on and off, in the world's time.
struct Bank final : OutputBank {
  Status configure(std::span<const PinConfig> /*pins*/) override { return Status::kOk; }
  Status apply(const Levels& levels) override {
    const bool on = levels.is_on(motor);
    if (on != is_on) edges.push_back(world->now());
    is_on = on;
    return Status::kOk;
  }
  World* world = nullptr;
  std::uint8_t motor = 0;
  bool is_on = false;
  std::vector<WorldTime> edges;  ///< On, off, on, ...
};

struct Device {
  Device(World& world, const Built& built, std::uint8_t side, std::int32_t ppb)
      : clock(world, WorldTime{seconds(side * 5)}, ppb),
        top(world, clock, VirtualRunner::Rank::kRealtime),
        ordinary(world, clock, VirtualRunner::Rank::kOrdinary),
        link(world, clock, ordinary),
        shelf(built.timeline()),
        block(EngineNeeds::of(built.program()).bytes()),
        engine({EngineNeeds::of(built.program()), block},
               {.sides = static_cast<SideSet>(1U << side)}),
        lockstep(config(side), engine, shelf, authenticator, clock.now()),
        realtime(engine.realtime(), bank),
        control(lockstep, link, clock, top) {
    bank.world = &world;
    bank.motor = built.program().pattern->sides[side].motor;
  }
  static LockstepConfig config(std::uint8_t side) {
    LockstepConfig config;
    config.peer.id = side + 1U;
    config.peer.life = 1;
    config.peer.side = side;
    config.alarm_latency = Micros{1};
    return config;
  }
  void start() {
    ASSERT_EQ(top.start(realtime), Status::kOk);
    ASSERT_EQ(ordinary.start(control), Status::kOk);
  }
  void play() {
    lockstep.command(shelf.hash(), shelf.bytes(), {}, clock.now());
    ordinary.wake();
  }

  VirtualClock clock;
  VirtualRunner top;
  VirtualRunner ordinary;
  VirtualLink link;
  OneProgram shelf;
  std::vector<std::byte> block;
  sync::AuthenticatorForTest authenticator;
  Engine engine;
  Lockstep lockstep;
  Bank bank;
  RealtimeHalf realtime;
  LockstepHalf control;
};

class LockstepDevices : public ::testing::Test {
 protected:
  LockstepDevices() {
    VirtualLink::connect(left_.link, right_.link, millis(3));
    world_.run_until(WorldTime{seconds(5)});
    left_.start();
    right_.start();
    run_for(seconds(10));
  }
  void run_for(Micros time) { world_.run_until(world_.now() + time); }

  /// Between an edge of one that ends a pulse and the next of the other that begins one.
  void expect_alternating() {
    const auto& left = left_.bank.edges;
    const auto& right = right_.bank.edges;
    const std::size_t pulses = std::min(left.size(), right.size()) / 2;
    ASSERT_GT(pulses, 10U);
    for (std::size_t i = 0; i < pulses; ++i) {
      ASSERT_GE(right[2 * i] - left[2 * i + 1], millis(1)) << "pulse " << i;
      if (2 * i + 2 < left.size()) {
        ASSERT_GE(left[2 * i + 2] - right[2 * i + 1], millis(1)) << "pulse " << i;
      }
    }
  }

  World world_;
  const Built built_{two_sides()};
  Device left_{world_, built_, 0, 20'000};
  Device right_{world_, built_, 1, -20'000};
};

TEST_F(LockstepDevices, PulsesFollowEachOtherHoweverFarTheClocksAreApart) {
  right_.play();
  run_for(seconds(300));
  EXPECT_GT(left_.bank.edges.size(), 500U);
  expect_alternating();
  // Half a second from the beginning of one to that of the other, but for half a round trip of
  // doubt.
  for (std::size_t i = 20; i + 2 < left_.bank.edges.size(); i += 2) {
    const Micros apart = right_.bank.edges[i] - left_.bank.edges[i];
    ASSERT_NEAR(static_cast<double>(apart.count()), 500'000, 4'000) << "edge " << i;
  }
}

TEST_F(LockstepDevices, WithoutTheLinkTheyPlayOnUntilTheHoldoverEndsAndNeverTogether) {
  left_.play();
  run_for(seconds(60));
  left_.link.cut(true);
  right_.link.cut(true);
  const WorldTime cut = world_.now();
  run_for(seconds(200));
  expect_alternating();
  for (const Device* const device : {&left_, &right_}) {
    const Micros played = device->bank.edges.back() - cut;
    EXPECT_GT(played, seconds(118));
    EXPECT_LT(played, seconds(123));
    EXPECT_FALSE(device->bank.is_on);
  }
}

TEST_F(LockstepDevices, AnEmergencyStopIsInstantHereAndOneWayLaterThere) {
  left_.play();
  run_for(seconds(20));
  const WorldTime stopped = world_.now();
  left_.lockstep.emergency_stop(left_.clock.now());
  left_.ordinary.wake();
  run_for(seconds(5));
  EXPECT_LE(left_.bank.edges.back(), stopped);
  EXPECT_LE(right_.bank.edges.back(), stopped + millis(4));
  EXPECT_FALSE(left_.bank.is_on || right_.bank.is_on);
}

}  // namespace
}  // namespace takt
