// SPDX-License-Identifier: Apache-2.0
#include "tools/play/witness.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "takt/app/playback/hosted_engine.h"
#include "takt/ports/virtual/output_bank.h"
#include "tests/support/oracle.h"
#include "tests/support/program.h"

namespace takt {
namespace {

using testing::Built;
using testing::Change;
using testing::Draft;

/// On for 1 ms in every 2 ms.
Built blinking(std::uint32_t times) {
  Draft draft;
  const std::uint8_t output = draft.add_switch();
  draft.add_stage().parts = {
      testing::pulses(output, kNoOutput, {}, times, {{millis(1), millis(1)}})};
  return Built{draft};
}

/// A witness of a whole run, in the time that the deadlines ask for.
struct Rehearsed {
  explicit Rehearsed(const Built& built)
      : built_(built),
        hosted(built.program(), Micros{0}),
        witness(hosted.engine().realtime(), bank, built.timeline()) {}

  void play() {
    Engine& engine = hosted.engine();
    ASSERT_EQ(engine.load(built_.timeline()), Status::kOk);
    ASSERT_EQ(engine.start({}, {}), Status::kOk);
    LocalTime feed_at = engine.feed({});
    for (LocalTime due = witness.run({}); std::min(due, feed_at) != kNever;) {
      const LocalTime now = std::min(due, feed_at);
      if (now == feed_at) feed_at = engine.feed(now);
      due = witness.run(now);
    }
  }

  const Built& built_;
  VirtualOutputBank bank;
  HostedEngine hosted;
  Witness witness;
};

std::vector<Change> changes_of(Witness& witness) {
  std::vector<Change> changes;
  for (Witness::Change change; witness.take(change);) {
    changes.push_back({change.at.since_zero(), change.levels});
  }
  return changes;
}

TEST(Witness, ItTellsWhatTheOutputsDidAndWhen) {
  const Built built = blinking(300);
  Rehearsed run{built};
  run.play();
  EXPECT_EQ(changes_of(run.witness), testing::expand(built.program()));
  EXPECT_EQ(run.witness.lost(), 0U);
}

TEST(Witness, WhatTheBankRefusedDidNotHappen) {
  const Built built = blinking(300);
  std::vector<Change> expected = testing::expand(built.program());
  Rehearsed run{built};
  run.bank.fail(10, 1);
  run.play();
  // The retry comes together with the next frame, which is an off where there was no on.
  expected.erase(expected.begin() + 10);
  std::vector<Change> seen = changes_of(run.witness);
  EXPECT_EQ(seen, expected);
}

TEST(Witness, WhatNobodyTakesIsLostToTheTakerAloneAndCounted) {
  const Built built = blinking(10'000);
  Rehearsed run{built};
  run.play();
  const std::size_t taken = changes_of(run.witness).size();
  EXPECT_EQ(taken + run.witness.lost(), 20'000U);
  EXPECT_GT(run.witness.lost(), 0U);
  EXPECT_EQ(run.bank.applies(), 20'000U);
}

TEST(Witness, NothingIsLostOrReorderedWhileAnotherThreadTakes) {
  const Built built = blinking(5'000);
  Rehearsed run{built};
  std::thread realtime{[&run] { run.play(); }};
  std::vector<Change> seen;
  while (seen.size() < 10'000) {
    const std::vector<Change> some = changes_of(run.witness);
    seen.insert(seen.end(), some.begin(), some.end());
    std::this_thread::yield();
  }
  realtime.join();
  EXPECT_EQ(seen, testing::expand(built.program()));
}

}  // namespace
}  // namespace takt
