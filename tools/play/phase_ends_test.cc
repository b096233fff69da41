// SPDX-License-Identifier: Apache-2.0
#include "tools/play/phase_ends.h"

#include <gtest/gtest.h>

#include "tests/support/program.h"

namespace takt::testing {
namespace {

LocalTime at(std::int64_t ms) { return LocalTime{millis(ms)}; }

/// Three phases, twice.
class PhaseEndsTest : public ::testing::Test {
 protected:
  PhaseEndsTest() {
    Draft draft;
    const auto valve = draft.add_switch();
    for (int i = 0; i < 3; ++i) draft.add_stage().parts = {span(valve, Micros{0}, seconds(1))};
    draft.repeats = 2;
    built_.emplace(draft);
    ends_.emplace(built_->timeline());
  }

  void note(PhaseEndCause cause, std::uint32_t first, std::uint32_t entry, std::int64_t ms) {
    ends_->note({cause, {}, 0, first, entry, at(ms)});
  }
  /// Of a phase whose run `latest`, of `runs`, began at `ms`; "-": nothing.
  std::string_view of(std::size_t phase, std::uint64_t runs, std::uint32_t latest,
                      std::int64_t ms) {
    PhaseLedger::Row row;
    row.runs = runs;
    row.latest = latest;
    row.began = at(ms);
    const std::optional<PhaseEnd> end = ends_->of(phase, row);
    return end ? name_of(end->cause) : "-";
  }

  std::optional<Built> built_;
  std::optional<PhaseEnds> ends_;
};

TEST_F(PhaseEndsTest, WhatRanEndedByThePlanUnlessSomethingElseIsKnown) {
  note(PhaseEndCause::kSkip, 0, 1, 1'500);
  EXPECT_EQ(of(0, 1, 0, 0), "plan");
  EXPECT_EQ(of(1, 1, 1, 1'000), "skip");
  EXPECT_EQ(of(2, 0, 0, 0), "-");
}

TEST_F(PhaseEndsTest, OfALaterRunTheEarlierEndSaysNothing) {
  note(PhaseEndCause::kSkip, 0, 1, 1'500);
  EXPECT_EQ(of(1, 2, 4, 3'500), "plan");
}

TEST_F(PhaseEndsTest, ARunThatIsPlayedAgainToItsEndEndedByThePlan) {
  note(PhaseEndCause::kJump, 0, 1, 1'500);
  note(PhaseEndCause::kPlan, 0, 5, 9'000);
  EXPECT_EQ(of(1, 2, 4, 3'500), "plan");
  EXPECT_EQ(of(1, 2, 1, 1'500), "plan");
}

TEST_F(PhaseEndsTest, ASkippedPhaseThatNeverRanSaysSo) {
  note(PhaseEndCause::kSkip, 0, 0, 500);
  note(PhaseEndCause::kSkip, 1, 1, 500);
  EXPECT_EQ(of(1, 0, 0, 0), "skip");
}

TEST_F(PhaseEndsTest, OfOneInstantTheRunTells) {
  note(PhaseEndCause::kSkip, 0, 0, 500);
  note(PhaseEndCause::kSkip, 1, 1, 500);
  EXPECT_EQ(of(1, 1, 1, 500), "skip");
}

}  // namespace
}  // namespace takt::testing
