// SPDX-License-Identifier: Apache-2.0
#include "takt/core/sync/members.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <utility>
#include <vector>

namespace takt::sync {
namespace {

LocalTime at(Micros time) { return LocalTime{time}; }

PeerConfig config(std::size_t peers, std::uint32_t life = 5) {
  PeerConfig config;
  config.id = 1;
  config.life = life;
  config.peers = peers;
  return config;
}

Message hello(std::uint32_t from, std::uint32_t life, std::uint32_t to_life,
              std::uint32_t sequence) {
  Message message;
  message.from = from;
  message.from_life = life;
  message.to_life = to_life;
  message.sequence = sequence;
  return message;
}

TEST(Members, NoMessageCountsTwiceNorOneOfOrToALifeThatIsOver) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::mt19937 random{seed};
    const PeerConfig own = config(1, 10);
    Members members{own};
    std::vector<Message> all;
    std::set<std::pair<std::uint32_t, std::uint32_t>> counted;
    std::uint32_t life = 1;
    std::uint32_t heard_life = 0;
    std::uint32_t sequence = 0;
    for (int i = 0; i < 500; ++i) {
      if (random() % 50 == 0) {
        ++life;
        sequence = 0;
      }
      // Now and then to a life before this one, which it had heard of.
      all.push_back(hello(2, life, random() % 5 == 0 ? 9 : 10, ++sequence));
      const Message& message = random() % 3 == 0 ? all[random() % all.size()] : all.back();
      const bool counts = members.hear(message, {}, {}).counts;
      if (!counts) continue;
      EXPECT_EQ(message.to_life, 10U) << "seed " << seed;
      EXPECT_GE(message.from_life, heard_life) << "seed " << seed;
      heard_life = message.from_life;
      EXPECT_TRUE(counted.insert({message.from_life, message.sequence}).second) << "seed " << seed;
    }
    EXPECT_GT(counted.size(), 200U);
    EXPECT_EQ(members.rejected() + counted.size(), 500U);
  }
}

TEST(Members, WhoDoesNotKnowThisLifeIsOwedAHelloAndCountsOnlyThen) {
  const PeerConfig own = config(1);
  Members members{own};
  EXPECT_FALSE(members.hear(hello(2, 3, 0, 1), {}, {}).counts);
  EXPECT_FALSE(members[0].is_met());
  EXPECT_TRUE(members[0].greet);
  EXPECT_EQ(members[0].candidate, 3U);
  const Hearing hearing = members.hear(hello(2, 3, 5, 2), {}, {});
  EXPECT_TRUE(hearing.counts && hearing.is_new_life && !hearing.is_restart);
  EXPECT_TRUE(members[0].is_met());
}

TEST(Members, ARestartIsANewLifeAndTheOldOneIsOver) {
  const PeerConfig own = config(1);
  Members members{own};
  members.hear(hello(2, 3, 5, 1), {}, {});
  members[0].standing.revision = 7;
  const Hearing hearing = members.hear(hello(2, 4, 5, 1), {}, {});
  EXPECT_TRUE(hearing.counts && hearing.is_new_life && hearing.is_restart);
  EXPECT_EQ(members[0].standing, Standing{});
  EXPECT_FALSE(members.hear(hello(2, 3, 5, 2), {}, {}).counts);
}

TEST(Members, OnlyTheNewestMessageSaysHowItsSenderStands) {
  const PeerConfig own = config(1);
  Members members{own};
  for (const std::uint32_t sequence : {1U, 3U, 2U}) {
    Message message = hello(2, 3, 5, sequence);
    message.standing.revision = sequence;
    EXPECT_EQ(members.hear(message, {}, {}).is_newest, sequence != 2);
  }
  EXPECT_EQ(members[0].standing.revision, 3U);
}

TEST(Members, ADeviceIsThereUntilItWasSilentForFourPolls) {
  const PeerConfig own = config(2);
  Members members{own};
  EXPECT_EQ(members.last_heard(at(seconds(9))), at(seconds(9)));
  members.hear(hello(2, 1, 5, 1), at(seconds(1)), at(seconds(1)));
  members.hear(hello(3, 1, 5, 1), at(seconds(2)), at(seconds(2)));
  const LocalTime last = at(seconds(1)) + own.pace.poll * 4 - Micros{1};
  EXPECT_TRUE(members.all_present(last));
  EXPECT_FALSE(members.all_present(last + Micros{1}));
  EXPECT_EQ(members.count_present(last + Micros{1}), 1U);
  EXPECT_EQ(members.last_heard({}), at(seconds(2)));
}

TEST(Members, ThereAreNoMoreThanWereConfiguredAndAllElseIsCounted) {
  const PeerConfig own = config(2);
  Members members{own};
  for (std::uint32_t id = 0; id < 5; ++id) members.hear(hello(id, 1, 5, 1), {}, {});
  EXPECT_EQ(members.size(), 2U);
  EXPECT_TRUE(members[0].id == 2 && members[1].id == 3);
  EXPECT_EQ(members.foreign(), 1U) << "nobody is number 0";
  EXPECT_EQ(members.namesakes(), 1U) << "this device is number 1";
  EXPECT_EQ(members.rejected(), 3U);
}

}  // namespace
}  // namespace takt::sync
