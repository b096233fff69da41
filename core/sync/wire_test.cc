// SPDX-License-Identifier: Apache-2.0
#include "takt/core/sync/wire.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "takt/core/base/clock_map.h"
#include "tests/support/authenticator_for_test.h"

namespace takt::sync {
namespace {

class Wire : public ::testing::Test {
 protected:
  std::uint32_t draw(std::uint32_t below) { return static_cast<std::uint32_t>(random_() % below); }

  Plan plan() {
    Plan plan;
    plan.revision = draw(1'000);
    plan.program = random_();
    plan.program_bytes = draw(1U << 20U);
    plan.epoch = SessionTime{Micros{static_cast<std::int64_t>(random_() >> 20U)}};
    plan.effective = plan.epoch + seconds(draw(100));
    plan.share = Micros{draw(1'000'000)};
    plan.share_side = static_cast<std::uint8_t>(draw(2));
    plan.parameters.size = static_cast<std::uint8_t>(draw(Parameters::kMax + 1));
    for (std::size_t i = 0; i < plan.parameters.size; ++i) plan.parameters.bytes[i] = byte();
    return plan;
  }

  Message message(Kind kind) {
    Message message;
    message.kind = kind;
    message.from = draw(100) + 1;
    message.from_life = draw(1'000);
    message.to_life = draw(1'000);
    message.sequence = draw(1U << 31U);
    message.standing = {.session = std::uint64_t{draw(1'000)} << 32U | draw(1'000),
                        .term = static_cast<std::uint16_t>(draw(65'536)),
                        .role = static_cast<Role>(draw(3)),
                        .settled = draw(2) == 1,
                        .stops = draw(2) == 1,
                        .side = static_cast<std::uint8_t>(draw(2)),
                        .revision = draw(1'000),
                        .decided = draw(1'000),
                        .stopped = draw(1'000),
                        .lapsed = draw(1'000)};
    if (kind == Kind::kAskTime || kind == Kind::kTime) message.sent = LocalTime{seconds(draw(999))};
    if (kind == Kind::kTime) {
      message.reached = SessionTime{seconds(draw(999)) - seconds(500)};
      message.answered = message.reached + Micros{draw(999)};
      message.doubt = Micros{draw(1U << 31U)};
      message.rate_ppb = static_cast<std::int32_t>(draw(2'000'001)) - ClockMap::kMaxRatePpb;
    }
    if (kind == Kind::kPropose || kind == Kind::kPlan || kind == Kind::kCommand) {
      message.plan = plan();
    }
    if (kind == Kind::kVote || kind == Kind::kAnswer)
      message.reason = static_cast<Reason>(draw(static_cast<unsigned>(kLastReason) + 1));
    if (kind == Kind::kVote || kind == Kind::kAnswer || kind == Kind::kCommand ||
        kind == Kind::kAskChunk || kind == Kind::kChunk) {
      message.number = draw(1'000);
    }
    if (kind == Kind::kAskChunk || kind == Kind::kChunk) message.program = random_();
    if (kind == Kind::kChunk) {
      message.chunk_size = static_cast<std::uint8_t>(draw(kChunkBytes + 1));
      for (std::size_t i = 0; i < message.chunk_size; ++i) message.chunk[i] = byte();
    }
    return message;
  }

  std::vector<std::byte> bytes_of(const Message& message) {
    std::array<std::byte, kMaxDatagram> bytes{};
    const std::size_t size = encode(message, bytes, authenticator_);
    return {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)};
  }

  std::byte byte() { return static_cast<std::byte>(random_()); }

  /// Every kind, several times.
  template <typename Check>
  void for_all(Check check) {
    for (int round = 0; round < 200; ++round) {
      for (int kind = 0; kind <= static_cast<int>(Kind::kChunk); ++kind) {
        check(message(static_cast<Kind>(kind)));
      }
    }
  }

  std::mt19937_64 random_{20'261'121};
  AuthenticatorForTest authenticator_;
};

TEST_F(Wire, WhatIsWrittenIsRead) {
  for_all([this](const Message& message) {
    Message read;
    ASSERT_EQ(decode(bytes_of(message), authenticator_, read), Status::kOk);
    ASSERT_EQ(read, message);
  });
}

TEST_F(Wire, EveryMessageFitsTheSmallestRadio) {
  Message message = this->message(Kind::kChunk);
  message.chunk_size = kChunkBytes;
  EXPECT_LE(bytes_of(message).size(), kMaxDatagram);
  message = this->message(Kind::kCommand);
  message.plan.parameters.size = Parameters::kMax;
  EXPECT_LE(bytes_of(message).size(), kMaxDatagram);
}

TEST_F(Wire, NoCutMessageIsRead) {
  for_all([this](const Message& message) {
    std::vector<std::byte> bytes = bytes_of(message);
    Message read;
    bytes.resize(draw(static_cast<std::uint32_t>(bytes.size())));
    ASSERT_NE(decode(bytes, authenticator_, read), Status::kOk);
  });
}

TEST_F(Wire, NoChangedBitPassesTheTag) {
  for_all([this](const Message& message) {
    std::vector<std::byte> bytes = bytes_of(message);
    Message read;
    bytes[draw(static_cast<std::uint32_t>(bytes.size()))] ^= std::byte{1} << draw(8);
    ASSERT_NE(decode(bytes, authenticator_, read), Status::kOk);
  });
}

// With the key, but not by encode(): whatever passes has every field in its range, and would be
// written the same way.
TEST_F(Wire, SignedNonsenseIsRefusedOrHarmless) {
  int taken = 0;
  for_all([this, &taken](const Message& message) {
    std::vector<std::byte> bytes = bytes_of(message);
    bytes.resize(bytes.size() - AuthTag{}.size());
    for (std::uint32_t i = draw(4); i > 0; --i) {
      bytes[2 + draw(static_cast<std::uint32_t>(bytes.size() - 2))] = byte();
    }
    const AuthTag tag = authenticator_.tag_of(bytes);
    bytes.insert(bytes.end(), tag.begin(), tag.end());
    Message read;
    if (decode(bytes, authenticator_, read) != Status::kOk) return;
    ++taken;
    ASSERT_LE(read.chunk_size, kChunkBytes);
    ASSERT_LE(read.plan.parameters.size, Parameters::kMax);
    ASSERT_EQ(bytes_of(read), bytes);
  });
  EXPECT_GT(taken, 100);
}

TEST_F(Wire, AnotherVersionIsSaidToBeOne) {
  std::vector<std::byte> bytes = bytes_of(message(Kind::kHello));
  bytes[1] = std::byte{2};
  Message read;
  EXPECT_EQ(decode(bytes, authenticator_, read), Status::kUnsupported);
}

TEST_F(Wire, AnotherKeyReadsNothing) {
  AuthenticatorForTest other{7};
  Message read;
  EXPECT_EQ(decode(bytes_of(message(Kind::kHello)), other, read), Status::kCorrupt);
}

}  // namespace
}  // namespace takt::sync
