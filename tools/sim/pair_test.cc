// SPDX-License-Identifier: Apache-2.0
// What a pair promises, and that the referee would notice if it did not keep it.
#include <gtest/gtest.h>

#include <thread>

#include "tools/sim/pair.h"

namespace takt::sim {
namespace {

Summary run(LinkKind link, Faults faults, std::uint64_t sessions,
            Mutation mutation = Mutation::kNone, std::uint64_t seed = 1) {
  SessionConfig config;
  config.seed = seed;
  config.link = link;
  config.faults = faults;
  config.mutation = mutation;
  return run_sessions(config, sessions, 2);
}

std::string seeds_of(const Summary& sum) {
  std::string seeds = "seeds";
  for (const std::uint64_t seed : sum.failing_seeds) seeds += " " + std::to_string(seed);
  return seeds;
}

void expect_holds(const Summary& sum) {
  EXPECT_EQ(sum.verdict.overlaps, 0U) << seeds_of(sum);
  EXPECT_EQ(sum.verdict.short_gaps, 0U) << seeds_of(sum);
  EXPECT_EQ(sum.verdict.non_atomic_changes, 0U) << seeds_of(sum);
  EXPECT_EQ(sum.verdict.unsafe_silences, 0U) << seeds_of(sum);
  EXPECT_EQ(sum.verdict.slow_stops, 0U) << seeds_of(sum);
  EXPECT_EQ(sum.verdict.unrecovered, 0U) << seeds_of(sum);
  EXPECT_LE(sum.verdict.dishonest_bounds * 10'000, sum.verdict.bound_samples) << seeds_of(sum);
  EXPECT_GT(sum.verdict.changes, sum.sessions * 10);
  EXPECT_GT(sum.verdict.bound_samples, sum.sessions * 1'000);
}

constexpr std::uint64_t kSessions = 200;
constexpr std::uint64_t kMutated = 100;

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
  const Summary sum = run(LinkKind::kEspNow, Faults::kTypical, kSessions / 4);
  expect_holds(sum);
  EXPECT_LT(sum.edge_errors.at(0.99), 100);
  EXPECT_LT(sum.start_skews.at(0.99), 100);
  EXPECT_LE(percentile(sum.settle_s, 0.99), 5);
}

TEST(Pair, IsAsExactAsPromisedOverBle) {
  const Summary sum = run(LinkKind::kBle, Faults::kNone, kSessions / 4);
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

TEST(Pair, FollowsFromItsSeedWhateverTheThreads) {
  SessionConfig config;
  config.faults = Faults::kAll;
  const Summary one = run_sessions(config, 8, 1);
  const Summary four = run_sessions(config, 8, 4);
  EXPECT_EQ(one.verdict.bound_samples, four.verdict.bound_samples);
  EXPECT_EQ(one.messages, four.messages);
  EXPECT_EQ(one.pulse_kept, four.pulse_kept);
  EXPECT_EQ(one.edge_errors.at(0.9), four.edge_errors.at(0.9));
}

}  // namespace
}  // namespace takt::sim
