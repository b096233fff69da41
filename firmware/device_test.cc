// SPDX-License-Identifier: Apache-2.0
#include "takt/firmware/device.h"

#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include "tests/support/device_rig.h"
#include "tests/support/oracle.h"
#include "tests/support/program.h"

namespace takt {
namespace {

using firmware::Device;
using firmware::DeviceConfig;
using testing::Built;
using testing::Change;
using testing::DeviceRig;
using testing::Draft;
using testing::expand;
using Kind = Command::Kind;

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

/// A board that takes the random programs, whose edges come in crowds.
const Board& quick(std::string_view name = "esp32-c3") {
  static std::deque<Board> boards;
  boards.push_back(*find_board(name));
  boards.back().refill_latency = {};
  return boards.back();
}

/// On for 1 ms in every 2 ms, in a single phase.
Built blinking(std::uint32_t times) {
  Draft draft;
  const std::uint8_t output = draft.add_switch();
  draft.add_stage().parts = {
      testing::pulses(output, kNoOutput, {}, times, {{millis(1), millis(1)}})};
  return Built{draft};
}

SettingWish cycle_of(Micros cycle) {
  SettingWish wish;
  wish.cycle = cycle;
  return wish;
}

TEST(Device, ManyPlayTheirProgramsAtOnceEachByItsOwnClock) {
  constexpr unsigned kSeed = 17;
  constexpr int kDevices = 40;
  std::mt19937 random(kSeed);
  World world;
  std::deque<Built> programs;
  std::deque<DeviceRig> rigs;
  for (int i = 0; i < kDevices; ++i) {
    programs.push_back(random_program(random));
    // Slow ones show every microsecond, so each change falls on its own.
    const auto ppb = -static_cast<std::int32_t>(random() % 200'000);
    rigs.emplace_back(world, quick(), WorldTime{Micros{-i}}, i % 2 == 0 ? 0 : ppb);
    ASSERT_EQ(rigs[i].device.boot(), Status::kOk) << rigs[i].ports.printed();
    ASSERT_EQ(rigs[i].load(programs[i].program()), Status::kOk) << rigs[i].ports.printed();
  }
  for (DeviceRig& rig : rigs) ASSERT_EQ(rig.order(Kind::kPlay).status, Status::kOk);
  for (int i = 0; i < kDevices; ++i) {
    ASSERT_TRUE(rigs[i].run_to_end());
    EXPECT_EQ(rigs[i].shown().end, PlayerSnapshot::End::kFinished);
    EXPECT_EQ(rigs[i].ports.bank.changes(),
              shifted(expand(programs[i].program()), rigs[i].shown().began.since_zero()))
        << "seed " << kSeed << ", program " << i;
  }
}

TEST(Device, APortErrorInOneFrameIsReportedAndAllOtherFramesHappen) {
  const Built built = blinking(500);
  const std::vector<Change> plan = expand(built.program());
  for (const std::size_t failing : {std::size_t{0}, std::size_t{400}, plan.size() - 1}) {
    World world;
    DeviceRig rig{world};
    rig.ports.bank.failing_call = failing;
    ASSERT_EQ(rig.device.boot(), Status::kOk);
    ASSERT_EQ(rig.load(built.program()), Status::kOk);
    ASSERT_EQ(rig.order(Kind::kPlay).status, Status::kOk);
    ASSERT_TRUE(rig.run_to_end());
    rig.run_for(millis(10));
    // The retry makes up for the frame, at the latest together with the next.
    std::vector<Change> expected = plan;
    expected[failing].at += RealtimeHalf::kFirstRetry;
    if (failing + 1 < plan.size()) expected.erase(expected.begin() + static_cast<long>(failing));
    EXPECT_EQ(rig.ports.bank.changes(), shifted(expected, rig.shown().began.since_zero()));
    EXPECT_EQ(rig.shown().end, PlayerSnapshot::End::kFinished);
    EXPECT_EQ(rig.shown().faults, 1U);
    Incident incident;
    ASSERT_TRUE(rig.device.take(incident));
    EXPECT_EQ(incident.kind, Incident::Kind::kFault);
    EXPECT_EQ(incident.at - rig.shown().began, plan[failing].at);
  }
}

TEST(Device, AfterASkipDuringRefillThreeNothingOfThePhaseFires) {
  Draft draft;
  const std::uint8_t first = draft.add_switch();
  const std::uint8_t second = draft.add_switch();
  draft.add_stage().parts = {testing::pulses(first, kNoOutput, {}, 801, {{millis(1), millis(1)}})};
  draft.add_stage().parts = {testing::span(second, millis(5), millis(7))};
  const Built built{draft};
  ASSERT_TRUE(built.ok()) << built.diagnostics().text();
  World world;
  DeviceRig rig{world};
  ASSERT_EQ(rig.device.boot(), Status::kOk);
  ASSERT_EQ(rig.load(built.program()), Status::kOk);
  ASSERT_EQ(rig.order(Kind::kPlay).status, Status::kOk);
  rig.ports.run_until([&] { return rig.device.engine().status(rig.now()).refills >= 3; });
  const std::size_t before = rig.ports.bank.changes().size();
  const Micros skipped = rig.now().since_zero();
  ASSERT_EQ(rig.order(Kind::kSkip).status, Status::kOk);
  ASSERT_TRUE(rig.run_to_end());
  std::vector<Change> after{rig.ports.bank.changes().begin() + static_cast<long>(before),
                            rig.ports.bank.changes().end()};
  if (after.front().levels == Levels{}) {
    EXPECT_EQ(after.front().at, skipped);
    after.erase(after.begin());
  }
  Levels on;
  on.on = 2;
  EXPECT_EQ(after, (std::vector<Change>{{skipped + millis(5), on}, {skipped + millis(12), {}}}));
}

TEST(Device, EqualWorldsRunEqually) {
  constexpr std::array kKinds{Kind::kSkip, Kind::kPause, Kind::kResume, Kind::kPlay, Kind::kStop};
  std::vector<std::vector<Change>> seen;
  for (int run = 0; run < 2; ++run) {
    std::mt19937 random(23);
    World world;
    const Built built = random_program(random);
    DeviceRig a{world, quick()};
    DeviceRig b{world, quick(), WorldTime{Micros{-3}}, 50'000};
    for (DeviceRig* const rig : {&a, &b}) {
      ASSERT_EQ(rig->device.boot(), Status::kOk);
      ASSERT_EQ(rig->load(built.program()), Status::kOk);
      ASSERT_EQ(rig->order(Kind::kPlay).status, Status::kOk);
    }
    for (int i = 0; i < 200; ++i) {
      DeviceRig& one = random() % 2 == 0 ? a : b;
      one.run_for(Micros{static_cast<std::int64_t>(random() % 3'000)});
      static_cast<void>(one.order(kKinds[random() % kKinds.size()]));
    }
    seen.push_back(a.ports.bank.changes());
    seen.push_back(b.ports.bank.changes());
  }
  EXPECT_GT(seen[0].size() + seen[1].size(), 100U);
  EXPECT_EQ(seen[0], seen[2]);
  EXPECT_EQ(seen[1], seen[3]);
}

TEST(Device, AnswersEveryCommandAndSaysWhyNot) {
  World world;
  DeviceRig rig{world};
  ASSERT_EQ(rig.device.boot(), Status::kOk);
  EXPECT_EQ(rig.order(Kind::kPlay).status, Status::kNotLoaded);
  EXPECT_EQ(rig.order(Kind::kPlay).reason.view(), "there is no program");
  ASSERT_EQ(rig.load(blinking(500).program()), Status::kOk);
  for (const Kind kind : {Kind::kStop, Kind::kPause, Kind::kSkip, Kind::kSkipTo, Kind::kSet}) {
    EXPECT_EQ(rig.order(kind).reason.view(), "nothing plays");
  }
  ASSERT_EQ(rig.order(Kind::kPlay).status, Status::kOk);
  EXPECT_EQ(rig.order(Kind::kPlay).reason.view(), "it plays already; stop it first");
  EXPECT_EQ(rig.order(Kind::kResume).reason.view(), "nothing is paused");
  EXPECT_EQ(rig.order(Kind::kSkipTo, {}, 7).reason.view(), "this program has no such phase");
  EXPECT_EQ(rig.order(Kind::kPlay, cycle_of(seconds(1))).status, Status::kUnsupported);
  EXPECT_EQ(rig.order(Kind::kPause).status, Status::kOk);
  EXPECT_EQ(rig.shown().state, PlayerSnapshot::State::kPaused);
  EXPECT_EQ(rig.order(Kind::kPlay).reason.view(), "it is paused; resume or stop it");
  EXPECT_EQ(rig.order(Kind::kResume).status, Status::kOk);
  EXPECT_EQ(rig.order(Kind::kEmergencyStop).status, Status::kOk);
  EXPECT_TRUE(rig.shown().held);
  EXPECT_EQ(rig.order(Kind::kPlay).reason.view(), "an emergency stop holds; release it first");
  EXPECT_EQ(rig.order(Kind::kRelease).status, Status::kOk);
  EXPECT_EQ(rig.order(Kind::kPlay).status, Status::kOk);
  EXPECT_EQ(rig.order(Kind::kStop).status, Status::kOk);
  EXPECT_EQ(rig.shown().end, PlayerSnapshot::End::kStopped);
}

TEST(Device, ChangesTheSettingOfASessionThatItPlaysAlone) {
  World world;
  DeviceRig rig{world};
  ASSERT_EQ(rig.device.boot(), Status::kOk);
  const Built built{testing::two_sides()};
  ASSERT_EQ(rig.load(built.program()), Status::kOk);
  EXPECT_EQ(rig.order(Kind::kPlay, cycle_of(millis(1))).status, Status::kOutOfRange);
  ASSERT_EQ(rig.order(Kind::kPlay, cycle_of(millis(600))).status, Status::kOk);
  rig.run_for(seconds(12));
  const std::uint64_t before = rig.device.engine().status(rig.now()).edges;
  ASSERT_EQ(rig.order(Kind::kSet, cycle_of(millis(1'200))).status, Status::kOk);
  rig.run_for(seconds(12));
  const std::uint64_t after = rig.device.engine().status(rig.now()).edges - before;
  EXPECT_NEAR(static_cast<double>(before), 2.0 * static_cast<double>(after),
              0.1 * static_cast<double>(before));
}

TEST(Device, AnEmergencyStopNeedsNoRoomOnTheBus) {
  World world;
  DeviceRig rig{world};
  ASSERT_EQ(rig.device.boot(), Status::kOk);
  ASSERT_EQ(rig.load(blinking(5'000).program()), Status::kOk);
  ASSERT_EQ(rig.order(Kind::kPlay).status, Status::kOk);
  rig.ports.run_until([&] { return rig.ports.bank.changes().size() == 7; });
  std::deque<bus::Loan<Command>> all;
  for (;;) {
    Result<bus::Loan<Command>> loan = rig.device.bus().try_alloc(kCommands, bus::kNobody);
    if (!loan.ok()) break;
    all.push_back(std::move(loan.value()));
  }
  rig.device.emergency_stop();
  rig.run_for(millis(5));
  EXPECT_EQ(rig.ports.bank.changes().size(), 8U);
  EXPECT_EQ(rig.ports.bank.changes().back().levels, Levels{});
}

/// Ports whose services' task hangs from the beginning.
class HangingPorts final : public testing::RecordingPorts {
 public:
  using RecordingPorts::RecordingPorts;
  Runner* services() override { return &hangs_; }

 private:
  class Hanging final : public Runner {
   public:
    Status start(Work& /*work*/) override { return Status::kOk; }
    void wake() override {}
    void stop() override {}
  };
  Hanging hangs_;
};

TEST(Device, ServicesThatHangMoveNoEdge) {
  struct Deaf final : bus::Module {
    void process(const bus::Message& /*message*/) override {}
  } deaf;
  constexpr std::array kQueues{
      firmware::Listening{bus::QueueOptions::stream(2), firmware::listen_to<kPlayer>},
      firmware::Listening{{.depth = 2}, firmware::listen_to<kReadings>}};
  const std::array services{firmware::Service{&deaf, {.name = "deaf"}, kQueues}};
  World world;
  HangingPorts ports{world, *find_board("esp32-c3")};
  DeviceConfig config;
  config.board = find_board("esp32-c3");
  config.services = services;
  Device device{ports, config};
  ASSERT_EQ(device.boot(), Status::kOk) << ports.printed();
  const Built built = blinking(3'000);
  ASSERT_EQ(device.load(testing::compiled(built.program())), Status::kOk);
  Command play;
  play.kind = Kind::kPlay;
  ASSERT_EQ(device.submit(play), Status::kOk);
  PlayerSnapshot shown;
  ports.run_until([&] { return device.take(shown) && shown.end != PlayerSnapshot::End::kNone; });
  EXPECT_EQ(ports.bank.changes(), shifted(expand(built.program()), shown.began.since_zero()));
}

TEST(Device, LoadsTheNextProgramWhileOnePlays) {
  World world;
  DeviceRig rig{world};
  ASSERT_EQ(rig.device.boot(), Status::kOk);
  std::vector<Change> expected;
  for (const std::uint32_t times : {300U, 200U, 100U}) {
    const Built built = blinking(times);
    ASSERT_EQ(rig.load(built.program()), Status::kOk) << times;
    ASSERT_TRUE(expected.empty() || rig.run_to_end());
    ASSERT_EQ(rig.order(Kind::kPlay).status, Status::kOk);
    for (const Change& change : shifted(expand(built.program()), rig.shown().began.since_zero())) {
      expected.push_back(change);
    }
    rig.run_for(millis(50));
  }
  ASSERT_TRUE(rig.run_to_end());
  EXPECT_EQ(rig.ports.bank.changes(), expected);
  EXPECT_EQ(rig.shown().run, 3U);
}

TEST(Device, WhatIsWrongWithAProgramIsSaidWithItsPlace) {
  World world;
  DeviceRig rig{world};
  ASSERT_EQ(rig.device.boot(), Status::kOk);
  EXPECT_NE(rig.load("{\"takt\": 1,\n \"outputs\": [{\"id\": \"a\"}],\n \"phases\": [{\"x\": 1}]}"),
            Status::kOk);
  EXPECT_NE(rig.ports.printed().find("[Program] error at /phases/0"), std::string::npos)
      << rig.ports.printed();
  EXPECT_NE(rig.ports.printed().find(" (3:"), std::string::npos);
  EXPECT_EQ(rig.order(Kind::kPlay).status, Status::kNotLoaded);
}

TEST(Device, SaysWhatMemoryHasAtBootSetupAndEveryHeartbeat) {
  World world;
  DeviceRig rig{world, *find_board("jc3636w518")};
  ASSERT_EQ(rig.device.boot(), Status::kOk);
  rig.run_for(seconds(121));
  const std::string& said = rig.ports.printed();
  EXPECT_EQ(said.find("[Mem] boot hf="), 0U);
  EXPECT_NE(said.find("\n[Bus] pool entries=20 payload="), std::string::npos) << said;
  EXPECT_NE(said.find(" region=psram\n"), std::string::npos) << said;
  EXPECT_NE(said.find("\n[Mem] setup hf="), std::string::npos);
  const std::size_t first = said.find("\n[Mem] hb hf=");
  ASSERT_NE(first, std::string::npos);
  EXPECT_NE(said.find("\n[Mem] hb hf=", first + 1), std::string::npos);
}

TEST(Device, ABootWithoutRoomSaysHowManyBytesWereLacking) {
  constexpr std::array kRegions{
      RegionSpec{"sram", RegionKind::kInternal, true, std::size_t{8} * 1024}};
  Board small = *find_board("mps2-an385");
  small.regions = kRegions;
  small.tasks = {};
  World world;
  testing::RecordingPorts ports{world, small};
  DeviceConfig config;
  config.board = &small;
  Device device{ports, config};
  EXPECT_EQ(device.boot(), Status::kNoMemory);
  const std::string& said = ports.printed();
  EXPECT_NE(said.find("[Boot] no room for "), std::string::npos) << said;
  EXPECT_NE(said.find(" B are lacking\n"), std::string::npos) << said;
}

TEST(Device, FeedsTheWatchdogWhetherItPlaysOrNot) {
  World world;
  DeviceRig rig{world};
  ASSERT_EQ(rig.device.boot(), Status::kOk);
  rig.run_for(seconds(20));
  ASSERT_EQ(rig.load(blinking(5'000).program()), Status::kOk);
  ASSERT_EQ(rig.order(Kind::kPlay).status, Status::kOk);
  ASSERT_TRUE(rig.run_to_end());
  EXPECT_FALSE(rig.ports.starved());
  EXPECT_EQ(rig.device.shut_down(), Status::kOk);
  world.run_until(world.now() + seconds(3));
  EXPECT_TRUE(rig.ports.starved());
}

/// What must be as before.
struct Holdings {
  std::uint32_t blocks = 0;
  std::size_t chip = 0;
  std::size_t external = 0;
  std::uint32_t messages = 0;

  bool operator==(const Holdings&) const = default;
};

Holdings holdings_of(Device& device) {
  const MemorySnapshot free = device.memory().snapshot();
  return {device.memory().live_blocks(), free.hf, free.pf, device.pool().usage(0).in_use};
}

TEST(Device, TenThousandStartsAndStopsLeakNothing) {
  constexpr unsigned kSeed = 5;
  std::mt19937 random(kSeed);
  for (const char* const board : {"esp32-c3", "jc3636w518"}) {
    World world;
    DeviceRig rig{world, quick(board)};
    rig.ports.bank.forgets = true;
    ASSERT_EQ(rig.device.boot(), Status::kOk);
    const std::array sources{testing::compiled(blinking(500).program()),
                             testing::compiled(random_program(random).program())};
    Holdings first;
    for (int cycle = 0; cycle < 10'000; ++cycle) {
      ASSERT_EQ(rig.load(sources[cycle % 2]), Status::kOk) << cycle;
      ASSERT_EQ(rig.order(Kind::kPlay).status, Status::kOk) << cycle;
      rig.run_for(Micros{static_cast<std::int64_t>(10'000 + random() % 5'000)});
      const std::uint32_t how = random() % 4;
      if (how == 0) static_cast<void>(rig.order(Kind::kPause));
      if (how == 1) static_cast<void>(rig.order(Kind::kSkip));
      if (how == 2) static_cast<void>(rig.order(Kind::kEmergencyStop));
      if (how == 2) static_cast<void>(rig.order(Kind::kRelease));
      static_cast<void>(rig.order(Kind::kStop));
      rig.run_for(millis(3));
      Incident incident;
      while (rig.device.take(incident)) {
      }
      static_cast<void>(rig.shown());
      if (cycle == 1) first = holdings_of(rig.device);
      ASSERT_TRUE(cycle % 2 == 0 || holdings_of(rig.device) == first) << cycle;
    }
    EXPECT_TRUE(rig.device.memory().check());
    EXPECT_EQ(rig.device.shut_down(), Status::kOk);
    EXPECT_EQ(rig.device.memory().live_blocks(), 0U);
  }
}

}  // namespace
}  // namespace takt
