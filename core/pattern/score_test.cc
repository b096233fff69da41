// SPDX-License-Identifier: Apache-2.0
#include "takt/core/pattern/score.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <vector>

namespace takt {
namespace {

constexpr std::uint8_t kRed = 0;
constexpr std::uint8_t kBlue = 1;
constexpr std::uint8_t kWhite = 2;

Segment segment(std::uint32_t at_ms, std::uint16_t rate_mhz, std::uint8_t duty, std::uint8_t colour,
                std::uint8_t brightness = 100) {
  Segment row;
  row.at_ms = at_ms;
  row.rate_mhz = rate_mhz;
  row.duty_percent = duty;
  row.look = {0, brightness, colour};
  return row;
}

const std::array kEmergency{segment(0, 2000, 50, kRed), segment(2000, 2000, 50, kBlue),
                            segment(4000, 4000, 25, kRed), segment(5000, 4000, 25, kBlue),
                            segment(6000, 1000, 50, kWhite)};

Score bilateral(Micros cycle) {
  Score score;
  score.bilateral.cycle = cycle;
  return score;
}

/// Segments of whole numbers of cycles, of lengths that seldom divide evenly.
class RandomScore {
 public:
  explicit RandomScore(std::uint64_t seed) : random_(seed) {
    std::uint32_t at_ms = 0;
    const int count = draw(1, 9);
    for (int i = 0; i < count; ++i) {
      Segment row = segment(at_ms, 1000, static_cast<std::uint8_t>(draw(1, 100)), 0,
                            static_cast<std::uint8_t>(draw(0, 100)));
      row.mode = static_cast<SideMode>(draw(0, 3));
      row.flipped = draw(0, 1) == 1;
      const std::array<std::uint16_t, 5> rates{333, 1000, 1500, 2000, 7000};
      const auto rate = rates[static_cast<std::size_t>(draw(0, 4))];
      row.rate_mhz = rate;
      // 1,000 / rate is a cycle in seconds: of 333 mHz, 333 cycles are 1,000 s.
      const std::uint32_t unit_ms = rate == 333 ? 1'000'000 : rate == 1500 ? 2'000 : 1'000;
      at_ms += unit_ms * static_cast<std::uint32_t>(draw(1, 3));
      row.fade_ms = static_cast<std::uint16_t>(draw(0, 1000));
      segments_.push_back(row);
    }
    score.segments = segments_;
    score.length = millis(at_ms);
    score.exclusive = draw(0, 1) == 1;
    score.flipped = draw(0, 1) == 1;
  }

  int draw(int low, int high) { return std::uniform_int_distribution{low, high}(random_); }

  Score score;

 private:
  std::mt19937_64 random_;
  std::vector<Segment> segments_;
};

TEST(Score, TotalsOf500And1000And2000MsGivePulsesOf249And499And999Ms) {
  EXPECT_EQ(half_at(bilateral(millis(500)), {}).off, millis(249));
  EXPECT_EQ(half_at(bilateral(millis(1000)), {}).off, millis(499));
  EXPECT_EQ(half_at(bilateral(millis(2000)), {}).off, millis(999));
}

TEST(Score, DutyIsOfTheActiveHalf) {
  Score score = bilateral(millis(2000));
  score.bilateral.duty_percent = 25;
  EXPECT_EQ(half_at(score, {}).off, millis(250));
}

TEST(Score, HalvesOfABilateralCycleNeverDriftFromTheExactGrid) {
  for (std::int64_t cycle_us = 500'000; cycle_us <= 2'000'000; cycle_us += 99'997) {
    const Score score = bilateral(Micros{cycle_us});
    Micros at;
    Micros left, right;
    for (std::int64_t n = 0; at < seconds(5'400); ++n) {
      const Half half = half_at(score, at);
      ASSERT_EQ(half.begin, at);
      // Twice the time is twice the boundary's number of half-cycles, but for the odd microsecond.
      ASSERT_LE(std::abs(2 * at.count() - n * cycle_us), 1) << "boundary " << n;
      ASSERT_EQ(half.active, n % 2 == 0 ? kLeftSide : kRightSide);
      (n % 2 == 0 ? left : right) += half.end - half.begin;
      if (n % 4 == 3) {
        ASSERT_EQ(left, right) << "after two cycles of " << cycle_us << " us";
      }
      at = half.end;
    }
  }
}

TEST(Score, HalvesTileTimeAndSeekingEqualsPlaying) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    RandomScore random{seed};
    const Score& score = random.score;
    Micros at;
    for (int i = 0; i < 300; ++i) {
      const Half half = half_at(score, at);
      ASSERT_EQ(half.begin, at) << "seed " << seed;
      ASSERT_GT(half.end, half.begin) << "seed " << seed;
      ASSERT_LE(half.off, half.end) << "seed " << seed;
      const Micros inside{half.begin.count() +
                          random.draw(0, static_cast<int>((half.end - half.begin).count() - 1))};
      const Half again = half_at(score, inside);
      ASSERT_EQ(again.begin, half.begin) << "seed " << seed << " at " << inside.count();
      ASSERT_EQ(again.end, half.end) << "seed " << seed << " at " << inside.count();
      ASSERT_EQ(again.off, half.off) << "seed " << seed << " at " << inside.count();
      ASSERT_EQ(again.active, half.active) << "seed " << seed << " at " << inside.count();
      at = half.end;
    }
  }
}

TEST(Score, SegmentsBeginOnABoundaryInEveryPass) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const RandomScore random{seed};
    for (int pass = 0; pass < 3; ++pass) {
      for (const Segment& row : random.score.segments) {
        const Micros at = random.score.length * pass + millis(row.at_ms);
        const Half half = half_at(random.score, at);
        ASSERT_EQ(half.begin, at) << "seed " << seed;
        ASSERT_FALSE(half.second) << "seed " << seed;
        ASSERT_EQ(half.look, row.look) << "seed " << seed;
      }
    }
  }
}

