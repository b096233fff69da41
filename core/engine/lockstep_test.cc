// SPDX-License-Identifier: Apache-2.0
#include "takt/core/engine/lockstep.h"

#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <memory>
#include <random>

#include "tests/support/authenticator_for_test.h"
#include "tests/support/one_program.h"
#include "tests/support/peers.h"
#include "tests/support/program.h"
#include "tests/support/rig.h"

namespace takt {
namespace {

using testing::Built;
using testing::OneProgram;
using testing::two_sides;

Bilateral random_setting(std::mt19937& random) {
  Bilateral setting;
  setting.cycle = Micros{500'000 + static_cast<std::int64_t>(random() % 1'500'000)};
  setting.duty_percent = static_cast<std::uint8_t>(10 + random() % 91);
  setting.look.intensity = static_cast<std::uint8_t>(30 + random() % 51);
  setting.alternate_direction = random() % 2 == 0;
  return setting;
}

/// Two devices with one clock, and a link that takes 2 ms. Both play both sides, so that what they
/// do can be compared.
class Two {
 public:
  explicit Two(const Built& built, std::array<bool, 2> has_program = {true, true},
               std::array<std::uint8_t, 2> sides = {0, 1})
      : built_(built), sides_(sides) {
    for (std::size_t i = 0; i < 2; ++i) {
      devices_[i] = std::make_unique<Device>(built, has_program[i]);
      start(i);
    }
  }

  void start(std::size_t i) {
    LockstepConfig config;
    config.peer.id = static_cast<std::uint32_t>(i + 1);
    config.peer.life = ++devices_[i]->lives;
    config.peer.side = sides_[i];
    config.peer.wait_for_offline = true;
    Device& device = *devices_[i];
    device.lockstep.emplace(config, device.rig.engine(), device.shelf, device.authenticator, now_);
  }
  /// Power is gone.
  void kill(std::size_t i) {
    devices_[i]->lockstep.reset();
    static_cast<void>(engine(i).stop(now_));
    devices_[i]->rig.settle();
  }

  /// From its next start on.
  void put_on(std::size_t i, std::uint8_t side) { sides_[i] = side; }

  void command(std::size_t i, const std::optional<Bilateral>& setting = {}) {
    const OneProgram& shelf = devices_[i]->shelf;
    lockstep(i).command(shelf.hash(), shelf.bytes(), setting, now_);
  }

  Lockstep& lockstep(std::size_t i) { return *devices_[i]->lockstep; }
  Engine& engine(std::size_t i) { return devices_[i]->rig.engine(); }
  sync::PeerStatus status(std::size_t i) { return lockstep(i).peer().status(now_); }
  /// The control half stands still for so long; the realtime half goes on.
  /// After it messages are read before anything is fed.
  void stall(std::size_t i, Micros time) {
    devices_[i]->stalled_until = now_ + time;
    devices_[i]->rig.stalled_until = now_ + time + kStep;
  }
  /// Nothing arrives from now on, or all again.
  void cut(bool is_cut) { is_cut_ = is_cut; }
  bool plays(std::size_t i) { return engine(i).status(now_).state == EngineState::kPlaying; }
  LocalTime now() const { return now_; }

  void run_for(Micros time) {
    for (const LocalTime end = now_ + time; now_ < end; now_ += kStep) step();
  }

  /// When each pulse of the left motor began, and how strong it was.
  struct Pulse {
    Micros at;
    std::uint16_t level = 0;
  };
  std::vector<Pulse> pulses(std::size_t i, LocalTime from) {
    const SideOutputs& left = built_.program().pattern->sides[0];
    const std::uint8_t drive = built_.program().outputs[left.drive].channel;
    std::vector<Pulse> all;
    bool was_on = false;
    for (const testing::Change& change : devices_[i]->rig.changes()) {
      const bool on = change.levels.is_on(left.motor);
      if (on && !was_on && change.at >= from.since_zero()) {
        all.push_back({change.at, change.levels.analog[drive]});
      }
      was_on = on;
    }
    return all;
  }

 private:
  static constexpr Micros kStep = millis(2);

  struct Device {
    Device(const Built& built, bool has_program)
        : rig(built.program(), Window::kDefaultFrames, millis(20)),
          shelf(built.timeline(), has_program) {}

    testing::Rig rig;
    OneProgram shelf;
    sync::AuthenticatorForTest authenticator;
    std::optional<Lockstep> lockstep;
    std::uint32_t lives = 0;
    LocalTime stalled_until;
    struct Coming {
      LocalTime at;
      sync::Datagram datagram;
    };
    std::deque<Coming> inbox;
  };

  void step() {
    for (std::size_t i = 0; i < 2; ++i) {
      Device& device = *devices_[i];
      if (now_ < device.stalled_until) {
        device.rig.run_until(now_ + kStep);
        continue;
      }
      for (; !device.inbox.empty() && device.inbox.front().at <= now_; device.inbox.pop_front()) {
        if (device.lockstep) {
          device.lockstep->receive(device.inbox.front().datagram.view(), now_, now_);
        }
      }
      if (device.lockstep) {
        sync::drain(*device.lockstep, now_, [this, i](const sync::Datagram& datagram) {
          if (!is_cut_) devices_[1 - i]->inbox.push_back({now_ + kStep, datagram});
        });
        device.rig.settle();
      }
      device.rig.run_until(now_ + kStep);
    }
  }

  const Built& built_;
  std::array<std::uint8_t, 2> sides_;
  std::array<std::unique_ptr<Device>, 2> devices_;
  LocalTime now_;
  bool is_cut_ = false;
};

/// The same pulses at the same times, as far as the link lets both know those.
void expect_equal(const std::vector<Two::Pulse>& one, const std::vector<Two::Pulse>& other) {
  ASSERT_EQ(one.size(), other.size());
  for (std::size_t i = 0; i < one.size(); ++i) {
    ASSERT_LE(std::abs((one[i].at - other[i].at).count()), 3'000) << "pulse " << i;
    ASSERT_EQ(one[i].level, other[i].level) << "pulse " << i;
  }
}

TEST(Lockstep, SettingsSurviveTheWayThroughAPlan) {
  std::mt19937 random{1};
  for (int i = 0; i < 1'000; ++i) {
    const SharedSetting shared{random_setting(random),
                               Micros{static_cast<std::int64_t>(random()) - 0x8000'0000}};
    EXPECT_EQ(shared_setting_of(parameters_of(shared)), shared);
  }
  EXPECT_EQ(shared_setting_of({}), std::nullopt);
}

TEST(Lockstep, WhoJoinsLatePlaysTheSamePulsesAndEndsWithTheOther) {
  testing::Draft draft = two_sides();
  draft.pattern->length = seconds(40);
  const Built built{draft};
  for (unsigned seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random{seed};
    Two two{built};
    two.run_for(seconds(4));
    two.command(0, random_setting(random));
    two.run_for(seconds(2));
    ASSERT_TRUE(two.plays(0) && two.plays(1));
    const LocalTime end =
        two.lockstep(0).peer().clock().local_at(two.lockstep(0).playing().epoch + seconds(40));
    for (int change = 0; change < 3; ++change) {
      two.run_for(millis(3'000 + random() % 3'000));
      two.command(random() % 2, random_setting(random));
    }
    two.run_for(seconds(4));
    const std::size_t victim = random() % 2;
    two.kill(victim);
    two.run_for(millis(random() % 3'000));
    two.start(victim);
    two.run_for(seconds(6));
    ASSERT_TRUE(two.plays(0) && two.plays(1));
    const LocalTime joined = two.now();
    two.run_for(seconds(40));
    EXPECT_FALSE(two.plays(0) || two.plays(1));
    const auto one = two.pulses(0, joined);
    const auto other = two.pulses(1, joined);
    ASSERT_GT(one.size(), 2U);
    ASSERT_EQ(one.size(), other.size());
    EXPECT_LT(one.back().at, end.since_zero());
    EXPECT_GT(one.back().at, end.since_zero() - seconds(4));
    ASSERT_NO_FATAL_FAILURE(expect_equal(one, other));
    // Over is over: nobody begins anew.
    EXPECT_EQ(two.status(0).revision, two.status(1).revision);
    EXPECT_EQ(two.lockstep(0).peer().desire(two.now()).reason, sync::Reason::kStopped);
  }
}

// A stall over the instant at which a change takes effect, with the next change asked for
// meanwhile.
TEST(Lockstep, AChangeThatIsFedLateIsNotLostToTheNextOne) {
  const Built built{two_sides()};
  for (unsigned seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random{seed};
    // Cycles that have boundaries in common: elsewhere a change that is lost is noticed at once.
    const auto whole = [&random] {
      Bilateral setting = random_setting(random);
      setting.cycle = millis(500) * static_cast<int>(1 + random() % 4);
      return setting;
    };
    Two two{built};
    two.run_for(seconds(4));
    two.command(0, whole());
    two.run_for(seconds(4));
    two.command(0, whole());
    two.run_for(millis(30));
    ASSERT_EQ(two.lockstep(1).playing().revision, 2U);
    const LocalTime effective =
        two.lockstep(1).peer().clock().local_at(two.lockstep(1).playing().effective);
    two.run_for(effective - two.now() - EngineConfig{}.look_ahead - millis(4 + random() % 100));
    two.command(0, whole());  // To be proposed as soon as this one is in effect.
    two.stall(1, effective - two.now() + millis(random() % 20));
    two.run_for(seconds(6));
    const LocalTime from = two.now();
    two.run_for(seconds(8));
    const auto one = two.pulses(0, from);
    const auto other = two.pulses(1, from);
    ASSERT_GT(one.size(), 2U);
    ASSERT_NO_FATAL_FAILURE(expect_equal(one, other));
  }
}

TEST(Lockstep, AProgramThatOnlyOneHasReachesTheOtherWhoeverAsksForIt) {
  const Built built{two_sides()};
  for (const std::size_t owner : {0U, 1U}) {
    Two two{built, {owner == 0, owner == 1}};
    two.run_for(seconds(4));
    two.command(owner);
    two.run_for(seconds(4));
    EXPECT_TRUE(two.plays(0) && two.plays(1)) << "of device " << owner;
  }
}

TEST(Lockstep, AProgramThatNobodyHasIsRefusedBySaying) {
  const Built built{two_sides()};
  Two two{built, {false, false}};
  two.run_for(seconds(4));
  two.command(0);
  two.run_for(seconds(1));
  EXPECT_EQ(two.status(0).command, sync::Reason::kNoProgram);
  two.command(1);
  two.run_for(seconds(40));
  EXPECT_EQ(two.status(1).command, sync::Reason::kNoProgram);
}

TEST(Lockstep, WhileAnEmergencyStopHoldsNobodyStarts) {
  const Built built{two_sides()};
  Two two{built};
  two.run_for(seconds(4));
  two.command(0);
  two.run_for(seconds(3));
  ASSERT_TRUE(two.plays(0) && two.plays(1));
  two.lockstep(1).emergency_stop(two.now());
  two.run_for(millis(20));
  EXPECT_FALSE(two.plays(0) || two.plays(1));
  two.command(0);
  two.run_for(seconds(3));
  EXPECT_EQ(two.status(0).command, sync::Reason::kHeld);
  EXPECT_FALSE(two.plays(0) || two.plays(1));
  two.lockstep(1).release();
  two.run_for(seconds(3));
  EXPECT_FALSE(two.plays(0) || two.plays(1)) << "nothing begins by itself";
  two.command(0);
  two.run_for(seconds(3));
  EXPECT_TRUE(two.plays(0) && two.plays(1));
}

TEST(Lockstep, SilenceEndsWithAHalfAndAStopDuringItAtOnce) {
  const Built built{two_sides()};
  for (const bool stopped : {false, true}) {
    SCOPED_TRACE(stopped);
    Two two{built};
    two.run_for(seconds(4));
    two.command(0);
    two.run_for(seconds(3));
    ASSERT_TRUE(two.plays(0) && two.plays(1));
    two.cut(true);
    while (two.lockstep(1).peer().desire(two.now()).play) two.run_for(millis(2));
    two.run_for(millis(4));
    ASSERT_TRUE(two.plays(1)) << "until its half is over";
    if (stopped) two.lockstep(0).stop(two.now());
    two.cut(false);
    two.run_for(millis(10));
    EXPECT_EQ(two.plays(1), !stopped);
    two.run_for(seconds(1));
    EXPECT_FALSE(two.plays(0) || two.plays(1));
    const auto reason = stopped ? sync::Reason::kStopped : sync::Reason::kHoldover;
    EXPECT_EQ(two.lockstep(1).peer().desire(two.now()).reason, reason);
  }
}

/// A pattern whose sides exclude each other, or take turns by chance.
testing::Draft pattern(bool exclusive) {
  Segment segment;
  segment.rate_mhz = 1'000;
  segment.duty_percent = 50;
  segment.look = {60, 20, 0};
  testing::Draft draft = two_sides();
  draft.segments = {segment};
  draft.pattern->score.exclusive = exclusive;
  draft.pattern->score.length = draft.pattern->length;
  return draft;
}

TEST(Lockstep, OneSideIsPlayedByAllOnlyWhereSidesDoNotExcludeEachOther) {
  for (const bool exclusive : {true, false}) {
    const Built built{pattern(exclusive)};
    for (const unsigned which : {0U, 1U, 2U, 3U}) {
      const std::size_t orders = which % 2;
      const auto side = static_cast<std::uint8_t>(which / 2);
      SCOPED_TRACE(which);
      Two two{built, {orders == 0, orders == 1}, {side, side}};
      two.run_for(seconds(4));
      two.command(orders);
      two.run_for(seconds(6));
      EXPECT_EQ(two.plays(0), !exclusive);
      EXPECT_EQ(two.plays(1), !exclusive);
      EXPECT_FALSE(two.status(orders).command_pending);
      EXPECT_EQ(two.status(orders).command,
                exclusive ? sync::Reason::kSameSide : sync::Reason::kNone);
    }
  }
}

TEST(Lockstep, WhoComesBackWithTheSideOfTheOtherStaysSilentAndTheOtherGoesOn) {
  const Built built{two_sides()};
  for (const std::size_t newcomer : {0U, 1U}) {
    SCOPED_TRACE(newcomer);
    const std::size_t other = 1 - newcomer;
    Two two{built};
    two.run_for(seconds(4));
    two.command(0);
    two.run_for(seconds(3));
    ASSERT_TRUE(two.plays(0) && two.plays(1));
    two.kill(newcomer);
    two.put_on(newcomer, static_cast<std::uint8_t>(other));
    two.start(newcomer);
    // Longer than a device plays on alone.
    for (int second = 0; second < 200; ++second) {
      two.run_for(seconds(1));
      ASSERT_TRUE(two.plays(other));
      ASSERT_FALSE(two.plays(newcomer));
    }
    EXPECT_EQ(two.lockstep(newcomer).reason(two.now()), sync::Reason::kSameSide);
    EXPECT_EQ(two.lockstep(other).reason(two.now()), sync::Reason::kNone);
    two.command(other);
    two.run_for(seconds(2));
    EXPECT_EQ(two.status(other).command, sync::Reason::kSameSide) << "nothing changes";
    two.cut(true);
    two.run_for(seconds(60));
    EXPECT_FALSE(two.plays(newcomer)) << "the other may be playing on";
    two.cut(false);
    two.kill(newcomer);
    two.put_on(newcomer, static_cast<std::uint8_t>(newcomer));
    two.start(newcomer);
    two.run_for(seconds(6));
    EXPECT_TRUE(two.plays(0) && two.plays(1));
  }
}

TEST(Lockstep, TwoThatComeBackToOnePlanOnOneSideBothStaySilent) {
  const Built built{two_sides()};
  Two two{built};
  two.run_for(seconds(4));
  two.command(0);
  two.run_for(seconds(3));
  two.kill(1);
  two.put_on(1, 0);
  two.start(1);
  two.run_for(seconds(6));
  ASSERT_TRUE(two.plays(0));
  two.kill(0);
  two.start(0);
  two.run_for(seconds(60));
  EXPECT_FALSE(two.plays(0) || two.plays(1));
}

TEST(Lockstep, WhatTheLeaderProposesIsNotAcceptedOnItsSide) {
  for (const bool exclusive : {true, false}) {
    const Built built{pattern(exclusive)};
    testing::Rig rig{built.program(), Window::kDefaultFrames, millis(20)};
    OneProgram shelf{built.timeline(), true};
    sync::AuthenticatorForTest authenticator;
    sync::HostForTest host;
    host.programs[shelf.hash()] = {};
    sync::PeerConfig config;
    config.id = config.life = 1;
    LocalTime now;
    sync::Peer leader{config, authenticator, host, now};
    config.id = 2;
    Lockstep follower{{config, {}, {}}, rig.engine(), shelf, authenticator, now};
    const auto to = [&now](auto& other) {
      return [&](const sync::Datagram& datagram) { other.receive(datagram.view(), now, now); };
    };
    const auto run_for = [&](Micros time) {
      for (const LocalTime end = now + time; now < end; now += millis(2)) {
        sync::drain(leader, now, to(follower));
        sync::drain(follower, now, to(leader));
        rig.settle();
        rig.run_until(now + millis(2));
      }
    };
    run_for(seconds(4));
    sync::Plan plan;
    plan.program = shelf.hash();
    plan.program_bytes = shelf.bytes();
    leader.command(plan, now);
    run_for(seconds(4));
    const sync::PeerStatus status = leader.status(now);
    EXPECT_EQ(status.role, sync::Role::kLeading);
    EXPECT_EQ(status.command, exclusive ? sync::Reason::kSameSide : sync::Reason::kNone);
    EXPECT_EQ(follower.playing().revision != 0, !exclusive);
  }
}

TEST(Lockstep, OnlySidesThatExcludeEachOtherLoseAllThatTheClockMayBeWrongBy) {
  for (const bool exclusive : {true, false}) {
    const Built built{pattern(exclusive)};
    Two two{built};
    two.run_for(seconds(8));
    two.command(0);
    two.run_for(seconds(8));
    const LocalTime from = two.now();
    two.run_for(seconds(10));
    const auto leader = two.pulses(0, from);
    const auto follower = two.pulses(1, from);
    ASSERT_GT(follower.size(), 5U);
    // The link takes 2 ms, which the follower cannot tell from 0 and 4.
    const Micros apart = (follower[2].at - leader[2].at + millis(500)) % seconds(1) - millis(500);
    EXPECT_EQ(apart > millis(1), exclusive) << apart.count();
    EXPECT_GT(apart, Micros{-500});
  }
}

}  // namespace
}  // namespace takt
