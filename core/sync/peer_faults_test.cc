// SPDX-License-Identifier: Apache-2.0
// Sessions in which everything goes wrong: what no device may do even then.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "tests/support/peers.h"

namespace takt::sync {
namespace {

PeerConfig impatient() {
  PeerConfig config;
  config.wait_for_offline = true;
  config.takeover = seconds(5);
  config.holdover = seconds(20);
  return config;
}

/// What engines would play of what their peers desire.
class Watch {
 public:
  explicit Watch(std::size_t count) : playing_(count) {}

  void look(Net& net) {
    for (std::size_t i = 0; i < playing_.size(); ++i) take(net, i);
    for (std::size_t i = 0; i < playing_.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) compare(net, j, i);
    }
  }
  void gone(std::size_t i) { playing_[i].reset(); }

  std::uint64_t together() const { return together_; }
  const std::string& fault() const { return fault_; }

 private:
  void take(Net& net, std::size_t i) {
    if (!net.node(i).peer) return playing_[i].reset();
    const Desire desire = net.desire(i);
    const SessionTime now = net.session(i);
    if (!desire.play || now >= desire.until) return playing_[i].reset();
    if (now >= desire.plan.effective) playing_[i] = desire.plan;
  }

  void compare(Net& net, std::size_t i, std::size_t j) {
    if (!playing_[i] || !playing_[j] || !fault_.empty()) return;
    const SessionTime one = net.session(i);
    const SessionTime other = net.session(j);
    const Micros bound =
        net.peer(i).clock().bound_at(net.local(i)) + net.peer(j).clock().bound_at(net.local(j));
    ++together_;
    const Micros apart{std::abs((one - other).count())};
    // Bounds are shared out between sides, so they say nothing of two devices on the same one.
    const bool same_side = net.node(i).config.side == net.node(j).config.side;
    if (!same_side && apart > bound + Micros{2}) {
      fault_ = "clocks are apart by more than their bounds";
    } else if (*playing_[i] != *playing_[j]) {
      // The one is in the new plan already; the other may still believe that it is earlier.
      const Plan& young = std::max(*playing_[i], *playing_[j], [](const Plan& a, const Plan& b) {
        return a.effective < b.effective;
      });
      if (std::min(one, other) >= young.effective) fault_ = "two plans at one instant";
    }
    if (fault_.empty()) return;
    fault_ += ": devices " + std::to_string(i) + " and " + std::to_string(j) + " at " +
              std::to_string(net.now().count()) + " us, revisions " +
              std::to_string(playing_[i]->revision) + " and " +
              std::to_string(playing_[j]->revision) + ", apart " + std::to_string(apart.count());
  }

  std::vector<std::optional<Plan>> playing_;
  std::uint64_t together_ = 0;
  std::string fault_;
};

/// Commands, stops, losses, delays, partitions and restarts, as the seed has it. No device is back
/// before what it said in its last life has arrived or is lost.
class Trouble {
 public:
  Trouble(std::size_t count, unsigned seed) : net{count, impatient()}, watch{count}, random_{seed} {
    for (std::size_t i = 0; i < count; ++i) program = net.node(i).host.add(some_bytes(300));
    down_until_.resize(count);
    const unsigned loss = roll(4) == 0 ? 0 : roll(40);
    const unsigned late_ms = 1 + (roll(3) == 0 ? roll(kLatestMs) : roll(20));
    net.fate = [this, loss, late_ms](std::size_t from, std::size_t to,
                                     const Message&) -> Net::Fate {
      if (roll(100) < loss || cut(from, to)) return {};
      Net::Fate fate{millis(roll(late_ms))};
      if (roll(20) == 0) fate.push_back(millis(roll(late_ms)));
      return fate;
    };
  }

  void run_for(Micros time) {
    net.run_until(net.now() + time, [this] {
      watch.look(net);
      return !watch.fault().empty();
    });
  }