TEST(Score, ExclusiveSidesHaveTheirDeadTimeWhereTheyChange) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    RandomScore random{seed};
    random.score.exclusive = true;
    Micros at;
    for (int i = 0; i < 300; ++i) {
      const Half half = half_at(random.score, at);
      ASSERT_LE(half.off, half.end - random.score.dead_time) << "seed " << seed;
      at = half.end;
    }
  }
}

/// Whatever the duty of the segment before, and of the one that alternates.
TEST(Score, NothingTouchesAPulseOfSidesThatAlternate) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const RandomScore random{seed};
    const auto alternates = [&](const Half& half) {
      const Micros place = half.begin % random.score.length;
      const Segment* segment = nullptr;
      for (const Segment& row : random.score.segments) {
        if (millis(row.at_ms) <= place) segment = &row;
      }
      return random.score.exclusive || segment->mode == SideMode::kAlternate;
    };
    for (const Segment& row : random.score.segments) {
      Half before = half_at(random.score, random.score.length + millis(row.at_ms) - Micros{1});
      for (int i = 0; i < 8; ++i) {
        const Half half = half_at(random.score, before.end);
        const bool apart = alternates(half) || alternates(before);
        ASSERT_EQ(half.begins_apart, before.ends_apart);
        ASSERT_EQ(before.ends_apart, apart) << "seed " << seed;
        if (apart) {
          ASSERT_LE(before.off, before.end - random.score.dead_time);
        }
        before = half;
      }
    }
  }
}

TEST(Score, AllPulsesOfASegmentAreEquallyLong) {
  for (const std::uint16_t rate : std::array<std::uint16_t, 4>{1500, 3000, 7000, 333}) {
    const std::array rows{segment(0, rate, 50, kRed)};
    Score score;
    score.segments = rows;
    score.length = seconds(1'000);
    const Half first = half_at(score, Micros{});
    Half half = first;
    for (int i = 0; i < 500; ++i) {
      half = half_at(score, half.end);
      ASSERT_EQ(half.off - half.begin, first.off - first.begin) << rate << " mHz, half " << i;
    }
  }
}

TEST(Score, TheEmergencyPatternPlaysAsItsTableSays) {
  Score score;
  score.segments = kEmergency;
  score.length = millis(8000);
  struct Row {
    std::int64_t until_ms, half_us, on_us;
    std::uint8_t colour;
  };
  const std::array<Row, 5> table{{{2000, 250'000, 125'000, kRed},
                                  {4000, 250'000, 125'000, kBlue},
                                  {5000, 125'000, 31'250, kRed},
                                  {6000, 125'000, 31'250, kBlue},
                                  {8000, 500'000, 250'000, kWhite}}};
  Micros at;
  for (int pass = 0; pass < 3; ++pass) {
    SideSet turn = kLeftSide;
    for (const Row& row : table) {
      while (at < millis(8000 * pass + row.until_ms)) {
        const Half half = half_at(score, at);
        EXPECT_EQ(half.end - half.begin, Micros{row.half_us});
        EXPECT_EQ(half.off - half.begin, Micros{row.on_us});
        EXPECT_EQ(half.look.colour, row.colour);
        EXPECT_EQ(half.active, turn);
        turn = turn == kLeftSide ? kRightSide : kLeftSide;
        at = half.end;
      }
    }
    EXPECT_EQ(at, millis(8000 * (pass + 1)));
  }
}

TEST(Score, AFadeComesFromTheLookBeforeAndFromTheLastOfThePassBefore) {
  std::array rows{segment(0, 1000, 100, kRed, 80), segment(2000, 1000, 100, kRed, 20)};
  for (Segment& row : rows) {
    row.mode = SideMode::kBoth;
    row.fade_ms = 1000;
  }
  Score score;
  score.segments = rows;
  score.length = millis(4000);
  const auto brightness = [&score](std::int64_t at_ms) {
    return half_at(score, millis(at_ms)).look_at(millis(at_ms)).brightness;
  };
  EXPECT_EQ(brightness(0), 0) << "nothing came before the first pass";
  EXPECT_EQ(brightness(500), 40);
  EXPECT_EQ(brightness(1000), 80);
  EXPECT_EQ(brightness(2500), 50);
  EXPECT_EQ(brightness(3999), 20);
  EXPECT_EQ(brightness(4000), 20) << "the second pass does not begin from dark";
  EXPECT_EQ(brightness(4500), 50);
}

TEST(Score, MirroredLightsAtFullDutyHaveNoGap) {
  std::array rows{segment(0, 7000, 100, kRed)};
  rows[0].mode = SideMode::kBoth;
  Score score;
  score.segments = rows;
  score.length = millis(3000);
  for (Micros at; at < score.length;) {
    const Half half = half_at(score, at);
    EXPECT_EQ(half.off, half.end);
    at = half.end;
  }
}

TEST(Score, LeadInPutsTheHalfAskedForOnTheBoundary) {
  for (const std::int64_t cycle_us : {500'000, 500'001, 1'234'567}) {
    Score score = bilateral(Micros{cycle_us});
    score.bilateral.alternate_direction = true;
    for (const bool second : {false, true}) {
      for (const bool odd : {false, true}) {
        const Micros lead = lead_in(score.bilateral.cycle, second, odd);
        const Half half = half_at(score, lead);
        EXPECT_EQ(half.begin, lead);
        EXPECT_EQ(half.second, second);
        EXPECT_EQ(half.reversed, odd);
      }
    }
  }
}

}  // namespace
}  // namespace takt
