// SPDX-License-Identifier: Apache-2.0
#include "takt/core/sync/peer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "tests/support/peers.h"

namespace takt::sync {
namespace {

PeerConfig waiting() {
  PeerConfig config;
  config.wait_for_offline = true;
  return config;
}

class Pair : public ::testing::Test {
 protected:
  void settle() {
    program_ = net_.node(0).host.add(some_bytes(100));
    net_.node(1).host.add(some_bytes(100));
    ASSERT_TRUE(net_.run_until(
        seconds(10), [this] { return net_.peer(0).settled() && net_.peer(1).settled(); }));
  }
  void play() {
    settle();
    net_.command(0, with(program_));
    net_.run_for(seconds(3));
    ASSERT_TRUE(net_.desire(0).play && net_.desire(1).play);
  }
  bool same() { return net_.desire(0) == net_.desire(1); }
  std::uint32_t revision(std::size_t i) { return net_.status(i).revision; }

  Net net_{2, waiting()};
  ProgramHash program_ = 0;
};

TEST_F(Pair, TheSmallerNumberLeadsAndBothKnow) {
  settle();
  EXPECT_EQ(net_.status(0).role, Role::kLeading);
  EXPECT_EQ(net_.status(1).role, Role::kFollowing);
  EXPECT_EQ(net_.status(1).leader, 1U);
  EXPECT_EQ(net_.status(0).term, net_.status(1).term);
}

TEST_F(Pair, AStartHasOneEpochInTheFutureOfBoth) {
  settle();
  net_.command(1, with(program_));
  ASSERT_TRUE(net_.run_until(net_.now() + seconds(2),
                             [this] { return net_.desire(0).play && net_.desire(1).play; }));
  EXPECT_TRUE(same());
  EXPECT_GT(net_.desire(0).plan.epoch, net_.session(0));
  EXPECT_GT(net_.desire(1).plan.epoch, net_.session(1));
}

TEST_F(Pair, AgreesOnTimeWithinItsBound) {
  play();
  for (int i = 0; i < 600; ++i) {
    net_.run_for(millis(331));
    const Micros apart = net_.session(0) - net_.session(1);
    const Micros bound =
        net_.peer(0).clock().bound_at(net_.local(0)) + net_.peer(1).clock().bound_at(net_.local(1));
    ASSERT_LE(std::abs(apart.count()), bound.count() + 2);
    ASSERT_LE(std::abs(apart.count()), 60);
  }
}

TEST_F(Pair, RefusesWhatTheOtherRefusesAndSaysWhy) {
  settle();
  net_.node(1).host.verdict = Reason::kRefused;
  net_.command(0, with(program_));
  net_.run_for(seconds(3));
  EXPECT_EQ(net_.status(0).command, Reason::kRefused);
  EXPECT_EQ(revision(0), 0U);
  EXPECT_EQ(revision(1), 0U);
  net_.command(1, with(program_));
  net_.run_for(seconds(3));
  EXPECT_FALSE(net_.status(1).command_pending);
  EXPECT_EQ(net_.status(1).command, Reason::kRefused);
}

TEST_F(Pair, AStopReachesTheOtherInOneWayAndBeatsEveryPlanBefore) {
  play();
  net_.stop(1);
  EXPECT_EQ(net_.desire(1).reason, Reason::kStopped);
  net_.run_for(net_.one_way + Micros{1});
  EXPECT_EQ(net_.desire(0).reason, Reason::kStopped);
  net_.run_for(seconds(60));
  EXPECT_FALSE(net_.desire(0).play || net_.desire(1).play);
}

TEST_F(Pair, AStopAtADeviceThatHasJustRestartedStopsTheOtherToo) {
  play();
  for (const std::size_t restarted : {0U, 1U}) {
    net_.kill(restarted);
    net_.run_for(millis(50));
    net_.start(restarted);
    net_.stop(restarted);
    net_.run_for(seconds(1));
    EXPECT_EQ(net_.desire(1 - restarted).reason, Reason::kStopped);
    ASSERT_TRUE(net_.run_until(net_.now() + seconds(60), [this] {
      return net_.peer(0).settled() && net_.peer(1).settled();
    }));
    net_.command(restarted, with(program_));
    net_.run_for(seconds(5));
    ASSERT_TRUE(net_.desire(0).play && net_.desire(1).play) << "and a start is a start";
  }
}

TEST(Sides, ThatAllPlayOneIsSaidOnceAllWereMetAndWhileSomeAreAway) {
  const auto is_so = [](const std::vector<std::uint8_t>& sides) {
    Net net{sides.size(), waiting()};
    for (std::size_t i = 0; i < sides.size(); ++i) {
      EXPECT_FALSE(net.peer(i).all_on_one_side());
      net.node(i).config.side = sides[i];
      net.start(i);
    }
    net.run_for(seconds(5));
    const bool so = net.peer(0).all_on_one_side();
    for (std::size_t i = 1; i < sides.size(); ++i) {
      EXPECT_EQ(net.peer(i).all_on_one_side(), so);
      net.kill(i);
    }
    net.run_for(seconds(200));
    EXPECT_EQ(net.peer(0).all_on_one_side(), so);
    net.node(1).config.side = 2;
    net.start(1);
    net.run_for(seconds(5));
    EXPECT_FALSE(net.peer(0).all_on_one_side()) << "it is back, and plays another";
    return so;
  };
  EXPECT_TRUE(is_so({0, 0}));
  EXPECT_TRUE(is_so({1, 1}));
  EXPECT_TRUE(is_so({1, 1, 1}));
  EXPECT_FALSE(is_so({0, 1}));
  EXPECT_FALSE(is_so({0, 1, 0}));
  EXPECT_FALSE(is_so({1, 0, 0}));
}

TEST(Sides, ANamesakeThatIsAllThatIsHeardCounts) {
  for (std::uint8_t side = 0; side < 2; ++side) {
    Net net{2, waiting()};
    net.node(1).config.id = 1;
    net.node(1).config.side = side;
    net.start(1);
    net.run_for(seconds(2));
    EXPECT_EQ(net.peer(0).all_on_one_side(), side == 0);
    EXPECT_EQ(net.status(0).same_side, side == 0 ? 1U : 0U);
  }
}

TEST_F(Pair, AnotherProgramNeedsAStopFirst) {
  play();
  const ProgramHash other = net_.node(0).host.add(some_bytes(50, 2));
  net_.command(0, with(other));
  net_.run_for(seconds(2));
  EXPECT_EQ(net_.status(0).command, Reason::kBusy);
  EXPECT_EQ(net_.desire(0).plan.program, program_);
}

TEST_F(Pair, WhoLacksTheProgramGetsItInChunksAndThenBothStart) {
  settle();
  const std::vector<std::byte> bytes = some_bytes(5'000, 3);
  const ProgramHash program = net_.node(0).host.add(bytes);
  std::mt19937 random{7};
  net_.fate = [&random](std::size_t, std::size_t, const Message& message) {
    const bool chunk = message.kind == Kind::kChunk || message.kind == Kind::kAskChunk;
    return chunk && random() % 5 == 0 ? Net::Fate{} : Net::Fate{Micros{0}};
  };
  net_.command(0, with(program, 1, 5'000));
  ASSERT_TRUE(net_.run_until(net_.now() + seconds(20),
                             [this] { return net_.desire(0).play && net_.desire(1).play; }));
  EXPECT_EQ(net_.node(1).host.programs[program], bytes);
  EXPECT_EQ(net_.node(1).host.writes, 32) << "resumed where it stopped, nothing twice";
}

TEST_F(Pair, AChangeWithTheOtherAwayWaitsOrIsRefusedAsConfigured) {
  play();
  net_.kill(1);
  net_.run_for(seconds(10));
  net_.command(0, with(program_, 2));
  net_.run_for(seconds(5));
  EXPECT_TRUE(net_.status(0).command_pending);
  net_.start(1);
  ASSERT_TRUE(net_.run_until(net_.now() + seconds(15), [this] {
    return net_.desire(1).play && net_.desire(1).plan.parameters.bytes[0] == std::byte{2};
  }));
  EXPECT_TRUE(same());

  Net refusing{2};
  const ProgramHash program = refusing.node(0).host.add(some_bytes(10));
  refusing.run_for(seconds(10));
  refusing.kill(1);
  refusing.run_for(seconds(10));
  refusing.command(0, with(program));
  refusing.run_for(millis(10));
  EXPECT_FALSE(refusing.status(0).command_pending);
  EXPECT_EQ(refusing.status(0).command, Reason::kOffline);
}

TEST_F(Pair, OfCommandsFasterThanBoundariesTheLastOneCounts) {
  play();
  for (std::uint8_t i = 2; i < 50; ++i) {
    net_.command(i % 2, with(program_, i));
    net_.run_for(millis(20));
  }
  net_.run_for(seconds(6));
  EXPECT_TRUE(same());
  EXPECT_GE(std::to_integer<int>(net_.desire(0).plan.parameters.bytes[0]), 48);
  EXPECT_LT(revision(0), 10U);
}

TEST_F(Pair, AfterTheLeadersRestartTheOtherLeadsAndItJoinsWhereItWas) {
  play();
  const Desire before = net_.desire(1);
  net_.kill(0);
  net_.run_for(millis(300));
  net_.start(0);
  ASSERT_TRUE(net_.run_until(net_.now() + seconds(10), [this] { return net_.desire(0).play; }));
  EXPECT_EQ(net_.status(1).role, Role::kLeading);
  EXPECT_EQ(net_.status(0).role, Role::kFollowing);
  EXPECT_EQ(net_.desire(0).plan, before.plan);
  EXPECT_EQ(net_.desire(1).plan, before.plan);
}

TEST_F(Pair, TheLeadersSilenceIsBridgedFor30SecondsThenTheOtherLeads) {
  play();
  net_.kill(0);
  net_.run_for(seconds(29));
  EXPECT_EQ(net_.status(1).role, Role::kFollowing);
  EXPECT_TRUE(net_.desire(1).play);
  net_.run_for(seconds(2));
  EXPECT_EQ(net_.status(1).role, Role::kLeading);
  EXPECT_TRUE(net_.desire(1).play);
}

TEST_F(Pair, HoldoverEndsOnBothSidesAndTheBoundGrowsUntilThen) {
  play();
  net_.run_for(seconds(60));
  const Micros bound = net_.peer(1).clock().bound_at(net_.local(1));
  net_.fate = [](auto, auto, auto&) { return Net::Fate{}; };
  net_.run_for(seconds(115));
  EXPECT_TRUE(net_.desire(0).play && net_.desire(1).play);
  EXPECT_GT(net_.peer(1).clock().bound_at(net_.local(1)), bound + Micros{400});
  net_.run_for(seconds(10));
  EXPECT_EQ(net_.desire(0).reason, Reason::kHoldover);
  EXPECT_EQ(net_.desire(1).reason, Reason::kHoldover);
}

TEST_F(Pair, AStopOfWhatHasLapsedStillArrives) {
  play();
  for (const std::size_t stops : {0U, 1U}) {
    net_.fate = [](auto, auto, auto&) { return Net::Fate{}; };
    net_.run_for(seconds(125));
    ASSERT_EQ(net_.desire(0).reason, Reason::kHoldover);
    ASSERT_EQ(net_.desire(1).reason, Reason::kHoldover);
    net_.stop(stops);
    EXPECT_EQ(net_.desire(stops).reason, Reason::kStopped);
    net_.fate = nullptr;
    net_.run_for(seconds(2));
    EXPECT_EQ(net_.desire(1 - stops).reason, Reason::kStopped);
    net_.command(stops, with(program_));
    net_.run_for(seconds(10));
    ASSERT_TRUE(net_.desire(0).play && net_.desire(1).play);
  }
}

TEST_F(Pair, WhoIsHeardByNobodyEndsTheOtherAsSoftlyAsItself) {
  play();
  net_.fate = [](auto, std::size_t to, auto&) {
    return to == 0 ? Net::Fate{Micros{0}} : Net::Fate{};
  };
  net_.run_for(seconds(125));
  EXPECT_EQ(net_.desire(0).reason, Reason::kHoldover);
  EXPECT_EQ(net_.desire(1).reason, Reason::kHoldover);
}

TEST_F(Pair, BothRestartingRecoverWithoutAPerson) {
  play();
  net_.kill(0);
  net_.kill(1);
  net_.start(1);
  net_.run_for(millis(700));
  net_.start(0);
  ASSERT_TRUE(net_.run_until(net_.now() + seconds(10),
                             [this] { return net_.peer(0).settled() && net_.peer(1).settled(); }));
  net_.command(1, with(program_));
  net_.run_for(seconds(3));
  EXPECT_TRUE(net_.desire(0).play && same());
}

TEST_F(Pair, ARecordingOfEverythingChangesNothing) {
  play();
  net_.command(0, with(program_, 9));
  net_.run_for(seconds(3));
  net_.stop(0);
  net_.run_for(seconds(3));
  net_.command(0, with(program_, 10));
  net_.run_for(seconds(5));
  const Desire desire = net_.desire(0);
  const auto recorded = net_.heard;
  for (int life = 0; life < 2; ++life) {
    for (const auto& bytes : recorded) {
      for (std::size_t to = 0; to < 2; ++to) {
        const std::uint32_t before = net_.status(to).rejected;
        net_.inject(to, bytes);
        ASSERT_EQ(net_.status(to).rejected, before + 1);
      }
    }
    EXPECT_EQ(net_.desire(0), desire);
    net_.run_for(seconds(1));
    net_.kill(1);  // It remembers nothing of what it has heard.
    net_.start(1);
    net_.run_for(millis(100));
  }
  net_.run_for(seconds(10));
  EXPECT_TRUE(same());
}

// Any one message of a change lost, late by anything, or doubled: both change or neither, and both
// know within the time from proposal to effect and a repetition.
class OneFault : public Pair {
 protected:
  void change_with(std::size_t victim, const Net::Fate& fate) {
    net_ = Net{2, waiting()};
    play();
    const std::uint32_t before = revision(0);
    std::size_t number = 0;
    net_.fate = [&](std::size_t, std::size_t, const Message&) {
      return number++ == victim ? fate : Net::Fate{Micros{0}};
    };
    net_.command(1, with(program_, 77));
    const Micros known = net_.now() + kEspNowPace.lead * 2;
    while (net_.now() < known) {
      net_.run_for(millis(10));
      check_atomic(before, victim);
    }
    net_.fate = nullptr;
    EXPECT_EQ(revision(0), revision(1)) << "message " << victim;
    EXPECT_TRUE(net_.desire(0).play && net_.desire(1).play) << "message " << victim;
    EXPECT_EQ(net_.desire(0).until, SessionTime::max());
    EXPECT_EQ(net_.desire(1).until, SessionTime::max());
    changed_ += revision(0) > before;
  }

  /// Nobody plays the old plan while somebody plays the new.
  void check_atomic(std::uint32_t before, std::size_t victim) {
    bool old = false;
    bool young = false;
    for (std::size_t i = 0; i < 2; ++i) {
      const Desire desire = net_.desire(i);
      if (!desire.play) continue;
      const SessionTime now = net_.session(i);
      if (desire.plan.revision > before && now >= desire.plan.effective + millis(1)) young = true;
      if (desire.plan.revision == before && now < desire.until) old = true;
    }
    EXPECT_FALSE(old && young) << "message " << victim << " at " << net_.now().count();
  }

  int changed_ = 0;
};

TEST_F(OneFault, LostLeavesBothChangedOrNeither) {
  for (std::size_t victim = 0; victim < 24; ++victim) change_with(victim, {});
  EXPECT_EQ(changed_, 24) << "one loss is repaired";
}
TEST_F(OneFault, DoubledChangesNothing) {
  for (std::size_t victim = 0; victim < 24; ++victim) {
    change_with(victim, {Micros{0}, millis(30)});
  }
  EXPECT_EQ(changed_, 24);
}
TEST_F(OneFault, LateByAnythingLeavesBothChangedOrNeither) {
  for (const int late_ms : {3, 40, 400, 900, 1'500}) {
    for (std::size_t victim = 0; victim < 24; ++victim) change_with(victim, {millis(late_ms)});
  }
}

TEST_F(OneFault, EveryLossBehindTheVoteEndsInSilenceNotInTwoPlans) {
  play();
  const std::uint32_t before = revision(0);
  bool cut = false;
  net_.fate = [&cut](std::size_t from, std::size_t, const Message& message) {
    cut = cut || message.kind == Kind::kVote;
    return cut && from == 0 ? Net::Fate{} : Net::Fate{Micros{0}};
  };
  net_.command(0, with(program_, 5));
  bool warned = false;
  for (int i = 0; i < 1'000; ++i) {
    net_.run_for(millis(10));
    check_atomic(before, 0);
    warned = warned || (net_.desire(1).play && net_.desire(1).until > net_.session(1) &&
                        net_.desire(1).until < net_.session(1) + kEspNowPace.lead * 2);
  }
  EXPECT_TRUE(warned) << "an engine has to know ahead where it may have to end";
  EXPECT_EQ(net_.desire(1).reason, Reason::kInDoubt);
  net_.fate = nullptr;
  net_.run_for(seconds(3));
  EXPECT_TRUE(same() && net_.desire(0).play);
}

TEST_F(Pair, AClockThatStepsIsLostAndThatIsCountedAndThenSettlesAgain) {
  play();
  EXPECT_EQ(net_.status(1).losses, 0U);
  net_.node(1).offset += seconds(2);
  net_.run_for(seconds(60));
  EXPECT_GT(net_.status(1).losses, 0U);
  EXPECT_EQ(net_.status(0).losses, 0U);
  EXPECT_TRUE(net_.desire(0).play && same());
}

/// What one peer returns until its deadline, as letters: news, datagram, end.
std::string round_of(Peer& peer, LocalTime now) {
  std::string letters;
  while (letters.empty() || letters.back() != 'e') {
    letters += "nde"[static_cast<std::size_t>(peer.poll(now).kind)];
  }
  return letters;
}

TEST_F(Pair, ARoundIsNewsThenWhatIsOwedThenTheDeadline) {
  settle();
  net_.run_for(millis(100));
  const LocalTime now = net_.local(0);
  EXPECT_EQ(round_of(net_.peer(0), now), "ne") << "nothing was due";
  net_.peer(0).command(with(program_), now);
  EXPECT_EQ(round_of(net_.peer(0), now), "nde") << "the proposal";
  EXPECT_EQ(round_of(net_.peer(0), now), "ne") << "said once";
}

TEST_F(Pair, WhatIsToldInTheMiddleOfARoundBeginsAnotherButAStopIsSaidInThisOne) {
  play();
  const LocalTime now = net_.local(0);
  round_of(net_.peer(0), now);
  ASSERT_EQ(net_.peer(0).poll(now).kind, Output::Kind::kNews);
  net_.peer(0).receive({}, now, now);
  EXPECT_EQ(round_of(net_.peer(0), now), "ne");
  ASSERT_EQ(net_.peer(0).poll(now).kind, Output::Kind::kNews);
  net_.peer(0).command(with(program_, 2), now);
  EXPECT_EQ(round_of(net_.peer(0), now), "nde");
  ASSERT_EQ(net_.peer(0).poll(now).kind, Output::Kind::kNews);
  net_.peer(0).stop(now);
  EXPECT_EQ(round_of(net_.peer(0), now), "de");
}

TEST(Peers, FiveAgreeUnderLossesAndKeepTheirSides) {
  Net net{5, waiting()};
  ProgramHash program = 0;
  for (std::size_t i = 0; i < 5; ++i) program = net.node(i).host.add(some_bytes(100));
  std::mt19937 random{3};
  net.fate = [&random](auto, auto, auto&) {
    return random() % 20 == 0 ? Net::Fate{} : Net::Fate{Micros{static_cast<int>(random() % 900)}};
  };
  net.command(3, with(program));
  const auto all_play = [&net](std::byte parameter) {
    for (std::size_t i = 0; i < 5; ++i) {
      const Desire desire = net.desire(i);
      if (!desire.play || desire.plan.parameters.bytes[0] != parameter) return false;
    }
    return true;
  };
  ASSERT_TRUE(net.run_until(seconds(30), [&] { return all_play(std::byte{1}); }));
  net.command(4, with(program, 2));
  ASSERT_TRUE(net.run_until(seconds(60), [&] { return all_play(std::byte{2}); }));
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(net.status(i).leader, 1U);
    EXPECT_LE(std::abs((net.session(i) - net.session(0)).count()), 500);
  }
  net.stop(2);
  net.run_for(seconds(1));
  for (std::size_t i = 0; i < 5; ++i) EXPECT_FALSE(net.desire(i).play);
}

}  // namespace
}  // namespace takt::sync
