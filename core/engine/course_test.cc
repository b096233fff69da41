// SPDX-License-Identifier: Apache-2.0
// What both forms of a course keep to.
#include "takt/core/engine/course.h"

#include <gtest/gtest.h>

#include <vector>

#include "takt/core/engine/engine.h"
#include "tests/support/program.h"

namespace takt {
namespace {

using testing::Built;
using testing::Draft;

constexpr LocalTime kBegun{seconds(100)};

/// Three phases of two, three and four seconds.
Draft phases() {
  Draft draft;
  const auto lamp = draft.add_switch();
  for (const int length : {2, 3, 4}) {
    draft.add_stage().parts = {testing::span(lamp, Micros{0}, seconds(length))};
  }
  return draft;
}

/// A program on its course.
struct Going {
  explicit Going(const Draft& draft)
      : built(draft), cursors(EngineNeeds::of(built.program()).cursors), course(cursors, &sides) {}

  const Timeline& timeline() const { return built.timeline(); }

  const Built built;
  std::vector<PhaseCursor::Slot> cursors;
  PatternFeeder sides;
  Course course;
};

class BothForms : public ::testing::TestWithParam<bool> {
 protected:
  void expect_at(LocalTime now, Micros elapsed) {
    EXPECT_EQ(going_.course.until(going_.course.position(now)), elapsed);
  }

  Going going_{GetParam() ? testing::two_sides() : phases()};
};

TEST_P(BothForms, AreWhereThePlanIsWheneverTheRunIsJoined) {
  for (const Micros late : {-seconds(5), Micros{0}, millis(2'700), seconds(8)}) {
    going_.course.begin(going_.timeline(), kBegun, kBegun + late);
    expect_at(kBegun - millis(1), std::max(late, Micros{0}));
    for (Micros at = std::max(late, Micros{0}); at < seconds(9); at += millis(300)) {
      expect_at(kBegun + at, at);
    }
    EXPECT_EQ(going_.course.entered_at(), kBegun + std::max(late, Micros{0}));
  }
}

TEST_P(BothForms, OfARunThatIsOverAreAtItsEnd) {
  const Micros duration = going_.timeline().duration();
  going_.course.begin(going_.timeline(), kBegun, kBegun + duration);
  EXPECT_TRUE(going_.course.is_at_end(going_.course.position(kBegun + duration)));
  expect_at(kBegun + duration * 2, duration);
}

TEST_P(BothForms, WaitWhereTheyAreToldAndGoOnFromThere) {
  going_.course.begin(going_.timeline(), kBegun, kBegun);
  const Position pause = going_.course.place_to_pause(kBegun + millis(6'700));
  // Two sides go on with the half that was interrupted.
  const Micros place = GetParam() ? millis(6'500) : millis(6'700);
  EXPECT_EQ(going_.course.until(pause), place);
  going_.course.wait_at(pause);
  expect_at(kBegun + seconds(60), place);
  going_.course.enter(pause, kBegun + seconds(60));
  expect_at(kBegun + seconds(62), place + seconds(2));
  Frame frame;
  const bool at_once = going_.course.first(frame);
  EXPECT_EQ(at_once, !GetParam());
  ASSERT_TRUE(at_once || going_.course.next(frame));
  EXPECT_EQ(frame.at, kBegun + seconds(60));
  EXPECT_NE(frame.levels.on, 0U);
}

TEST_P(BothForms, PausedAgainBeforeTheyGoOnWaitAtTheSamePlace) {
  going_.course.begin(going_.timeline(), kBegun, kBegun);
  going_.course.enter(going_.timeline().position_at(millis(6'500)), kBegun + seconds(60));
  expect_at(kBegun + seconds(59), millis(6'500));
  EXPECT_EQ(going_.course.until(going_.course.place_to_pause(kBegun + seconds(59))), millis(6'500));
}

TEST_P(BothForms, OnlyTwoSidesMayStillChange) {
  going_.course.begin(going_.timeline(), kBegun, kBegun);
  EXPECT_EQ(going_.course.sides() != nullptr, GetParam());
  EXPECT_EQ(going_.course.open_from(), GetParam() ? kBegun : kLongAgo);
  EXPECT_FALSE(going_.course.joins());
  going_.course.begin(going_.timeline(), kBegun, kBegun + millis(2'700));
  EXPECT_EQ(going_.course.joins(), !GetParam()) << "two sides begin with a whole half";
}

INSTANTIATE_TEST_SUITE_P(Course, BothForms, ::testing::Bool(),
                         [](const auto& form) { return form.param ? "Sides" : "Phases"; });

}  // namespace
}  // namespace takt
