// SPDX-License-Identifier: Apache-2.0
#include "takt/core/program/cursor.h"

#include <gtest/gtest.h>

#include "tests/support/program.h"

namespace takt {
namespace {

using testing::Built;
using testing::Draft;

/// Edges of a phase from a place on, at most `count`.
std::vector<std::pair<Micros, Levels>> edges_from(const Program& program, Micros offset,
                                                  std::size_t count) {
  std::vector<PhaseCursor::Slot> slots(16);
  PhaseCursor cursor{slots};
  cursor.seek(program, program.phases[0], offset);
  std::vector<std::pair<Micros, Levels>> edges{{offset, cursor.levels()}};
  while (edges.size() <= count && cursor.next() != Micros::max()) {
    const Micros at = cursor.next();
    cursor.step();
    edges.emplace_back(at, cursor.levels());
  }
  return edges;
}

TEST(Cursor, InTheMiddleOfABillionEventsIsWhereArithmeticSays) {
  Draft draft;
  const auto motor = draft.add_motor();
  const auto direction = static_cast<std::uint8_t>(motor + 1);
  draft.add_stage(millis(3)).parts = {
      testing::pulses(motor, direction, millis(7), 250'000'000,
                      {{millis(2), millis(1), true}, {millis(4), millis(3), false}})};
  const Built built{draft};
  ASSERT_TRUE(built.ok()) << built.diagnostics().text();
  const Micros middle = millis(10) + millis(10) * 123'456'789;
  const std::uint32_t on = 1U << motor;
  const std::uint32_t cw = 1U << direction;
  // At a repeat's start, and then 1 us before each of its edges.
  const auto from_start = edges_from(built.program(), middle, 4);
  ASSERT_EQ(from_start.size(), 5U);
  EXPECT_EQ(from_start[0].second.on, on | cw);
  EXPECT_EQ(from_start[1], (std::pair{middle + millis(2), Levels{{}, cw}}));
  EXPECT_EQ(from_start[2], (std::pair{middle + millis(3), Levels{{}, on}}));
  EXPECT_EQ(from_start[3], (std::pair{middle + millis(7), Levels{{}, 0}}));
  EXPECT_EQ(from_start[4], (std::pair{middle + millis(10), Levels{{}, on | cw}}));
  for (std::size_t i = 1; i < from_start.size(); ++i) {
    const auto before = edges_from(built.program(), from_start[i].first - Micros{1}, 1);
    EXPECT_EQ(before[0].second, from_start[i - 1].second);
    EXPECT_EQ(before[1], from_start[i]);
  }
}

TEST(Cursor, SeekingEqualsSteppingAtEveryMicrosecondOfARamp) {
  Draft draft;
  const auto lamp = draft.add_analog(1'000);
  draft.add_stage().parts = {
      testing::ramp(lamp, 7, Micros{5}, millis(200), Micros{65'432}, Micros{70'001})};
  const Built built{draft};
  const auto played = edges_from(built.program(), Micros{0}, 100);
  ASSERT_EQ(played.size(), 1 + 6 + 7U) << "6 steps of 10 ms up, 7 steps of one unit down";
  std::size_t next = 1;
  for (Micros t; t < millis(201); t += Micros{1}) {
    while (next < played.size() && played[next].first <= t) ++next;
    const auto sought = edges_from(built.program(), t, 1);
    ASSERT_EQ(sought[0].second, played[next - 1].second) << t.count();
    if (next < played.size()) {
      ASSERT_EQ(sought[1], played[next]) << t.count();
    }
  }
}

TEST(Cursor, ADirectionHoldsUntilTheNextPatternOfItsMotor) {
  Draft draft;
  const auto motor = draft.add_motor();
  const auto direction = static_cast<std::uint8_t>(motor + 1);
  draft.add_stage().parts = {
      testing::pulses(motor, direction, Micros{0}, 1, {{millis(1), millis(1), true}}),
      testing::pulses(motor, direction, millis(10), 1, {{millis(1), millis(1), false}}),
      testing::pulses(motor, direction, millis(20), 1, {{millis(1), millis(1), true}})};
  const Built built{draft};
  for (const auto& [at, clockwise] :
       {std::pair{5, true}, {9, true}, {10, false}, {15, false}, {20, true}, {40, true}}) {
    const auto edges = edges_from(built.program(), millis(at), 0);
    EXPECT_EQ(edges[0].second.is_on(direction), clockwise) << at << " ms";
  }
}

}  // namespace
}  // namespace takt
