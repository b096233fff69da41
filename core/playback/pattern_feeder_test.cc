// SPDX-License-Identifier: Apache-2.0
#include "takt/core/playback/pattern_feeder.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <vector>

#include "takt/core/playback/player.h"
#include "tests/support/program.h"

namespace takt {
namespace {

using testing::Built;
using testing::Draft;
using testing::two_sides;

/// A pulse of one side, as the pins would see it.
struct Pulse {
  SideSet side = 0;
  LocalTime on;
  LocalTime off;

  bool operator==(const Pulse&) const = default;
};

/// Pulls frames and notes the pulses of both sides' lights.
class Watch {
 public:
  explicit Watch(const Pattern& pattern) : pattern_(pattern) {}

  void see(const Frame& frame) {
    EXPECT_GE(frame.at, last_at_);
    last_at_ = frame.at;
    for (std::size_t i = 0; i < 2; ++i) {
      const bool on = frame.levels.is_on(pattern_.sides[i].light);
      if (on && !on_[i]) began_[i] = frame.at;
      if (!on && on_[i]) {
        pulses.push_back({static_cast<SideSet>(1U << i), began_[i], frame.at});
      }
      on_[i] = on;
    }
  }

  std::vector<Pulse> pulses;

 private:
  const Pattern& pattern_;
  LocalTime last_at_;
  std::array<bool, 2> on_{};
  std::array<LocalTime, 2> began_{};
};

LocalTime at_us(std::int64_t us) { return LocalTime{Micros{us}}; }

Segment light(std::uint32_t at_ms, std::uint16_t rate_mhz, std::uint8_t duty, std::uint8_t colour) {
  Segment segment;
  segment.at_ms = at_ms;
  segment.rate_mhz = rate_mhz;
  segment.duty_percent = duty;
  segment.look = {0, 100, colour};
  return segment;
}

Draft emergency() {
  Draft draft = two_sides();
  for (SideOutputs& side : draft.pattern->sides) side.colour = draft.add_analog(15);
  draft.segments = {light(0, 2000, 50, 0), light(2000, 2000, 50, 1), light(4000, 4000, 25, 0),
                    light(5000, 4000, 25, 1), light(6000, 1000, 50, 2)};
  draft.pattern->score.length = millis(8000);
  draft.pattern->length = millis(8000);
  draft.pattern->flashing_acknowledged = true;
  draft.repeats = 3;
  return draft;
}

TEST(PatternFeeder, TheEmergencyPatternPlaysThreeLoopsEdgeByEdge) {
  const Built built{emergency()};
  ASSERT_TRUE(built.ok()) << built.diagnostics().text();
  std::vector<Pulse> expected;
  struct Row {
    std::int64_t begin_us, count, half_us, on_us;
  };
  // Number of halves, their length and their pulse, from the seed's table.
  const std::array<Row, 5> table{{{0, 8, 250'000, 125'000},
                                  {2'000'000, 8, 250'000, 125'000},
                                  {4'000'000, 8, 125'000, 31'250},
                                  {5'000'000, 8, 125'000, 31'250},
                                  {6'000'000, 4, 500'000, 250'000}}};
  for (int loop = 0; loop < 3; ++loop) {
    for (const Row& row : table) {
      for (std::int64_t half = 0; half < row.count; ++half) {
        const std::int64_t on = 8'000'000 * loop + row.begin_us + half * row.half_us;
        expected.push_back(
            {half % 2 == 0 ? kLeftSide : kRightSide, at_us(on), at_us(on + row.on_us)});
      }
    }
  }

  PatternFeeder sides;
  sides.begin(built.timeline(), {}, LocalTime{});
  Watch watch{*built.program().pattern};
  Frame frame;
  while (sides.next(frame)) watch.see(frame);
  EXPECT_EQ(watch.pulses, expected);
  EXPECT_EQ(frame.entry, kEndEntry);
  EXPECT_EQ(frame.at, at_us(24'000'000));
  EXPECT_EQ(frame.levels, Levels{});
}

TEST(PatternFeeder, JoiningLateEqualsPlayingFromTheNextBoundary) {
  const Built built{emergency()};
  std::mt19937 random{1};
  PatternFeeder sides;
  Watch whole{*built.program().pattern};
  Frame frame;
  sides.begin(built.timeline(), {}, LocalTime{});
  while (sides.next(frame)) whole.see(frame);
  for (int i = 0; i < 500; ++i) {
    const LocalTime from = at_us(std::uniform_int_distribution{0, 23'999'999}(random));
    sides.begin(built.timeline(), {SessionTime{}}, from);
    Watch late{*built.program().pattern};
    while (sides.next(frame)) late.see(frame);
    std::vector<Pulse> rest;
    for (const Pulse& pulse : whole.pulses) {
      if (pulse.on + Micros{1} >= from) rest.push_back(pulse);
    }
    // At the very microsecond of a boundary, the pulse may begin one later.
    if (!rest.empty() && rest.front().on < from) rest.front().on = from;
    ASSERT_EQ(late.pulses, rest) << "joined at " << from.since_zero().count();
  }
}

TEST(PatternFeeder, PulsesShrinkByTheBoundAtBothEndsUntilNothingIsLeft) {
  const Built built{two_sides()};
  ASSERT_TRUE(built.ok()) << built.diagnostics().text();
  for (const std::int64_t bound_us : {1, 1'000, 100'000, 249'000, 250'000, 900'000}) {
    PatternFeeder sides;
    ClockMap map;
    map.bound = Micros{bound_us};
    sides.set_clock(map);
    sides.begin(built.timeline(), {}, LocalTime{});
    Watch watch{*built.program().pattern};
    Frame frame;
    while (sides.next(frame) && frame.at < at_us(10'000'000)) watch.see(frame);
    if (2 * bound_us >= 499'000) {
      EXPECT_TRUE(watch.pulses.empty()) << bound_us;
      EXPECT_GE(sides.silenced(), 20U);
      continue;
    }
    ASSERT_GE(watch.pulses.size(), 19U) << bound_us;
    for (std::size_t i = 0; i < watch.pulses.size(); ++i) {
      const auto half = static_cast<std::int64_t>(i) * 500'000;
      EXPECT_EQ(watch.pulses[i].on, at_us(half + bound_us));
      EXPECT_EQ(watch.pulses[i].off, at_us(half + 499'000 - bound_us));
    }
  }
}

TEST(PatternFeeder, ClocksThatAreCorrectedNeverReorderPulsesOrCutTheDeadTime) {
  const Built built{two_sides()};
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    std::mt19937 random{seed};
    PatternFeeder sides;
    sides.begin(built.timeline(), {}, LocalTime{});
    Watch watch{*built.program().pattern};
    Frame frame;
    for (int i = 0; i < 400 && sides.next(frame); ++i) {
      watch.see(frame);
      if (std::uniform_int_distribution{0, 9}(random) != 0) continue;
      ClockMap map;
      map.local = frame.at;
      map.session = sides.session_at(frame.at) +
                    Micros{std::uniform_int_distribution{-700'000, 700'000}(random)};
      map.rate_ppb = std::uniform_int_distribution{-100'000, 100'000}(random);
      map.bound = Micros{std::uniform_int_distribution{0, 50'000}(random)};
      sides.set_clock(map);
    }
    ASSERT_GT(watch.pulses.size(), 20U) << "seed " << seed;
    for (std::size_t i = 1; i < watch.pulses.size(); ++i) {
      ASSERT_GE(watch.pulses[i].on, watch.pulses[i - 1].off + millis(1)) << "seed " << seed;
    }
  }
}

TEST(PatternFeeder, IntensityRisesAndFallsPulseByPulseWhateverThePassesOfTheRun) {
  for (const std::uint32_t passes : {1, 2, 5, 20}) {
    Draft draft = two_sides();
    draft.repeats = passes;
    draft.pattern->length = seconds(20 / passes);
    draft.pattern->soft_start = seconds(5);
    draft.pattern->soft_stop = seconds(4);
    const Built built{draft};
    ASSERT_TRUE(built.ok()) << built.diagnostics().text();
    PatternFeeder sides;
    sides.begin(built.timeline(), {}, LocalTime{});
    const Pattern& pattern = *built.program().pattern;
    std::vector<std::uint16_t> levels;
    for (Frame frame; sides.next(frame);) {
      for (const SideOutputs& side : pattern.sides) {
        if (!frame.levels.is_on(side.motor)) continue;
        levels.push_back(frame.levels.analog[built.program().outputs[side.drive].channel]);
      }
    }
    ASSERT_EQ(levels.size(), 40U) << passes;
    for (std::size_t i = 0; i < levels.size(); ++i) {
      const std::size_t rise = std::min<std::size_t>(i + 1, 10) * 60;
      const std::size_t fall = std::min<std::size_t>(40 - i, 8) * 75;
      EXPECT_EQ(levels[i], std::min(rise, fall)) << i << " of " << passes;
    }
  }
}

TEST(PatternFeeder, AFadeLongerThanItsHalfGivesNoFrameBeyondTheBoundary) {
  Draft draft = two_sides();
  draft.interlocks.clear();
  draft.segments = {light(0, 500, 100, 0), light(2000, 500, 100, 0)};
  draft.segments[1].look.brightness = 10;
  draft.pattern->score.exclusive = false;
  draft.pattern->score.length = draft.pattern->length = seconds(4);
  for (Segment& segment : draft.segments) {
    segment.mode = SideMode::kBoth;
    segment.fade_ms = 2000;
  }
  const Built built{draft};
  ASSERT_TRUE(built.ok()) << built.diagnostics().text();
  PatternFeeder sides;
  sides.begin(built.timeline(), {}, LocalTime{});
  const std::uint8_t brightness =
      built.program().outputs[built.program().pattern->sides[0].brightness].channel;
  // The last frame of an instant counts.
  std::vector<std::uint16_t> levels(4000);
  int frames = 0;
  for (Frame frame; sides.next(frame) && frame.at < at_us(4'000'000); ++frames) {
    levels[static_cast<std::size_t>(frame.at.since_zero() / millis(1))] =
        frame.levels.analog[brightness];
  }
  EXPECT_EQ(frames, 4 * (1 + 99 + 1) - 1);
  for (std::size_t ms = 0; ms < levels.size(); ms += 10) {
    const std::size_t percent = ms < 2000 ? ms * 100 / 2000 : 100 - (ms - 2000) * 90 / 2000;
    EXPECT_EQ(levels[ms], percent * 10) << ms;
  }
}

TEST(PatternFeeder, OneSidePlaysItsOwnOutputsOnly) {
  const Built built{two_sides()};
  for (const SideSet side : {kLeftSide, kRightSide}) {
    PatternFeeder sides;
    sides.set_sides(side);
    sides.begin(built.timeline(), {}, LocalTime{});
    Watch watch{*built.program().pattern};
    Frame frame;
    while (sides.next(frame) && frame.at < at_us(10'000'000)) watch.see(frame);
    ASSERT_GE(watch.pulses.size(), 9U);
    for (const Pulse& pulse : watch.pulses) EXPECT_EQ(pulse.side, side);
  }
}

TEST(PatternFeeder, MotorsTurnTheOtherWayInEverySecondCycle) {
  Draft draft = two_sides();
  draft.pattern->score.bilateral.alternate_direction = true;
  const Built built{draft};
  PatternFeeder sides;
  sides.begin(built.timeline(), {}, LocalTime{});
  const Pattern& pattern = *built.program().pattern;
  int pulses = 0;
  for (Frame frame; sides.next(frame) && frame.at < at_us(10'000'000);) {
    for (const SideOutputs& side : pattern.sides) {
      if (!frame.levels.is_on(side.motor)) continue;
      const bool clockwise = frame.levels.is_on(built.program().outputs[side.motor].direction);
      EXPECT_EQ(clockwise, pulses / 2 % 2 == 0) << "pulse " << pulses;
      ++pulses;
    }
  }
  EXPECT_GE(pulses, 19);
}

}  // namespace
}  // namespace takt
