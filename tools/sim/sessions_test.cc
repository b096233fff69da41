// SPDX-License-Identifier: Apache-2.0
// What a pair promises, and that the referee would notice if it did not keep it.
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "tools/sim/sessions.h"

namespace takt::sim {
namespace {

/// What people run.
constexpr Lengths kLengths{seconds(60) * 20, seconds(60) * 90};

Summary run(LinkKind link, Faults faults, std::uint64_t sessions,
            Mutation mutation = Mutation::kNone) {
  SessionConfig config;
  config.link = link;
  config.faults = faults;
  config.mutation = mutation;
  return run_sessions(config, kLengths, sessions, 2);
}

std::string seeds_of(const Summary& sum) {
  std::string seeds = "seeds";
  for (const std::uint64_t seed : sum.failing_seeds) seeds += " " + std::to_string(seed);
  return seeds;
}

void expect_holds(const Summary& sum) {
  for (const Count& count : kCounts) {
    if (!count.is_breach) continue;
    EXPECT_EQ(sum.verdict.*count.value, 0U) << count.name << ": " << seeds_of(sum);
  }
  EXPECT_GT(sum.verdict.changes, sum.sessions * 10);
  EXPECT_GT(sum.verdict.bound_samples, sum.sessions * 1'000);
}

// 1,000 sessions over all links; where a sanitizer looks on, as many as it has the time for.
#ifdef NDEBUG
constexpr std::uint64_t kSessions = 300;
#else
constexpr std::uint64_t kSessions = 60;
#endif
constexpr std::uint64_t kMeasured = 50;
constexpr std::uint64_t kMutated = 40;

TEST(Pair, WithstandsEveryFaultOverEspNow) {
  expect_holds(run(LinkKind::kEspNow, Faults::kAll, kSessions));
}
TEST(Pair, WithstandsEveryFaultOverBle) {
  expect_holds(run(LinkKind::kBle, Faults::kAll, kSessions));
}
TEST(Pair, WithstandsEveryFaultOverLan) {
  expect_holds(run(LinkKind::kLan, Faults::kAll, kSessions));
}

TEST(Pair, IsAsExactAsPromisedOverEspNow) {
  const Summary sum = run(LinkKind::kEspNow, Faults::kTypical, kMeasured);
  expect_holds(sum);
  EXPECT_LT(sum.edge_errors.at(0.99), 100);
  EXPECT_LT(sum.start_skews.at(0.99), 100);
  EXPECT_LE(percentile(sum.settle_s, 0.99), 5);
}

TEST(Pair, IsAsExactAsPromisedOverBle) {
  const Summary sum = run(LinkKind::kBle, Faults::kNone, kMeasured);
  expect_holds(sum);
  EXPECT_LT(sum.edge_errors.at(0.99), 1'000);
  EXPECT_LT(sum.start_skews.at(0.99), 1'000);
  EXPECT_LE(percentile(sum.settle_s, 0.99), 30);
  EXPECT_GE(percentile(sum.pulse_kept, 0.5), 0.8);
}

// Each with one protection taken away, and nothing else.
bool is_noticed(Mutation mutation, LinkKind link) {
  const Summary sum = run(link, Faults::kAll, kMutated, mutation);
  return !sum.holds();
}

TEST(Mutation, WithoutTheGuardSidesOverlap) {
  const Summary sum = run(LinkKind::kEspNow, Faults::kAll, 10, Mutation::kGuard);
  EXPECT_GT(sum.verdict.overlaps + sum.verdict.short_gaps, 0U);
}
TEST(Mutation, WithoutTwoPhasesChangesAreNotAtomic) {
  const Summary sum = run(LinkKind::kEspNow, Faults::kAll, kMutated, Mutation::kTwoPhase);
  EXPECT_GT(sum.verdict.non_atomic_changes, 0U);
}
TEST(Mutation, WithoutTheReplayCheckAnAttackerIsNoticed) {
  EXPECT_TRUE(is_noticed(Mutation::kReplayCheck, LinkKind::kBle));
}
TEST(Mutation, WithoutItsGrowthTheBoundIsDishonest) {
  const Summary sum = run(LinkKind::kEspNow, Faults::kAll, kMutated, Mutation::kBoundGrowth);
  EXPECT_GT(sum.verdict.dishonest_bounds, 0U);
}

TEST(Verdict, OfEachCountThatIsABreachOneIsEnough) {
  for (const Count& count : kCounts) {
    EXPECT_NE(count.is_breach, count.key == "bound_samples" || count.key == "changes");
    Outcome outcome;
    outcome.verdict.*count.value = 1;
    outcome.verdict.bound_samples = 1'000'000;
    Summary sum;
    sum.add(7, outcome);
    EXPECT_EQ(sum.holds(), !count.is_breach) << count.name;
    EXPECT_EQ(sum.failing_seeds.empty(), !count.is_breach) << count.name;
  }
}

TEST(Lengths, OfASeedIsTheSameInEverySeriesAndAllAreEquallyLikely) {
  constexpr std::uint64_t kSeeds = 7'000;
  std::array<std::uint64_t, 7> tens{};
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const Micros length = kLengths.of(seed);
    ASSERT_GE(length, kLengths.shortest);
    ASSERT_LT(length, kLengths.longest);
    ++tens[static_cast<std::size_t>((length - kLengths.shortest) / (seconds(60) * 10))];
    EXPECT_EQ((Lengths{seconds(60) * 85, seconds(60) * 85}).of(seed), seconds(60) * 85);
  }
  for (const std::uint64_t ten : tens) EXPECT_NEAR(static_cast<double>(ten), 1'000, 150);
  SessionConfig config;
  config.seed = 41;
  const Summary series = run_sessions(config, kLengths, 2, 1);
  const Summary alone = run_sessions(config, kLengths, 1, 1);
  config.seed = 42;
  const Summary second = run_sessions(config, kLengths, 1, 1);
  EXPECT_EQ(series.verdict.bound_samples,
            alone.verdict.bound_samples + second.verdict.bound_samples);
  EXPECT_EQ(series.messages, alone.messages + second.messages);
}

TEST(Pair, FollowsFromItsSeedWhateverTheThreads) {
  SessionConfig config;
  config.faults = Faults::kAll;
  const Summary one = run_sessions(config, kLengths, 8, 1);
  const Summary four = run_sessions(config, kLengths, 8, 4);
  EXPECT_EQ(one.verdict.bound_samples, four.verdict.bound_samples);
  EXPECT_EQ(one.messages, four.messages);
  EXPECT_EQ(one.pulse_kept, four.pulse_kept);
  EXPECT_EQ(one.edge_errors.at(0.9), four.edge_errors.at(0.9));
}

}  // namespace
}  // namespace takt::sim
