// SPDX-License-Identifier: Apache-2.0
#include "takt/core/sync/transfer.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <random>
#include <vector>

#include "tests/support/peers.h"

namespace takt::sync {
namespace {

constexpr std::size_t kFirst = 0;
constexpr std::size_t kSecond = 1;

/// Fetches from two others, whom it knows by these indices.
class Transfers : public ::testing::Test {
 protected:
  Transfers() {
    config_.id = config_.life = 1;
    config_.peers = 2;
    hear(kFirst);
    hear(kSecond);
  }
  void hear(std::size_t member) {
    Message message;
    message.from = static_cast<std::uint32_t>(member) + 2;
    message.from_life = message.to_life = 1;
    message.sequence = ++sequence_;
    members_.hear(message, now_, now_);
  }
  /// The chunk that `transfer_` asks for next, as a member with the program would send it.
  Message next_chunk(std::size_t member) {
    Message message;
    EXPECT_TRUE(transfer_.owes(member, message, now_));
    EXPECT_EQ(message.kind, Kind::kAskChunk);
    Transfer giver{config_, giving_};
    giver.ask(0, message);
    EXPECT_TRUE(giver.owes(0, message, now_));
    EXPECT_EQ(message.kind, Kind::kChunk);
    return message;
  }
  bool asks(std::size_t member) {
    Message message;
    return transfer_.owes(member, message, now_);
  }

  PeerConfig config_;
  LocalTime now_{seconds(5)};
  HostForTest host_;
  HostForTest giving_;
  Members members_{config_};
  Transfer transfer_{config_, host_};
  std::uint32_t sequence_ = 0;
};

TEST_F(Transfers, EveryProgramArrivesWholeWhateverIsLostOrDoubled) {
  std::mt19937 random{1};
  for (const std::uint32_t size : {1U, 159U, 160U, 161U, 3'000U}) {
    const ProgramHash program = giving_.add(some_bytes(size, size));
    transfer_.fetch(program, size, kFirst, now_);
    for (int i = 0; i < 2'000 && transfer_.coming() != 0; ++i) {
      now_ = std::max(now_, transfer_.deadline());
      const Message chunk = next_chunk(kFirst);
      for (auto times = random() % 3; times > 0; --times) transfer_.take(kFirst, chunk, now_);
    }
    EXPECT_EQ(transfer_.coming(), 0U);
    EXPECT_EQ(transfer_.deadline(), kNever);
    EXPECT_EQ(host_.programs[program], giving_.programs[program]);
  }
}

TEST_F(Transfers, OnlyWhatWasAskedForIsTaken) {
  const ProgramHash program = giving_.add(some_bytes(1'000));
  transfer_.fetch(program, 1'000, kFirst, now_);
  const Message chunk = next_chunk(kFirst);
  transfer_.take(kSecond, chunk, now_);
  Message other = chunk;
  other.program = program + 1;
  transfer_.take(kFirst, other, now_);
  other = chunk;
  other.number = 160;
  transfer_.take(kFirst, other, now_);
  other = chunk;
  other.chunk_size = 0;
  transfer_.take(kFirst, other, now_);
  EXPECT_EQ(host_.writes, 0);
  transfer_.take(kFirst, chunk, now_);
  transfer_.take(kFirst, chunk, now_);
  EXPECT_EQ(host_.writes, 1);
}

TEST_F(Transfers, AChunkThatIsLongerThanTheRestIsNotTaken) {
  const ProgramHash program = giving_.add(some_bytes(1'000));
  transfer_.fetch(program, 100, kFirst, now_);
  transfer_.take(kFirst, next_chunk(kFirst), now_);
  EXPECT_EQ(host_.writes, 0);
}

TEST_F(Transfers, WhatIsCorruptBeginsAgain) {
  const ProgramHash program = giving_.add(some_bytes(200));
  giving_.programs[program][199] ^= std::byte{1};
  transfer_.fetch(program, 200, kFirst, now_);
  transfer_.take(kFirst, next_chunk(kFirst), now_);
  transfer_.take(kFirst, next_chunk(kFirst), now_);
  EXPECT_EQ(transfer_.coming(), program);
  EXPECT_EQ(host_.programs.count(program), 0U);
  giving_.add(some_bytes(200));
  transfer_.take(kFirst, next_chunk(kFirst), now_);
  transfer_.take(kFirst, next_chunk(kFirst), now_);
  EXPECT_EQ(host_.programs.count(program), 1U);
}

TEST_F(Transfers, WhoIsSilentIsLeftForAnotherThatIsThereAndTheRestIsAskedFor) {
  const ProgramHash program = giving_.add(some_bytes(400));
  transfer_.fetch(program, 400, kFirst, now_);
  transfer_.take(kFirst, next_chunk(kFirst), now_);
  now_ += seconds(1) - Micros{1};
  transfer_.find_source(members_, now_);
  EXPECT_FALSE(asks(kSecond));
  now_ += Micros{1};
  transfer_.find_source(members_, now_);
  EXPECT_FALSE(asks(kFirst));
  EXPECT_EQ(next_chunk(kSecond).number, kChunkBytes);
  // Where no other one is there, the same one goes on being asked.
  now_ += seconds(60);
  hear(kSecond);
  transfer_.find_source(members_, now_);
  EXPECT_FALSE(asks(kFirst));
  EXPECT_TRUE(asks(kSecond));
}

TEST_F(Transfers, WhoeverNamesTheProgramAgainIsAskedForTheRest) {
  const ProgramHash program = giving_.add(some_bytes(400));
  transfer_.fetch(program, 400, kFirst, now_);
  transfer_.take(kFirst, next_chunk(kFirst), now_);
  transfer_.fetch(program, 400, kSecond, now_);
  EXPECT_EQ(next_chunk(kSecond).number, kChunkBytes);
}

TEST_F(Transfers, WhatIsNotHereOrWasForgottenIsNotGiven) {
  Message message;
  message.program = host_.add(some_bytes(10));
  transfer_.ask(kFirst, message);
  transfer_.forget(kFirst);
  EXPECT_FALSE(asks(kFirst));
  transfer_.ask(kFirst, message);
  EXPECT_FALSE(asks(kSecond));
  EXPECT_TRUE(asks(kFirst));
  EXPECT_FALSE(asks(kFirst)) << "once for each request";
  message.program += 1;
  transfer_.ask(kFirst, message);
  EXPECT_FALSE(asks(kFirst));
}

}  // namespace
}  // namespace takt::sync
