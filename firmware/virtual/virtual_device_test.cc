// SPDX-License-Identifier: Apache-2.0
#include "takt/firmware/virtual/virtual_device.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>

#include "takt/app/playback/hosted_engine.h"
#include "takt/ports/virtual/output_bank.h"
#include "tests/support/oracle.h"
#include "tests/support/program.h"
#include "tests/support/recording_bank.h"

namespace takt {
namespace {

using testing::Built;
using testing::Change;
using testing::Draft;
using testing::expand;
using testing::RecordingBank;

/// A device with all that it needs, playing one program.
struct Player {
  Player(World& world, const Timeline& timeline, WorldTime zero = {}, std::int32_t ppb = 0)
      : clock(world, zero, ppb),
        engine(timeline.program(), Micros{0}),
        bank(clock),
        device(world, clock, engine.engine(), bank) {
    EXPECT_EQ(engine.engine().load(timeline), Status::kOk);
  }

  Status start(LocalTime at = {}) {
    return device.command([&](Engine& e, LocalTime now) { return e.start(at, now); });
  }

  VirtualClock clock;
  HostedEngine engine;
  RecordingBank bank;
  VirtualDevice device;
};

std::vector<Change> shifted(std::vector<Change> changes, Micros by) {
  for (Change& change : changes) change.at += by;
  return changes;
}

Built random_program(std::mt19937& random) {
  for (;;) {
    Built built{testing::random_draft(random)};
    if (built.ok()) return built;
  }
}

/// On for 1 ms in every 2 ms, in a single phase.
Built blinking(std::uint32_t times) {
  Draft draft;
  const std::uint8_t output = draft.add_switch();
  draft.add_stage().parts = {
      testing::pulses(output, kNoOutput, {}, times, {{millis(1), millis(1)}})};
  return Built{draft};
}

TEST(VirtualDevice, ManyDevicesPlayTheirProgramsAtOnceEachByItsOwnClock) {
  constexpr unsigned kSeed = 17;
  std::mt19937 random(kSeed);
  World world;
  std::deque<Built> programs;
  std::deque<Player> players;
  for (int i = 0; i < 100; ++i) {
    programs.push_back(random_program(random));
    // Slow ones show every microsecond, so each change falls on its own.
    const auto ppb = -static_cast<std::int32_t>(random() % 200'000);
    players.emplace_back(world, programs.back().timeline(), WorldTime{Micros{-i}},
                         i % 2 == 0 ? 0 : ppb);
  }
  for (int i = 0; i < 100; ++i) ASSERT_EQ(players[i].start(LocalTime{Micros{200}}), Status::kOk);
  world.run();
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(players[i].bank.changes(), shifted(expand(programs[i].program()), Micros{200}))
        << "seed " << kSeed << ", program " << i;
    EXPECT_EQ(players[i].engine.engine().status(players[i].clock.now()).end, EndReason::kFinished);
  }
}

TEST(VirtualDevice, APortErrorInOneFrameIsReportedAndAllOtherFramesHappen) {
  const Built built = blinking(500);
  const std::vector<Change> plan = expand(built.program());
  for (const std::size_t failing : {std::size_t{0}, std::size_t{400}, plan.size() - 1}) {
    World world;
    Player player{world, built.timeline()};
    player.bank.failing_call = failing;
    ASSERT_EQ(player.start(), Status::kOk);
    world.run();
    // The retry makes up for the frame, at the latest together with the next.
    std::vector<Change> expected = plan;
    expected[failing].at += RealtimeHalf::kFirstRetry;
    if (failing + 1 < plan.size()) expected.erase(expected.begin() + static_cast<long>(failing));
    EXPECT_EQ(player.bank.changes(), expected);
    const EngineStatus status = player.engine.engine().status(player.clock.now());
    EXPECT_EQ(status.end, EndReason::kFinished);
    EXPECT_EQ(status.faults, 1U);
    EXPECT_EQ(status.last_fault.reason, FaultReason::kPort);
    EXPECT_EQ(status.last_fault.at.since_zero(), plan[failing].at);
  }
}

TEST(VirtualDevice, AfterASkipDuringRefillThreeNothingOfThePhaseFires) {
  Draft draft;
  const std::uint8_t first = draft.add_switch();
  const std::uint8_t second = draft.add_switch();
  draft.add_stage().parts = {testing::pulses(first, kNoOutput, {}, 801, {{millis(1), millis(1)}})};
  draft.add_stage().parts = {testing::span(second, millis(5), millis(7))};
  const Built built{draft};
  ASSERT_TRUE(built.ok()) << built.diagnostics().text();
  World world;
  Player player{world, built.timeline()};
  ASSERT_EQ(player.start(), Status::kOk);
  Engine& engine = player.engine.engine();
  while (engine.status(player.clock.now()).refills < 3) ASSERT_TRUE(world.step());
  const std::size_t before = player.bank.changes().size();
  const Micros skipped = player.clock.now().since_zero();
  ASSERT_EQ(player.device.command([](Engine& e, LocalTime now) { return e.skip_phase(now); }),
            Status::kOk);
  world.run();
  std::vector<Change> after{player.bank.changes().begin() + static_cast<long>(before),
                            player.bank.changes().end()};
  if (after.front().levels == Levels{}) {
    EXPECT_EQ(after.front().at, skipped);
    after.erase(after.begin());
  }
  Levels on;
  on.on = 2;
  EXPECT_EQ(after, (std::vector<Change>{{skipped + millis(5), on}, {skipped + millis(12), {}}}));
}

TEST(VirtualDevice, EqualWorldsRunEqually) {
  std::vector<std::vector<Change>> seen;
  for (int run = 0; run < 2; ++run) {
    std::mt19937 random(23);
    World world;
    const Built built = random_program(random);
    Player a{world, built.timeline()};
    Player b{world, built.timeline(), WorldTime{Micros{-3}}, 50'000};
    ASSERT_EQ(a.start(), Status::kOk);
    ASSERT_EQ(b.start(), Status::kOk);
    for (int i = 0; i < 400; ++i) {
      world.run_until(world.now() + Micros{static_cast<std::int64_t>(random() % 3'000)});
      Player& one = random() % 2 == 0 ? a : b;
      const std::uint32_t what = random() % 4;
      static_cast<void>(one.device.command([&](Engine& e, LocalTime now) {
        if (what == 0) return e.skip_phase(now);
        if (what == 1) return e.pause(now);
        return what == 2 ? e.resume(now) : e.start(now, now);
      }));
    }
    world.run();
    seen.push_back(a.bank.changes());
    seen.push_back(b.bank.changes());
  }
  EXPECT_GT(seen[0].size() + seen[1].size(), 100U);
  EXPECT_EQ(seen[0], seen[2]);
  EXPECT_EQ(seen[1], seen[3]);
}

}  // namespace
}  // namespace takt
