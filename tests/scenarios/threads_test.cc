// SPDX-License-Identifier: Apache-2.0
// An engine on real threads: commands at random moments against the plan.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "takt/app/playback/halves.h"
#include "takt/app/playback/hosted_engine.h"
#include "takt/ports/linux/thread_runner.h"
#include "tests/support/oracle.h"
#include "tests/support/program.h"

namespace takt {
namespace {

using testing::Built;
using testing::Change;
using testing::Draft;

constexpr int kPhases = 4;
constexpr Micros kPhaseLength = millis(40);

/// Phases of 40 ms, told apart by their outputs: phase i pulses output 2 i each 200 us and output
/// 2 i + 1 each 300 us.
Built four_phases() {
  Draft draft;
  for (int i = 0; i < kPhases; ++i) {
    const std::uint8_t a = draft.add_switch();
    const std::uint8_t b = draft.add_switch();
    draft.add_stage().parts = {
        testing::pulses(a, kNoOutput, {}, 200, {{Micros{100}, Micros{100}}}),
        testing::pulses(b, kNoOutput, {}, 133, {{Micros{150}, Micros{150}}})};
  }
  return Built{draft};
}

/// Where playback is due to be from a command on, as the test works it out.
struct Course {
  bool plays = false;
  LocalTime began;  ///< When the start would have been, had there been no other command.
  Micros place;     ///< While paused.
};

/// Runs the realtime half, and notes which commands it could know of and what it did.
class Watched final : public Work {
 public:
  struct Seen {
    std::uint32_t command;  ///< Was complete when the run began.
    LocalTime now;
    Step step;
  };

  explicit Watched(Player& player) : player_(player) { seen.reserve(1U << 17U); }

  LocalTime run(LocalTime now) override {
    const std::uint32_t command = commands.load(std::memory_order_acquire);
    const Step step = player_.advance(now);
    if (step.changed && seen.size() < seen.capacity()) seen.push_back({command, now, step});
    return step.deadline;
  }

  std::atomic<std::uint32_t> commands{0};
  std::vector<Seen> seen;  ///< Read only after the runner has stopped.

 private:
  Player& player_;
};

class Session {
 public:
  Session(const Timeline& timeline, ThreadRunner::Mode mode, unsigned seed)
      : random_(seed),
        hosted_(timeline.program(), millis(5), 512),
        watched_(hosted_.engine().realtime()),
        runner_(clock_, mode),
        control_(hosted_.engine(), runner_) {
    EXPECT_EQ(engine().load(timeline), Status::kOk);
    courses_.push_back({});
  }

  /// Gives commands until so many have been obeyed, each a random time after the other.
  void run(std::uint32_t commands) {
    ASSERT_EQ(runner_.start(watched_), Status::kOk);
    LocalTime next;
    LocalTime feed_at;
    while (courses_.size() <= commands) {
      const LocalTime now = clock_.now();
      if (now >= next) {
        command(now);
        feed_at = now;
        next = now + Micros{static_cast<std::int64_t>(random_() % 3'000)};
      }
      if (now >= feed_at) feed_at = control_.run(clock_.now());
      notice_fault();
      std::this_thread::yield();
    }
    runner_.stop();
  }

  /// Every change that was applied must be what one of the two courses says that were possible when
  /// it was: that of the last command known to be complete, or of the one after it. An underrun may
  /// make the outputs safe at any time.
  void check(const std::vector<Change>& plan) {
    EXPECT_GT(watched_.seen.size(), courses_.size());
    for (const Watched::Seen& seen : watched_.seen) {
      if (std::ranges::count(underruns_, seen.now) != 0 && seen.step.levels == Levels{}) continue;
      const std::size_t next = std::min(seen.command + std::size_t{1}, courses_.size() - 1);
      ASSERT_TRUE(follows(seen, courses_[seen.command], plan) ||
                  follows(seen, courses_[next], plan))
          << "at " << seen.now.since_zero().count() << " us, " << seen.step.levels.on
          << " on after command " << seen.command;
    }
  }

 private:
  Engine& engine() { return hosted_.engine(); }

  Micros place(const Course& course, LocalTime now) const {
    return course.plays ? now - course.began : course.place;
  }

  /// One random command, and what follows from it.
  void command(LocalTime now) {
    Course course = courses_.back();
    const EngineState before = engine().status(now).state;
    const Micros here = place(course, now);
    Status status = Status::kNotLoaded;
    switch (random_() % 6) {
      case 0:
      case 1:
        status = engine().start(now, now);
        course = {true, now, {}};
        break;
      case 2:
        status = engine().pause(now);
        course = {false, {}, here};
        break;
      case 3:
        status = engine().resume(now);
        course = {true, now - here, {}};
        break;
      case 4: {
        const std::size_t phase = random_() % kPhases;
        status = engine().skip_to_phase(phase, now);
        const Micros begin = kPhaseLength * static_cast<std::int64_t>(phase);
        course = before == EngineState::kPaused ? Course{false, {}, begin}
                                                : Course{true, now - begin, {}};
        break;
      }
      default:
        if (random_() % 4 != 0) return;
        status = engine().stop(now);
        course = {};
        break;
    }
    if (status == Status::kOk) add(course);
  }

  /// On a machine that is too busy the window runs dry, and the outputs are made safe.
  void notice_fault() {
    Fault fault;
    while (engine().take_fault(fault)) {
      ASSERT_EQ(fault.reason, FaultReason::kUnderrun);
      underruns_.push_back(fault.at);
      if (engine().status(clock_.now()).state == EngineState::kFault) add({});
    }
  }

  void add(const Course& course) {
    courses_.push_back(course);
    watched_.commands.fetch_add(1, std::memory_order_release);
  }

  /// Whether the levels are those of the plan at the nominal time of the frame, which has come.
  bool follows(const Watched::Seen& seen, const Course& course,
               const std::vector<Change>& plan) const {
    if (!course.plays) return seen.step.levels == Levels{};
    const Micros at = seen.now - seen.step.lateness - course.began;
    if (seen.step.lateness < Micros{0} || at < Micros{0}) return false;
    Levels expected;
    for (const Change& change : plan) {
      if (change.at > at) break;
      expected = change.levels;
    }
    return seen.step.levels == expected;
  }

  std::mt19937 random_;
  HostedEngine hosted_;
  LinuxClock clock_;
  Watched watched_;
  ThreadRunner runner_;
  ControlHalf control_;
  std::vector<Course> courses_;  ///< By number of commands given.
  std::vector<LocalTime> underruns_;
};

TEST(Threads, WhateverCommandsComeWhenWhatIsAppliedIsThePlan) {
  const Built built = four_phases();
  ASSERT_TRUE(built.ok()) << built.diagnostics().text();
  const std::vector<Change> plan = testing::expand(built.program());
  const unsigned seed = std::random_device{}();
  for (const auto mode : {ThreadRunner::Mode::kSleep, ThreadRunner::Mode::kPrecise}) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Session session{built.timeline(), mode, seed};
    session.run(150);
    session.check(plan);
  }
}

}  // namespace
}  // namespace takt