  void act() {
    const std::size_t who = roll(static_cast<unsigned>(down_until_.size()));
    for (std::size_t i = 0; i < down_until_.size(); ++i) {
      if (!net.node(i).peer && net.now() >= down_until_[i]) net.start(i);
    }
    const unsigned what = roll(20);
    if (what < 9) {
      if (net.node(who).peer)
        net.command(who, with(program, static_cast<std::uint8_t>(roll(256)), 300));
    } else if (what == 9) {
      if (net.node(who).peer) net.stop(who);
    } else if (what < 14) {
      kill(who);
    } else if (what < 16) {
      island_ = roll(1U << down_until_.size());
      island_until_ = net.now() + millis(roll(12'000));
    } else if (what == 16) {
      // One direction between two of them.
      deaf_from_ = who;
      deaf_to_ = roll(static_cast<unsigned>(down_until_.size()));
      deaf_until_ = net.now() + millis(roll(8'000));
    }
    run_for(millis(roll(1'500)));
  }

  void heal() {
    net.fate = nullptr;
    for (std::size_t i = 0; i < down_until_.size(); ++i) {
      if (!net.node(i).peer) net.start(i);
    }
  }

  /// The last one that has the program.
  std::size_t owner() {
    std::size_t i = down_until_.size() - 1;
    while (!net.node(i).host.programs.contains(program)) --i;
    return i;
  }

  Net net;
  Watch watch;
  ProgramHash program = 0;

 private:
  static constexpr unsigned kLatestMs = 200;

  unsigned roll(unsigned below) { return static_cast<unsigned>(random_() % below); }

  bool cut(std::size_t from, std::size_t to) const {
    if (net.now() < island_until_ && ((island_ >> from) & 1U) != ((island_ >> to) & 1U))
      return true;
    return net.now() < deaf_until_ && from == deaf_from_ && to == deaf_to_;
  }
  void kill(std::size_t who) {
    if (!net.node(who).peer) return;
    net.kill(who);
    watch.gone(who);
    down_until_[who] = net.now() + millis(kLatestMs + 10 + roll(roll(4) == 0 ? 8'000 : 300));
    const bool others_have_it =
        std::ranges::any_of(down_until_, [&, i = std::size_t{0}](auto) mutable {
          const std::size_t other = i++;
          return other != who && net.node(other).host.programs.contains(program);
        });
    if (roll(3) == 0 && others_have_it) net.node(who).host.programs.clear();
  }

  std::mt19937 random_;
  std::vector<Micros> down_until_;
  unsigned island_ = 0;
  Micros island_until_;
  std::size_t deaf_from_ = 0;
  std::size_t deaf_to_ = 0;
  Micros deaf_until_;
};

TEST(PeerFaults, NoTwoDevicesEverPlayDifferentPlansAtOneInstant) {
  std::uint64_t together = 0;
  for (const std::size_t count : {2U, 3U, 4U}) {
    for (unsigned seed = 1; seed <= 100; ++seed) {
      Trouble trouble{count, seed};
      trouble.run_for(seconds(5));
      for (int i = 0; i < 120 && trouble.watch.fault().empty(); ++i) trouble.act();
      EXPECT_EQ(trouble.watch.fault(), "") << count << " devices, seed " << seed;
      together += trouble.watch.together();
    }
  }
  EXPECT_GT(together, 100'000U) << "there was nothing to see";
}

/// Some devices that have settled, and all have a program.
class Settled {
 public:
  explicit Settled(std::size_t count) : net{count, impatient()} {
    for (std::size_t i = 0; i < count; ++i) program = net.node(i).host.add(some_bytes(300));
    net.run_for(seconds(10));
    for (std::size_t i = 0; i < count; ++i) EXPECT_TRUE(net.peer(i).settled());
  }
  void play() {
    net.command(0, with(program, 1, 300));
    net.run_for(seconds(3));
    EXPECT_TRUE(net.desire(0).play);
  }

  Net net;
  ProgramHash program = 0;
};

// Of three, the leader (0) and device 1 restart while this one is in doubt. Device 1 may have heard
// the outcome from the leader in between, in its new life.
TEST(PeerFaults, WhoForgotAProposalMayHaveHeardOfItAgain) {
  const auto in_doubt = [] {
    Agreement agreement{2, true};
    Plan plan;
    plan.revision = 1;
    agreement.learn(plan);
    plan.revision = 2;
    plan.effective = SessionTime{seconds(9)};
    Reason verdict = Reason::kNone;
    EXPECT_TRUE(agreement.consider(0, plan, 1, SessionTime{}, verdict));
    EXPECT_EQ(verdict, Reason::kNone);
    return agreement;
  };
  Agreement one = in_doubt();
  one.restarted(1, SessionTime{});
  one.restarted(0, SessionTime{});
  EXPECT_TRUE(one.accepted()) << "device 1 may know";
  one.learn(1, {.revision = 1});
  EXPECT_FALSE(one.accepted()) << "nobody knows";

  Agreement other = in_doubt();
  other.restarted(0, SessionTime{});
  other.restarted(1, SessionTime{});
  EXPECT_TRUE(other.accepted()) << "device 1 may have told the other before it forgot";
  other.learn(0, {});
  EXPECT_FALSE(other.accepted());
}

// Device 1 has accepted a change, and hears nothing of its outcome until the other one has
// restarted.
TEST(PeerFaults, WhereNobodyKnowsOfAChangeThatMayHaveBeenPlayedNeitherPlanGoesOn) {
  for (const bool before_effect : {false, true}) {
    Settled settled{2};
    settled.play();
    Net& net = settled.net;
    // The votes arrive, so that device 0 changes; nothing from it does.
    bool voted = false;
    net.fate = [&voted](std::size_t from, std::size_t, const Message& message) {
      if (message.kind == Kind::kVote) voted = true;
      return from == 0 && voted ? Net::Fate{} : Net::Fate{Micros{0}};
    };
    net.command(0, with(settled.program, 2, 300));
    net.run_for(before_effect ? millis(200) : seconds(3));
    const Plan changed = net.peer(0).plan();
    ASSERT_EQ(changed.revision, net.peer(1).plan().revision + 1);
    ASSERT_EQ(net.session(0) >= changed.effective, !before_effect);
    net.kill(0);
    net.fate = nullptr;
    net.start(0);
    net.run_for(seconds(10));
    EXPECT_EQ(net.desire(1).play, before_effect) << name_of(net.desire(1).reason);
    EXPECT_EQ(net.desire(0), net.desire(1));
  }
}

TEST(PeerFaults, AStopOfWhoHasOnlyHeardThatSomethingPlaysGoesWithItsFirstWord) {
  Settled settled{2};
  settled.play();
  Net& net = settled.net;
  net.kill(1);
  net.run_for(seconds(2));
  net.start(1);
  ASSERT_TRUE(net.run_until(net.now() + seconds(5),
                            [&] { return net.status(1).role == Role::kFollowing; }));
  ASSERT_EQ(net.peer(1).plan().revision, 0U);
  bool said = false;
  net.fate = [&said](std::size_t from, std::size_t, const Message&) {
    // One word of device 1 arrives, and nothing else.
    if (from == 0 || said) return Net::Fate{};
    said = true;
    return Net::Fate{Micros{0}};
  };
  net.stop(1);
  ASSERT_TRUE(net.run_until(net.now() + seconds(5), [&] { return said; }));
  net.run_for(millis(10));
  EXPECT_EQ(net.desire(0).reason, Reason::kStopped);
}

TEST(PeerFaults, AVoteIsForOnePlanAndNotForAnotherOfItsNumber) {
  Agreement agreement{2, true};
  Plan plan;
  plan.revision = 1;
  plan.effective = SessionTime{seconds(9)};
  Reason verdict = Reason::kNone;
  EXPECT_TRUE(agreement.consider(0, plan, 0, SessionTime{}, verdict));
  EXPECT_TRUE(agreement.consider(0, plan, 0, SessionTime{}, verdict));
  EXPECT_EQ(verdict, Reason::kNone) << "the same again";
  plan.parameters.size = 1;
  EXPECT_TRUE(agreement.consider(1, plan, 0, SessionTime{}, verdict));
  EXPECT_EQ(verdict, Reason::kInDoubt);
}

/// Two orders, of which the second one has to wait until the first one has taken effect, and then a
/// stop. `lost`: so many of the first proposals are.
void order_and_stop(std::size_t orders, std::size_t stops, Micros later, int lost) {
  Settled settled{2};
  settled.play();
  Net& net = settled.net;
  net.fate = [&lost](auto, auto, const Message& message) {
    return message.kind == Kind::kPropose && lost-- > 0 ? Net::Fate{} : Net::Fate{Micros{0}};
  };
  net.command(orders, with(settled.program, 2, 300));
  net.run_for(Micros{500});
  net.command(orders, with(settled.program, 3, 300));
  net.run_for(later);
  net.stop(stops);
  net.run_for(seconds(10));
  EXPECT_FALSE(net.desire(0).play || net.desire(1).play);
  EXPECT_FALSE(net.status(orders).command_pending);
  if (later < millis(500)) {
    EXPECT_EQ(net.status(orders).command, Reason::kStopped);
  }
}

TEST(PeerFaults, AStopIsNotUndoneByAnOrderFromBeforeIt) {
  for (const std::size_t orders : {0U, 1U}) {
    for (const std::size_t stops : {0U, 1U}) {
      for (const int lost : {0, 1, 3}) {
        for (int late_ms = 0; late_ms < 1'200; late_ms += 1 + late_ms / 8) {
          SCOPED_TRACE(std::to_string(orders) + " orders, " + std::to_string(stops) + " stops " +
                       std::to_string(late_ms) + " ms later, lost: " + std::to_string(lost));
          order_and_stop(orders, stops, millis(late_ms), lost);
        }
      }
    }
  }
}

TEST(PeerFaults, AnOrderThatAnotherOneReplacesIsNotDone) {
  Settled settled{3};
  settled.play();
  Net& net = settled.net;
  net.command(0, with(settled.program, 2, 300));
  net.run_for(millis(10));
  net.command(1, with(settled.program, 3, 300));
  net.run_for(millis(10));
  net.command(2, with(settled.program, 4, 300));
  net.run_for(seconds(5));
  EXPECT_EQ(net.status(1).command, Reason::kReplaced);
  EXPECT_FALSE(net.status(1).command_pending);
  EXPECT_EQ(net.status(2).command, Reason::kNone);
  EXPECT_EQ(net.desire(0).plan.parameters.bytes[0], std::byte{4});
}

TEST(PeerFaults, AProgramIsFetchedFromWhoeverIsLeftThatHasIt) {
  Settled settled{3};
  settled.play();
  Net& net = settled.net;
  net.kill(2);
  net.node(2).host.programs.clear();
  net.run_for(seconds(1));
  // It asks whoever told it of the plan first, and that one goes away.
  net.fate = [](std::size_t from, std::size_t, const Message& message) {
    const bool lost = from == 0 && (message.kind == Kind::kPlan || message.kind == Kind::kChunk);
    return lost ? Net::Fate{} : Net::Fate{Micros{0}};
  };
  net.start(2);
  ASSERT_TRUE(net.run_until(net.now() + seconds(20),
                            [&] { return net.desire(2).reason == Reason::kNoProgram; }));
  net.kill(1);
  net.fate = nullptr;
  EXPECT_TRUE(net.run_until(net.now() + seconds(10), [&] { return net.desire(2).play; }))
      << name_of(net.desire(2).reason);
}

TEST(PeerFaults, OnceAllIsWellAgainAllObeyTheNextOrder) {
  for (const std::size_t count : {2U, 3U, 4U}) {
    for (unsigned seed = 1'001; seed <= 1'040; ++seed) {
      SCOPED_TRACE(std::to_string(count) + " devices, seed " + std::to_string(seed));
      Trouble trouble{count, seed};
      for (int i = 0; i < 60; ++i) trouble.act();
      trouble.heal();
      trouble.run_for(seconds(60));
      Net& net = trouble.net;
      net.stop(0);
      net.run_for(seconds(1));
      const std::size_t owner = trouble.owner();
      net.command(owner, with(trouble.program, 77, 300));
      net.run_for(seconds(8));
      EXPECT_EQ(net.status(owner).command, Reason::kNone)
          << name_of(net.status(owner).command) << " to device " << owner;
      for (std::size_t i = 0; i < count; ++i) {
        const Desire desire = net.desire(i);
        EXPECT_TRUE(desire.play) << i << ": " << name_of(desire.reason);
        EXPECT_EQ(desire.plan.parameters.bytes[0], std::byte{77}) << i;
        EXPECT_EQ(desire, net.desire(0));
      }
    }
  }
}

}  // namespace
}  // namespace takt::sync
