// SPDX-License-Identifier: Apache-2.0
#include "bench/heap_run.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "bench/count_instructions.h"

namespace takt {
namespace {

// At least three instructions for each turn, and equally many for each.
void spin(std::size_t turns) {
  volatile std::size_t turn = 0;
  while (turn < turns) turn = turn + 1;
}

TEST(CountInstructions, CountsALoopExactlyAndStopsAtItsLimit) {
  const auto counts = count_instructions({
      .prepare = [] {},
      .operation = [](std::size_t i) { spin(100 * (i + 1)); },
      .then = [](std::size_t) {},
      .operations = 4,
  });
  if (!counts) GTEST_SKIP() << "this system forbids to trace a process";
  ASSERT_EQ(counts->size(), 4U);
  const std::uint64_t hundred = (*counts)[1] - (*counts)[0];
  EXPECT_GE(hundred, 300U);
  EXPECT_EQ((*counts)[2] - (*counts)[1], hundred);
  EXPECT_EQ((*counts)[3] - (*counts)[2], hundred);

  const auto endless = count_instructions({
      .prepare = [] {},
      .operation = [](std::size_t) { spin(kMostInstructions); },
      .then = [](std::size_t) {},
      .operations = 1,
  });
  EXPECT_EQ(endless.value().at(0), kMostInstructions);
}

// A sanitizer makes the steps many and their number nobody's promise.
#ifdef NDEBUG
constexpr std::size_t kSamples = 3;
#else
constexpr std::size_t kSamples = 1;
#endif

// Random operations, and those built to be the worst, among 10, 1,000 and 100,000 blocks.
TEST(WorstOperation, DoesNotGrowWithTheNumberOfLiveBlocks) {
  constexpr std::size_t kLive[] = {10, 1'000, 100'000};
  const std::vector<WorstOperation> worst = bench_worst_of_takt(kLive, kSamples);
  if (worst.empty()) GTEST_SKIP() << "this system forbids to trace a process";
  ASSERT_EQ(worst.size(), 6U);
  for (std::size_t i = 2; i < worst.size(); ++i) {
    const WorstOperation& few = worst[i % 2];
    EXPECT_EQ(worst[i].allocator, few.allocator);
    // Which way a comparison of minima goes is worth some instructions, not more.
    EXPECT_LE(worst[i].allocate, few.allocate + few.allocate / 10) << worst[i].live_blocks;
    EXPECT_LE(worst[i].free, few.free + few.free / 10) << worst[i].live_blocks;
  }
#ifdef NDEBUG
  EXPECT_LE(worst[0].allocate, 400U);
  EXPECT_LE(worst[0].free, 400U);
#endif
}

TEST(DeviceMixture, FreesEveryBlockItTakes) {
  std::set<std::uint32_t> held;
  const std::vector<TraceStep> trace = device_mixture(7, 10'000);
  EXPECT_GE(trace.size(), 20'000U);
  for (const TraceStep& step : trace) {
    if (step.bytes != 0) {
      EXPECT_TRUE(held.insert(step.slot).second);
    } else {
      EXPECT_EQ(held.erase(step.slot), 1U);
    }
  }
  EXPECT_TRUE(held.empty());
}

TEST(Fragmentation, OfALongMixtureStaysBelowTheGoalInTheEnd) {
  const Fragmentation wear = bench_fragmentation(3, 100'000);
  EXPECT_LT(wear.end_percent, 40);
  EXPECT_GE(wear.worst_percent, wear.end_percent);
}

}  // namespace
}  // namespace takt
