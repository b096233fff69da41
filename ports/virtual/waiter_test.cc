// SPDX-License-Identifier: Apache-2.0
#include "takt/ports/virtual/waiter.h"

#include <gtest/gtest.h>

namespace takt {
namespace {

/// Changes a word at `due`, and runs every 10 us until then.
class Changer final : public Work {
 public:
  Changer(std::atomic<std::uint32_t>& word, LocalTime due) : word_(word), due_(due) {}
  LocalTime run(LocalTime now) override {
    if (now >= due_) {
      word_ = 1;
      return kNever;
    }
    return now + Micros{10};
  }

 private:
  std::atomic<std::uint32_t>& word_;
  LocalTime due_;
};

class VirtualWaiterTest : public ::testing::Test {
 protected:
  bool wait(LocalTime change, LocalTime deadline) {
    Changer changer(word_, change);
    VirtualRunner runner(world_, clock_, VirtualRunner::Rank::kOrdinary);
    EXPECT_EQ(runner.start(changer), Status::kOk);
    return waiter_.wait(word_, 0, deadline);
  }

  World world_;
  VirtualClock clock_{world_};
  VirtualWaiter waiter_{world_, clock_};
  std::atomic<std::uint32_t> word_{0};
};

TEST_F(VirtualWaiterTest, TheWorldGoesOnUntilTheWordChanges) {
  EXPECT_TRUE(wait(LocalTime{Micros{500}}, kNever));
  EXPECT_EQ(clock_.now(), LocalTime{Micros{500}});
}

TEST_F(VirtualWaiterTest, NoLongerThanTheDeadline) {
  EXPECT_FALSE(wait(LocalTime{Micros{500}}, LocalTime{Micros{123}}));
  EXPECT_EQ(clock_.now(), LocalTime{Micros{123}});
}

TEST_F(VirtualWaiterTest, AWorldWithoutEventsEndsTheWait) {
  EXPECT_FALSE(waiter_.wait(word_, 0, kNever));
}

}  // namespace
}  // namespace takt
