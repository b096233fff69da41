// SPDX-License-Identifier: Apache-2.0
#include "takt/app/playback/halves.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "tests/support/program.h"

namespace takt {
namespace {

/// Fails on command.
class FlakyBank final : public OutputBank {
 public:
  Status configure(std::span<const PinConfig> /*pins*/) override { return Status::kOk; }
  Status apply(const Levels& levels) override {
    ++calls;
    if (failures > 0) {
      --failures;
      return Status::kIo;
    }
    applied.push_back(levels);
    return Status::kOk;
  }

  int calls = 0;
  int failures = 0;
  std::vector<Levels> applied;
};

Levels on(std::uint32_t bits) {
  Levels levels;
  levels.on = bits;
  return levels;
}

LocalTime at(Micros time) { return LocalTime{time}; }

class RealtimeHalfTest : public ::testing::Test {
 protected:
  void push(const Frame& frame) {
    ASSERT_GT(window.room(), 0U);
    window.push(frame);
    window.publish();
  }

  std::vector<Window::Slot> slots = std::vector<Window::Slot>(64);
  Window window{slots, {}, 0};
  Player player{window, seconds(100), Micros{0}, millis(10)};
  FlakyBank bank;
  RealtimeHalf half{player, bank};
};

TEST_F(RealtimeHalfTest, EveryFrameButTheFailedOneIsWrittenInItsOwnTime) {
  constexpr std::uint32_t kFrames = 30;
  for (std::uint32_t i = 1; i <= kFrames; ++i) {
    push({at(millis(10) * i), 0, on(i)});
  }
  LocalTime due = half.run(at({}));
  for (std::uint32_t i = 1; i <= kFrames; ++i) {
    EXPECT_EQ(due, at(millis(10) * i));
    bank.failures = i == 17 ? 1 : 0;
    due = half.run(due);
    if (i != 17) {
      EXPECT_EQ(bank.applied.back(), on(i));
      continue;
    }
    EXPECT_EQ(bank.applied.back(), on(16));
    EXPECT_EQ(due, at(millis(170) + RealtimeHalf::kFirstRetry));
    due = half.run(due);
    EXPECT_EQ(bank.applied.back(), on(17));
  }
  EXPECT_EQ(bank.applied.size(), kFrames);
  Fault fault;
  ASSERT_TRUE(player.take_fault(fault));
  EXPECT_EQ(fault.reason, FaultReason::kPort);
  EXPECT_EQ(fault.at, at(millis(170)));
  EXPECT_FALSE(player.take_fault(fault));
  EXPECT_FALSE(player.faulted());
}

TEST_F(RealtimeHalfTest, OutputsThatShouldHaveGoneOffAreTriedAgainUntilTheyDo) {
  push({at(millis(1)), 0, on(1)});
  push({at(millis(2)), kEndEntry, on(0)});
  LocalTime due = half.run(half.run(at({})));
  bank.failures = 5;
  int runs = 0;
  for (; due != kNever; ++runs) due = half.run(due);
  EXPECT_EQ(runs, 6);
  EXPECT_EQ(bank.applied.back(), on(0));
}

TEST_F(RealtimeHalfTest, ABankThatIsGoneForGoodCostsLittleAndOneFaultForEachFrame) {
  bank.failures = 1'000'000;
  push({at(millis(1)), 0, on(1)});
  push({at(seconds(1'000)), kEndEntry, on(0)});
  for (LocalTime due = half.run(at({})); due <= at(seconds(2'000));) due = half.run(due);
  EXPECT_LT(bank.calls, 2'100);
  Fault fault;
  EXPECT_TRUE(player.take_fault(fault) && player.take_fault(fault));
  EXPECT_FALSE(player.take_fault(fault));
}

TEST(DescribePins, TellsABoardAllAndOnlyWhatItMustKnow) {
  std::vector<Output> outputs(2);
  outputs[0].pin = 12;
  outputs[0].active_low = true;
  outputs[1].kind = OutputKind::kAnalog;
  outputs[1].range = 500;
  Program program;
  program.outputs = outputs;
  std::vector<PinConfig> pins(2);
  describe_pins(program, pins);
  EXPECT_EQ(pins[0].pin, 12);
  EXPECT_TRUE(pins[0].active_low);
  EXPECT_FALSE(pins[0].analog);
  EXPECT_EQ(pins[1].pin, -1);
  EXPECT_TRUE(pins[1].analog);
  EXPECT_EQ(pins[1].range, 500);
}

/// Bites when it was not fed in time.
class CountingWatchdog final : public Watchdog {
 public:
  void feed() override { fed.push_back(now); }
  Micros patience() const override { return seconds(2); }

  LocalTime now;
  std::vector<LocalTime> fed;
};

TEST(RealtimeHalf, FeedsTheWatchdogInEveryDeadTimeAndOnceMoreInLongHalves) {
  for (const int cycle_ms : {500, 800, 1000, 1200, 2000}) {
    testing::Draft draft = testing::two_sides();
    draft.pattern->score.bilateral.cycle = millis(cycle_ms);
    draft.pattern->length = millis(cycle_ms * 10);
    const testing::Built built{draft};
    ASSERT_TRUE(built.ok());
    const EngineNeeds needs = EngineNeeds::of(built.program());
    std::vector<std::max_align_t> memory(needs.bytes() / sizeof(std::max_align_t) + 1);
    Engine engine{{needs, std::as_writable_bytes(std::span{memory})}, {}};
    FlakyBank bank;
    CountingWatchdog watchdog;
    RealtimeHalf half{engine.realtime(), bank, &watchdog};
    ASSERT_EQ(engine.load(built.timeline()), Status::kOk);
    ASSERT_EQ(engine.start(at({}), at({})), Status::kOk);
    LocalTime control = engine.feed(at({}));
    for (LocalTime now; now < at(draft.pattern->length);) {
      watchdog.now = now;
      const LocalTime realtime = half.run(now);
      if (control <= now) control = engine.feed(now);
      now = std::min(half.run(now), std::min(realtime, control));
    }
    const Micros half_cycle = millis(cycle_ms) / 2;
    for (int n = 0; n < 20; ++n) {
      const LocalTime begin = at(half_cycle * n);
      const auto fed_between = [&watchdog](LocalTime from, LocalTime to) {
        return std::ranges::count_if(watchdog.fed,
                                     [=](LocalTime t) { return t >= from && t < to; });
      };
      EXPECT_GE(fed_between(begin + half_cycle - millis(1), begin + half_cycle), 1) << n;
      if (half_cycle > millis(500)) {
        EXPECT_GE(fed_between(begin + millis(1), begin + half_cycle - millis(1)), 1) << n;
      }
    }
    for (std::size_t i = 1; i < watchdog.fed.size(); ++i) {
      EXPECT_LE(watchdog.fed[i] - watchdog.fed[i - 1], millis(500));
    }
  }
}

TEST(RealtimeHalf, FeedsTheWatchdogWhileNothingPlays) {
  std::vector<Window::Slot> slots(64);
  Window window{slots, {}, 0};
  Player player{window, seconds(1), Micros{0}, millis(10)};
  FlakyBank bank;
  CountingWatchdog watchdog;
  RealtimeHalf half{player, bank, &watchdog};
  LocalTime now;
  for (int i = 0; i < 10; ++i) {
    watchdog.now = now;
    now = half.run(now);
    EXPECT_EQ(now, at(RealtimeHalf::kFeedEvery * (i + 1)));
  }
  EXPECT_EQ(watchdog.fed.size(), 10U);
}

}  // namespace
}  // namespace takt
