// SPDX-License-Identifier: Apache-2.0
// Random stalls against an oracle that has the plan as a whole.
#include "takt/core/playback/shortfall.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <vector>

#include "takt/core/playback/player.h"

namespace takt {
namespace {

constexpr unsigned kOutputs = 4;
constexpr Micros kTolerance = millis(3);

/// Output 3 is analog.
bool is_on(const Levels& levels, unsigned output) {
  return output == 3 ? levels.analog[0] != 0 : levels.is_on(output);
}

struct Seen {
  LocalTime at;
  Levels levels;
};
using Course = std::vector<Seen>;

struct Pulse {
  LocalTime begin;
  LocalTime end;
};

/// When `output` is on in `course`, which ends with everything off.
std::vector<Pulse> pulses_of(const Course& course, unsigned output) {
  std::vector<Pulse> pulses;
  bool before = false;
  for (const Seen& seen : course) {
    const bool now = is_on(seen.levels, output);
    if (now && !before) pulses.push_back({seen.at, {}});
    if (!now && before) pulses.back().end = seen.at;
    before = now;
  }
  return pulses;
}

Course random_plan(std::mt19937& random) {
  Course plan;
  LocalTime at{millis(1)};
  for (int i = 0; i < 40; ++i) {
    Levels levels;
    levels.on = static_cast<std::uint32_t>(random() % 8);
    levels.analog[0] = static_cast<std::uint16_t>(random() % 3);
    plan.push_back({at, levels});
    at += Micros{1 + static_cast<std::int64_t>(random() % 4'000)};
  }
  plan.push_back({at, {}});
  return plan;
}

/// Stalls: instants at which the realtime half runs, each at a deadline or up to 9 ms later.
Course play(const Course& plan, Player& player, Window& window, std::mt19937& random) {
  for (const Seen& frame : plan) {
    const bool last = &frame == &plan.back();
    EXPECT_GT(window.room(), 0U);
    window.push({frame.at, last ? kEndEntry : 0, frame.levels});
  }
  window.publish();
  Course shown;
  LocalTime now;
  for (LocalTime due = plan.front().at; due != kNever;) {
    now = std::max(now, due);
    if (random() % 2 == 0) now += Micros{static_cast<std::int64_t>(random() % 9'000)};
    const Step step = player.advance(now);
    if (step.changed) shown.push_back({now, step.levels});
    due = step.deadline;
  }
  return shown;
}

/// A planned pulse is shown if a run of the realtime half fell into it, and it began where the
/// output was off: each pulse on the pins is the show of one planned one, the first of those that
/// it covers. All others are lost.
struct Lost {
  unsigned count = 0;
  LocalTime first;
};
Lost lost_of(const Course& plan, const Course& shown, unsigned output) {
  Lost lost;
  const std::vector<Pulse> pins = pulses_of(shown, output);
  const std::vector<Pulse> planned = pulses_of(plan, output);
  std::vector<bool> taken(pins.size());
  for (const Pulse& pulse : planned) {
    bool found = false;
    for (std::size_t i = 0; i < pins.size() && !found; ++i) {
      found = !taken[i] && pins[i].begin >= pulse.begin && pins[i].begin < pulse.end;
      if (found) taken[i] = true;
    }
    if (found) continue;
    if (lost.count++ == 0) lost.first = pulse.begin;
  }
  return lost;
}

class RandomStalls : public ::testing::Test {
 protected:
  RandomStalls() {
    outputs_[3].kind = OutputKind::kAnalog;
    outputs_[3].range = 2;
    program_.outputs = outputs_;
  }

  std::array<Window::Slot, 64> slots_{};
  std::array<std::uint16_t, 64> analog_{};
  std::array<Output, kOutputs> outputs_{};
  std::array<InterlockGuard::History, kOutputs> history_{};
  Program program_;
};

TEST_F(RandomStalls, LoseExactlyThePulsesThatANaiveOracleSays) {
  unsigned all = 0;
  for (unsigned seed = 1; seed <= 2'000 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    // A limit that nothing breaks takes the way of guarded programs.
    outputs_[0].longest_on = seed % 2 == 0 ? seconds(1) : Micros{0};
    const Course plan = random_plan(random);
    Window window{slots_, analog_, 1};
    Player player{window, seconds(1), seconds(1), kTolerance};
    const Player::Run run{program_, history_};
    player.begin(run);
    const Course shown = play(plan, player, window, random);
    ASSERT_FALSE(player.faulted());
    for (unsigned output = 0; output < kOutputs; ++output) {
      const Lost lost = lost_of(plan, shown, output);
      const ShortfallFigures told = player.lost_pulses(output);
      ASSERT_EQ(told.count, lost.count) << "output " << output;
      ASSERT_EQ(told.first, lost.first) << "output " << output;
      all += lost.count;
    }
  }
  EXPECT_GT(all, 10'000U);
}

TEST_F(RandomStalls, AreBeyondTheToleranceWhereANaiveOracleSays) {
  unsigned all = 0;
  for (unsigned seed = 1; seed <= 2'000 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    const Course plan = random_plan(random);
    Window window{slots_, analog_, 1};
    Player player{window, seconds(1), seconds(1), kTolerance};
    const Player::Run run{program_, history_};
    player.begin(run);
    for (const Seen& frame : plan) {
      ASSERT_GT(window.room(), 0U);
      window.push({frame.at, &frame == &plan.back() ? kEndEntry : 0, frame.levels});
    }
    window.publish();
    std::vector<LocalTime> runs;
    for (LocalTime due = plan.front().at; due != kNever;) {
      if (random() % 2 == 0) due += Micros{static_cast<std::int64_t>(random() % 9'000)};
      if (!runs.empty()) due = std::max(due, runs.back());
      runs.push_back(due);
      due = player.advance(due).deadline;
    }
    ShortfallFigures expected;
    Levels before;
    for (const Seen& frame : plan) {
      const LocalTime taken = *std::ranges::lower_bound(runs, frame.at);
      for (unsigned output = 0; output < kOutputs; ++output) {
        if (is_on(before, output) == is_on(frame.levels, output)) continue;
        if (taken - frame.at <= kTolerance) continue;
        if (expected.count++ == 0) expected.first = frame.at;
      }
      before = frame.levels;
    }
    const ShortfallFigures told = player.beyond_tolerance();
    ASSERT_EQ(told.count, expected.count);
    ASSERT_EQ(told.first, expected.first);
    all += expected.count;
  }
  EXPECT_GT(all, 10'000U);
}

/// Two outputs in turn, with a dead time that stalls make too short.
TEST_F(RandomStalls, WithDeadTimesLoseWhatThePinsDidNotShow) {
  std::array<Interlock, 1> rules{Interlock{InterlockKind::kNeverTogether, kNoOutput, 3, millis(2)}};
  program_.interlocks = rules;
  unsigned all = 0;
  for (unsigned seed = 1; seed <= 2'000 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    Course plan;
    LocalTime at{millis(1)};
    for (std::uint32_t i = 0; i < 20; ++i) {
      Levels levels;
      levels.on = 1U + i % 2;
      plan.push_back({at, levels});
      at += Micros{500 + static_cast<std::int64_t>(random() % 3'000)};
      plan.push_back({at, {}});
      at += millis(2) + Micros{static_cast<std::int64_t>(random() % 2'000)};
    }
    plan.push_back({at, {}});
    Window window{slots_, analog_, 1};
    Player player{window, seconds(1), seconds(1), kTolerance};
    const Player::Run run{program_, history_};
    player.begin(run);
    const Course shown = play(plan, player, window, random);
    ASSERT_FALSE(player.faulted());
    for (unsigned output = 0; output < 2; ++output) {
      const Lost lost = lost_of(plan, shown, output);
      ASSERT_EQ(player.lost_pulses(output).count, lost.count) << "output " << output;
      ASSERT_EQ(player.lost_pulses(output).first, lost.first) << "output " << output;
      all += lost.count;
    }
  }
  EXPECT_GT(all, 1'000U);
}

}  // namespace
}  // namespace takt
