// SPDX-License-Identifier: Apache-2.0
#include "takt/core/sync/wishes.h"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <random>

namespace takt::sync {
namespace {

constexpr std::size_t kMember = 2;

class Commands : public ::testing::Test {
 protected:
  static Plan plan(std::uint8_t parameter) {
    Plan plan;
    plan.program = parameter;
    return plan;
  }
  static Message command(std::uint32_t number) {
    Message message;
    message.kind = Kind::kCommand;
    message.number = number;
    message.plan = plan(static_cast<std::uint8_t>(number));
    return message;
  }
  void take(std::uint32_t number, std::size_t member = kMember) {
    wishes_.take(member, command(number), 0, now_);
  }
  /// The answer that is owed to `member`.
  std::optional<Message> answer(std::size_t member = kMember) {
    Message message;
    if (!wishes_.owes(member, false, message, now_)) return std::nullopt;
    EXPECT_EQ(message.kind, Kind::kAnswer);
    return message;
  }
  Reason reason_of_answer() {
    const std::optional<Message> message = answer();
    EXPECT_TRUE(message.has_value());
    return message ? message->reason : Reason::kNone;
  }

  PeerConfig config_;
  LocalTime now_{seconds(5)};
  Wishes wishes_{config_};
};

TEST_F(Commands, AFollowerSaysItsOwnToTheLeaderAgainAndAgainUntilTheAnswer) {
  wishes_.command(plan(1), now_);
  for (int i = 0; i < 3; ++i) {
    Message message;
    EXPECT_FALSE(wishes_.owes(1, false, message, now_)) << "not the leader";
    ASSERT_TRUE(wishes_.owes(kMember, true, message, now_));
    EXPECT_TRUE(message.kind == Kind::kCommand && message.number == 1 && message.plan == plan(1));
    EXPECT_FALSE(wishes_.owes(kMember, true, message, now_)) << "too soon";
    EXPECT_EQ(wishes_.deadline(), now_ + config_.pace.retry());
    now_ = wishes_.deadline();
  }
  Message answer = command(0);
  answer.reason = Reason::kRefused;
  wishes_.take_answer(answer);
  EXPECT_TRUE(wishes_.is_pending()) << "that was about another one";
  answer.number = 1;
  wishes_.take_answer(answer);
  EXPECT_FALSE(wishes_.is_pending());
  EXPECT_EQ(wishes_.result(), Reason::kRefused);
  EXPECT_EQ(wishes_.deadline(), kNever);
}

TEST_F(Commands, HeardTwiceACommandIsWishedOnceAndItsEndIsSaidTwice) {
  take(1);
  wishes_.propose();
  take(1);
  EXPECT_FALSE(wishes_.waiting());
  EXPECT_FALSE(answer()) << "it has not ended";
  wishes_.settle(Reason::kHeld, now_);
  EXPECT_EQ(reason_of_answer(), Reason::kHeld);
  EXPECT_FALSE(answer());
  take(1);
  EXPECT_FALSE(wishes_.is_pending());
  EXPECT_EQ(reason_of_answer(), Reason::kHeld);
}

TEST_F(Commands, ALaterOneReplacesWhatWaitsWhoseverItIs) {
  take(1);
  take(1, 3);
  EXPECT_EQ(reason_of_answer(), Reason::kReplaced);
  wishes_.command(plan(9), now_);
  ASSERT_TRUE(answer(3));
  take(2);
  EXPECT_EQ(wishes_.result(), Reason::kReplaced);
  ASSERT_TRUE(wishes_.waiting());
  EXPECT_EQ(wishes_.waiting()->plan, plan(2));
}

TEST_F(Commands, WhatIsUnderWayIsNotReplacedAndWaitsAgainOnlyIfAnotherProposalMayDoBetter) {
  for (const bool is_late : {false, true}) {
    for (std::uint8_t i = 0; i <= static_cast<std::uint8_t>(kLastReason); ++i) {
      const auto outcome = static_cast<Reason>(i);
      Wishes wishes{config_};
      wishes.command(plan(1), now_);
      wishes.propose();
      EXPECT_FALSE(wishes.is_due(now_));
      EXPECT_TRUE(wishes.is_pending());
      wishes.settle(outcome, now_ + (is_late ? config_.takeover : Micros{0}));
      const bool again = !is_late && (outcome == Reason::kTimeout || outcome == Reason::kStale ||
                                      outcome == Reason::kNoProgram || outcome == Reason::kInDoubt);
      EXPECT_EQ(wishes.is_pending(), again) << name_of(outcome);
      EXPECT_EQ(wishes.result(), again ? Reason::kNone : outcome);
      EXPECT_EQ(wishes.deadline(), again ? now_ + config_.pace.retry() : kNever);
    }
  }
}

TEST_F(Commands, OneThatWaitsMeanwhileIsNotReplacedByOneThatFailed) {
  wishes_.command(plan(1), now_);
  wishes_.propose();
  take(1);
  wishes_.settle(Reason::kTimeout, now_);
  EXPECT_EQ(wishes_.result(), Reason::kTimeout);
  ASSERT_TRUE(wishes_.waiting());
  EXPECT_EQ(wishes_.waiting()->member, kMember);
}

TEST_F(Commands, AnOrderFromBeforeAnEndIsNotCarriedOut) {
  Message message = command(1);
  message.standing.revision = 4;
  wishes_.take(kMember, message, 4, now_);
  EXPECT_FALSE(wishes_.is_pending());
  EXPECT_EQ(reason_of_answer(), Reason::kStopped);
  message.number = 2;
  message.standing.stopped = 4;
  wishes_.take(kMember, message, 4, now_);
  EXPECT_TRUE(wishes_.is_pending()) << "its device knew of the end";
}

TEST_F(Commands, WhoFollowsKeepsOnlyItsOwn) {
  take(1);
  wishes_.propose();
  take(1, 3);
  wishes_.follow();
  EXPECT_FALSE(wishes_.is_pending());
  EXPECT_EQ(reason_of_answer(), Reason::kTimeout);
  EXPECT_FALSE(answer(3)) << "it asks the new leader";
  wishes_.command(plan(2), now_);
  wishes_.follow();
  EXPECT_TRUE(wishes_.is_pending());
}

TEST_F(Commands, OfWhoHasForgottenAllNothingIsLeft) {
  take(7);
  wishes_.propose();
  wishes_.forget(kMember);
  EXPECT_FALSE(wishes_.is_pending());
  take(7);
  EXPECT_TRUE(wishes_.is_pending()) << "another command, of another life";
  wishes_.drop(Reason::kStopped);
  wishes_.forget(kMember);
  EXPECT_FALSE(answer());
}

TEST_F(Commands, EveryCommandEndsOnceUnlessItIsForgottenOrStillWaits) {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    std::mt19937 random{seed};
    Wishes wishes{config_};
    std::array<std::uint32_t, 3> given{};
    std::array<std::uint32_t, 3> answered{};
    for (int i = 0; i < 300; ++i) {
      const std::size_t member = random() % 3;
      switch (random() % 4) {
        case 0: wishes.take(member, command(++given[member]), 0, now_); break;
        case 1:
          if (!wishes.waiting()) break;
          wishes.settle(Reason::kStopped, now_);
          wishes.propose();
          break;
        case 2: wishes.settle(Reason::kNone, now_); break;
        case 3: wishes.drop(Reason::kStopped); break;
      }
      for (std::size_t m = 0; m < 3; ++m) {
        Message message;
        if (!wishes.owes(m, false, message, now_)) continue;
        ASSERT_GT(message.number, answered[m]) << "seed " << seed << ": it was answered before";
        answered[m] = message.number;
      }
    }
    wishes.settle(Reason::kNone, now_);
    wishes.drop(Reason::kStopped);
    for (std::size_t m = 0; m < 3; ++m) {
      Message message;
      if (wishes.owes(m, false, message, now_)) answered[m] = message.number;
      EXPECT_EQ(answered[m], given[m]) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace takt::sync
