// SPDX-License-Identifier: Apache-2.0
// What is played against what was written: random programs, the shipped engine, a naive oracle.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/oracle.h"
#include "tests/support/program.h"
#include "tests/support/rig.h"

namespace takt::testing {
namespace {

constexpr unsigned kPrograms = 3'000;

class RandomPrograms : public ::testing::Test {
 protected:
  /// Calls `body` with many random programs; a failure names the seed of its program.
  template <typename Body>
  void for_each(Body body, unsigned programs = kPrograms) {
    for (unsigned seed = 1; seed <= programs && !HasFailure(); ++seed) {
      SCOPED_TRACE("seed " + std::to_string(seed));
      std::mt19937 random{seed};
      const Draft draft = random_draft(random);
      body(draft, random);
    }
  }
};

TEST_F(RandomPrograms, PlayAsTheNaiveOracleSays) {
  for_each([](const Draft& draft, std::mt19937&) {
    const Built built{draft};
    Rig rig{built.program()};
    rig.play(built.timeline());
    ASSERT_TRUE(rig.run());
    EXPECT_EQ(rig.engine().status(rig.now()).end, EndReason::kFinished);
    EXPECT_EQ(rig.now().since_zero(), built.timeline().duration());
    ASSERT_EQ(rig.changes(), expand(built.program()));
  });
}

TEST_F(RandomPrograms, PlayTheSameInAnyOrderOfComponents) {
  for_each([](const Draft& draft, std::mt19937& random) {
    const Built built{draft};
    Draft shuffled = draft;
    for (auto& stage : shuffled.stages) {
      std::shuffle(stage.parts.begin(), stage.parts.end(), random);
    }
    const Built other{shuffled};
    Rig rig{built.program()};
    Rig twin{other.program()};
    rig.play(built.timeline());
    twin.play(other.timeline());
    rig.run();
    twin.run();
    ASSERT_EQ(rig.changes(), twin.changes());
  });
}

TEST_F(RandomPrograms, PlayTheSameThroughTheSmallestWindow) {
  for_each([](const Draft& draft, std::mt19937&) {
    const Built built{draft};
    Rig rig{built.program(), Window::kMinFrames};
    rig.play(built.timeline());
    rig.run();
    ASSERT_EQ(rig.changes(), expand(built.program()));
  });
}

TEST_F(RandomPrograms, JoinedLateAreWhereTheyWouldBe) {
  for_each([](const Draft& draft, std::mt19937& random) {
    const Built built{draft};
    const Micros duration = built.timeline().duration();
    std::uniform_int_distribution<std::int64_t> anywhere{0, duration.count()};
    const Micros missed{anywhere(random)};
    Rig rig{built.program()};
    rig.run_until(LocalTime{seconds(1)});
    ASSERT_EQ(rig.engine().load(built.timeline()), Status::kOk);
    ASSERT_EQ(rig.engine().start(rig.now() - missed, rig.now()), Status::kOk);
    rig.settle();
    rig.run();
    // What the oracle did up to the moment of joining shows as one change, if any.
    std::vector<Change> expected;
    Levels at_joining;
    for (const Change& change : expand(built.program())) {
      if (change.at <= missed) {
        at_joining = change.levels;
      } else {
        expected.push_back({seconds(1) - missed + change.at, change.levels});
      }
    }
    if (at_joining != Levels{}) expected.insert(expected.begin(), {seconds(1), at_joining});
    ASSERT_EQ(rig.changes(), expected);
  });
}

TEST_F(RandomPrograms, AreNeverEarlyAndLoseNothingButWhatLatenessMerges) {
  for_each(
      [](const Draft& draft, std::mt19937& random) {
        const Built built{draft};
        Rig rig{built.program(), Window::kDefaultFrames};
        std::uniform_int_distribution<std::int64_t> late{0, 3'000};
        rig.lateness = [&] { return Micros{late(random)}; };
        rig.play(built.timeline());
        rig.run();
        const std::vector<Change> plan = expand(built.program());
        for (const Change& change : rig.changes()) {
          // Each level that was applied is the planned one of that moment, or of at most 3 ms ago.
          Levels now_planned;
          bool found = false;
          for (std::size_t i = 0; i <= plan.size(); ++i) {
            const Micros from = i == 0 ? Micros{-1} : plan[i - 1].at;
            const Micros until = i == plan.size() ? Micros::max() : plan[i].at;
            now_planned = i == 0 ? Levels{} : plan[i - 1].levels;
            found = found || (now_planned == change.levels && from <= change.at &&
                              change.at - millis(4) <= until);
          }
          ASSERT_TRUE(found) << ::testing::PrintToString(change);
        }
        EXPECT_EQ(rig.engine().status(rig.now()).end, EndReason::kFinished);
      },
      500);
}

/// How often `output` comes on in `changes`.
std::uint32_t pulses_of(const Output& output, unsigned index, const std::vector<Change>& changes) {
  std::uint32_t pulses = 0;
  bool before = false;
  for (const Change& change : changes) {
    const bool on = output.kind == OutputKind::kAnalog ? change.levels.analog[output.channel] != 0
                                                       : change.levels.is_on(index);
    pulses += on && !before;
    before = on;
  }
  return pulses;
}

TEST_F(RandomPrograms, TellEachPulseThatAStallSwallowed) {
  std::uint64_t all = 0;
  for_each(
      [&all](const Draft& draft, std::mt19937& random) {
        const Built built{draft};
        Rig rig{built.program()};
        rig.lateness = [&] {
          return Micros{random() % 3 == 0 ? static_cast<std::int64_t>(random() % 20'000) : 0};
        };
        rig.play(built.timeline());
        rig.run();
        ASSERT_EQ(rig.engine().status(rig.now()).end, EndReason::kFinished);
        const std::vector<Change> plan = expand(built.program());
        std::uint32_t sum = 0;
        for (unsigned i = 0; i < built.program().outputs.size(); ++i) {
          const Output& output = built.program().outputs[i];
          const std::uint32_t lost =
              pulses_of(output, i, plan) - pulses_of(output, i, rig.changes());
          ASSERT_EQ(rig.engine().realtime().lost_pulses(i).count, lost) << "output " << i;
          sum += lost;
        }
        ASSERT_EQ(rig.engine().status(rig.now()).lost_pulses, sum);
        all += sum;
      },
      1'000);
  EXPECT_GT(all, 1'000U);
}

TEST_F(RandomPrograms, PausedAndResumedDoTheSameLater) {
  for_each([](const Draft& draft, std::mt19937& random) {
    const Built built{draft};
    const Micros duration = built.timeline().duration();
    if (duration == Micros{0}) return;
    std::uniform_int_distribution<std::int64_t> anywhere{0, duration.count() - 1};
    const Micros pause_at{anywhere(random)};
    const Micros pause = millis(77);
    Rig rig{built.program()};
    rig.play(built.timeline());
    rig.run_until(LocalTime{pause_at});
    ASSERT_EQ(rig.engine().pause(rig.now()), Status::kOk);
    rig.settle();
    rig.run_until(LocalTime{pause_at + pause});
    ASSERT_EQ(rig.engine().resume(rig.now()), Status::kOk);
    rig.settle();
    rig.run();
    std::vector<Change> expected;
    Levels before;
    for (const Change& change : expand(built.program())) {
      if (change.at < pause_at) expected.push_back(change);
      if (change.at <= pause_at) before = change.levels;
    }
    const Levels shown = expected.empty() ? Levels{} : expected.back().levels;
    // A change at the very instant of the pause may show for no time at all; it is left out.
    std::vector<Change> played = rig.changes();
    std::erase_if(played,
                  [&](const Change& c) { return c.at == pause_at && c.levels != Levels{}; });
    if (shown != Levels{} || before != Levels{}) expected.push_back({pause_at, {}});
    if (before != Levels{}) expected.push_back({pause_at + pause, before});
    for (const Change& change : expand(built.program())) {
      if (change.at > pause_at) expected.push_back({change.at + pause, change.levels});
    }
    ASSERT_EQ(played, expected) << "pause at " << pause_at.count();
  });
}

}  // namespace
}  // namespace takt::testing
