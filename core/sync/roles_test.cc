// SPDX-License-Identifier: Apache-2.0
#include "takt/core/sync/roles.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

namespace takt::sync {
namespace {

constexpr Roles::Assets kNothing{};
constexpr Roles::Assets kTime{true, false};

LocalTime at(Micros time) { return LocalTime{time}; }

/// A device that hears what it is told of the standing of others.
class Device {
 public:
  Device(std::uint32_t id, std::size_t peers) {
    config_.id = id;
    config_.life = 1;
    config_.peers = peers;
  }

  /// Returns the member's index.
  std::size_t hear(std::uint32_t from, const Standing& standing, LocalTime now) {
    Message message;
    message.from = from;
    message.from_life = message.to_life = 1;
    message.sequence = ++sequence_;
    message.standing = standing;
    return members_.hear(message, now, now).member;
  }
  Standing standing() const {
    return {.session = roles.session(), .term = roles.term(), .role = roles.role()};
  }
  const PeerConfig& config() const { return config_; }

 private:
  PeerConfig config_;
  Members members_{config_};
  std::uint32_t sequence_ = 0;

 public:
  Roles roles{config_, members_, {}};
};

Standing leading(std::uint64_t session, std::uint16_t term, std::uint32_t revision = 0) {
  return {.session = session, .term = term, .role = Role::kLeading, .revision = revision};
}

TEST(Roles, OfThoseThatListenTheSmallestIdLeadsAndNoOther) {
  for (std::uint32_t own = 1; own <= 4; ++own) {
    Device device{own, 3};
    EXPECT_EQ(device.roles.elect({}), Roles::Move::kStay) << "alone";
    for (std::uint32_t id = 1; id <= 4; ++id) {
      if (id != own) device.hear(id, {}, {});
    }
    EXPECT_EQ(device.roles.elect({}), own == 1 ? Roles::Move::kLead : Roles::Move::kStay);
  }
}

TEST(Roles, WhereSomebodyIsMissingTheOthersHaveTimeToBeHeard) {
  Device device{1, 2};
  const LocalTime patience = at(device.config().pace.lead * 3);
  for (const LocalTime now : {at(Micros{0}), patience - Micros{1}, patience}) {
    device.hear(2, {}, now);
    EXPECT_EQ(device.roles.elect(now), now == patience ? Roles::Move::kLead : Roles::Move::kStay);
  }
}

TEST(Roles, OfTwoLeadersExactlyOneYieldsAndOfTwoSessionsTheOneWithAPlanStays) {
  std::mt19937 random{1};
  for (int i = 0; i < 2'000; ++i) {
    std::array devices{Device{1, 2}, Device{2, 2}};
    const bool is_one_session = random() % 2 == 0;
    std::array<Standing, 2> standings;
    for (std::size_t d = 0; d < 2; ++d) {
      Device& device = devices[d];
      device.roles.begin_session();
      if (is_one_session) device.roles.follow(device.hear(3, leading(99, 0), {}), {});
      for (auto terms = random() % 3 + 1; terms > 0; --terms) device.roles.lead({});
      standings[d] = device.standing();
      standings[d].revision = static_cast<std::uint32_t>(random() % 2);
    }
    std::array<bool, 2> yields{};
    for (std::size_t d = 0; d < 2; ++d) {
      const std::uint32_t id = d == 0 ? 2 : 1;
      const std::size_t other = devices[d].hear(id, standings[1 - d], {});
      const Roles::Assets own{true, standings[d].revision > 0};
      yields[d] = devices[d].roles.heed(other, own) == Roles::Move::kFollow;
    }
    ASSERT_NE(yields[0], yields[1]) << "round " << i;
    if (is_one_session || standings[0].revision == standings[1].revision) continue;
    ASSERT_EQ(yields[0], standings[1].revision > 0) << "round " << i;
  }
}

/// Follows number 1 in session 9, in term 4.
class Follower : public ::testing::Test {
 protected:
  Follower() {
    device_.roles.follow(device_.hear(1, leading(9, 4), {}), {});
    for (const std::uint32_t id : {2U, 4U}) device_.hear(id, following(), {});
  }
  static Standing following() { return {.session = 9, .term = 4, .role = Role::kFollowing}; }

  Device device_{3, 3};
};

TEST_F(Follower, OfASilentLeaderTheSmallestIdThatIsThereTakesItsPlace) {
  const LocalTime silent = device_.roles.deadline();
  EXPECT_EQ(silent, at(device_.config().takeover));
  device_.hear(4, following(), silent);
  EXPECT_EQ(device_.roles.succeed(kTime, silent - Micros{1}), Roles::Move::kStay);
  EXPECT_EQ(device_.roles.succeed(kTime, silent), Roles::Move::kLead) << "number 2 is away";
  device_.hear(2, following(), silent);
  EXPECT_EQ(device_.roles.succeed(kTime, silent), Roles::Move::kStay) << "number 2 leads";
}

TEST_F(Follower, WhoHasNoTimeSucceedsNobodyAndListensOnceAllDoOrNothingElseHelps) {
  const LocalTime silent = device_.roles.deadline();
  EXPECT_EQ(device_.roles.succeed(kNothing, silent), Roles::Move::kStay);
  EXPECT_EQ(device_.roles.succeed(kNothing, at(device_.config().holdover)), Roles::Move::kListen);
  for (const std::uint32_t id : {1U, 2U, 4U}) device_.hear(id, {}, silent);
  EXPECT_EQ(device_.roles.succeed(kNothing, silent), Roles::Move::kListen);
}

TEST_F(Follower, OfALeaderThatHasBegunAnewWhoHasNoTimeFollowsAgainAndWhoHasItLeads) {
  const std::size_t leader = device_.hear(1, leading(10, 1), {});
  EXPECT_EQ(device_.roles.heed(leader, kNothing), Roles::Move::kFollow);
  EXPECT_EQ(device_.roles.heed(leader, kTime), Roles::Move::kLead);
}

TEST_F(Follower, ANewTermOfItsLeaderIsFollowedAnewAndAnOldOneOfAnotherIsNot) {
  EXPECT_EQ(device_.roles.heed(device_.hear(1, leading(9, 4), {}), kTime), Roles::Move::kStay);
  EXPECT_EQ(device_.roles.heed(device_.hear(1, leading(9, 6), {}), kTime), Roles::Move::kFollow);
  EXPECT_EQ(device_.roles.heed(device_.hear(2, leading(9, 3), {}), kTime), Roles::Move::kStay);
  EXPECT_EQ(device_.roles.heed(device_.hear(2, leading(9, 5), {}), kTime), Roles::Move::kFollow);
}

TEST_F(Follower, WhoLeadsHasAHigherTermThanAllThatItHasHeardOf) {
  device_.hear(2, leading(9, 17), {});
  device_.roles.lead({});
  EXPECT_EQ(device_.roles.term(), 18);
  EXPECT_EQ(device_.roles.leader_id(), 3U);
  EXPECT_FALSE(device_.roles.all_follow());
  for (const std::uint32_t id : {1U, 2U, 4U}) {
    Standing standing = device_.standing();
    standing.role = Role::kFollowing;
    standing.settled = true;
    device_.hear(id, standing, {});
  }
  EXPECT_TRUE(device_.roles.all_follow());
}

}  // namespace
}  // namespace takt::sync
