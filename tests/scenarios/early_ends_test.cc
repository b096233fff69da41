// SPDX-License-Identifier: Apache-2.0
// Phases that end early, judged from the outside: by the program, by what was asked for, and by the
// edges that came of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

#include "tests/support/program.h"
#include "tests/support/rig.h"

namespace takt::testing {
namespace {

/// Written down as a person reads the program, in whole milliseconds.
struct Pulse {
  unsigned output;
  int begin;
  int end;
  bool clockwise;
};
struct Step {
  std::vector<Pulse> pulses;
  int length = 0;
};
struct Rule {
  std::vector<unsigned> outputs;  ///< Never together.
  int dead = 0;
};
struct Machine {
  std::array<int, 6>
      shortest_on{};  ///< By output: 0 to 3 are switches, 4 a motor, 5 its direction.
  std::array<int, 6> shortest_off{};
  std::vector<Rule> rules;
  int reversal = 0;
  std::vector<Step> steps;
};

constexpr unsigned kMotor = 4;
constexpr unsigned kDirection = 5;

/// What the step that plays wants, `offset` after its beginning.
bool wants(const Step& step, unsigned output, int offset) {
  return std::ranges::any_of(step.pulses, [&](const Pulse& pulse) {
    return pulse.output == output && pulse.begin <= offset && offset < pulse.end;
  });
}
bool wants_clockwise(const Step& step, int offset) {
  for (const Pulse& pulse : step.pulses) {
    if (pulse.output == kMotor && pulse.begin <= offset && offset < pulse.end) {
      return pulse.clockwise;
    }
  }
  return false;
}

constexpr int kSafe = -1;
constexpr int kEnded = -2;

/// What played when.
struct Stretch {
  int begin = 0;
  int step = 0;            ///< Or kSafe or kEnded.
  int offset = 0;          ///< Into the step, at `begin`.
  std::size_t before = 0;  ///< A command began it, when so many edges had come; 0: none did.
};

/// The naive judge. It goes through a run millisecond by millisecond, knows the levels before and
/// says for each output what it must be now: as the step wants, unless a rule says otherwise.
class Judge {
 public:
  explicit Judge(const Machine& machine) : machine_(machine) {
    off_since_.fill(-1'000'000);
    on_since_.fill(-1'000'000);
  }

  /// Empty: `levels` are right from `now` on.
  std::string judge(int now, const Stretch& stretch, std::uint32_t levels) {
    std::string wrong;
    const int offset = stretch.offset + now - stretch.begin;
    for (unsigned output = 0; output < kDirection; ++output) {
      const bool wanted =
          stretch.step >= 0 &&
          wants(machine_.steps[static_cast<std::size_t>(stretch.step)], output, offset);
      const bool is_on = (levels >> output & 1U) != 0;
      const bool turns = output == kMotor && wanted && is_on_[output] && stretch.step >= 0 &&
                         turns_around(stretch, offset);
      bool right = wanted && !turns;
      if (stretch.step != kSafe) {
        if (is_on_[output] && now - on_since_[output] < machine_.shortest_on[output]) right = true;
        if (!is_on_[output] && right && must_wait(output, now, stretch, offset)) right = false;
      }
      if (is_on != right) {
        wrong += "output " + std::to_string(output) + " is " + (is_on ? "on" : "off") + "; ";
      }
    }
    note(now, levels);
    return wrong;
  }

  /// Whether the levels of the latest judge() break a rule.
  std::string broken() const { return broken_; }

 private:
  bool turns_around(const Stretch& stretch, int offset) const {
    const Step& step = machine_.steps[static_cast<std::size_t>(stretch.step)];
    return wants_clockwise(step, offset) != turned_clockwise_;
  }

  bool must_wait(unsigned output, int now, const Stretch& stretch, int offset) const {
    if (now - off_since_[output] < machine_.shortest_off[output]) return true;
    for (const Rule& rule : machine_.rules) {
      if (std::ranges::find(rule.outputs, output) == rule.outputs.end()) continue;
      for (const unsigned other : rule.outputs) {
        if (other == output) continue;
        // On until this very moment, so off for no time yet, if it may go off at all.
        if (is_on_[other] && (rule.dead > 0 || stays(other, now))) return true;
        if (!is_on_[other] && now - off_since_[other] < rule.dead) return true;
      }
    }
    return output == kMotor && has_turned_ && turns_around(stretch, offset) &&
           now - off_since_[kMotor] < machine_.reversal;
  }

  bool stays(unsigned output, int now) const {
    return now - on_since_[output] < machine_.shortest_on[output];
  }

  void note(int now, std::uint32_t levels) {
    const bool clockwise = (levels >> kDirection & 1U) != 0;
    broken_.clear();
    for (unsigned output = 0; output < kDirection; ++output) {
      const bool is_on = (levels >> output & 1U) != 0;
      if (is_on && !is_on_[output]) on_since_[output] = now;
      if (!is_on && is_on_[output]) off_since_[output] = now;
    }
    if ((levels >> kMotor & 1U) != 0) {
      if (is_on_[kMotor] && clockwise != turned_clockwise_) broken_ = "reversed under power";
      turned_clockwise_ = clockwise;
      has_turned_ = true;
    }
    for (unsigned output = 0; output < kDirection; ++output) {
      is_on_[output] = (levels >> output & 1U) != 0;
    }
  }

  const Machine& machine_;
  std::array<bool, 6> is_on_{};
  std::array<int, 6> on_since_{};
  std::array<int, 6> off_since_{};
  bool turned_clockwise_ = false;
  bool has_turned_ = false;
  std::string broken_;
};

int pick(std::mt19937& random, int from, int to) {
  return std::uniform_int_distribution<int>{from, to}(random);
}

/// Steps that keep the rules by themselves, whatever follows them: each ends with a pause.
Machine random_machine(std::mt19937& random) {
  Machine machine;
  for (const unsigned output : {0U, 1U, 2U, kMotor}) {
    if (pick(random, 0, 2) == 0) machine.shortest_on[output] = pick(random, 1, 40);
    if (pick(random, 0, 2) == 0) machine.shortest_off[output] = pick(random, 1, 60);
  }
  machine.reversal = pick(random, 1, 30);
  machine.rules.push_back({{0, 1}, pick(random, 0, 30)});
  if (pick(random, 0, 1) == 1) machine.rules.push_back({{1, kMotor}, pick(random, 0, 30)});
  constexpr int kRest = 60;  // No rule looks back further.
  for (int i = pick(random, 2, 4); i > 0; --i) {
    Step& step = machine.steps.emplace_back();
    std::array<int, 5> free{};
    for (int tries = pick(random, 0, 8); tries > 0; --tries) {
      Pulse pulse{static_cast<unsigned>(pick(random, 0, 4)), 0, 0, pick(random, 0, 1) == 1};
      int& from = free[pulse.output];
      pulse.begin = from + pick(random, 0, 1) * pick(random, 0, 50);
      for (const Rule& rule : machine.rules) {
        if (std::ranges::find(rule.outputs, pulse.output) == rule.outputs.end()) continue;
        for (const unsigned other : rule.outputs) pulse.begin = std::max(pulse.begin, free[other]);
      }
      pulse.end = pulse.begin + machine.shortest_on[pulse.output] + pick(random, 1, 120);
      from = pulse.end + kRest;
      step.length = std::max(step.length, pulse.end);
      step.pulses.push_back(pulse);
    }
    // Output 3 has no rule.
    step.pulses.push_back({3, 0, pick(random, 1, 99), false});
    step.length = std::max(step.length, 99) + kRest + pick(random, 0, 40);
  }
  return machine;
}

Draft draft_of(const Machine& machine) {
  Draft draft;
  for (unsigned output = 0; output < kMotor; ++output) draft.add_switch();
  draft.add_motor();
  for (unsigned output = 0; output <= kMotor; ++output) {
    draft.outputs[output].shortest_on = millis(machine.shortest_on[output]);
    draft.outputs[output].shortest_off = millis(machine.shortest_off[output]);
  }
  for (const Rule& rule : machine.rules) {
    std::uint32_t outputs = 0;
    for (const unsigned output : rule.outputs) outputs |= 1U << output;
    draft.interlocks.push_back(
        {InterlockKind::kNeverTogether, kNoOutput, outputs, millis(rule.dead)});
  }
  draft.interlocks.push_back({InterlockKind::kReversal, kMotor, 0, millis(machine.reversal)});
  for (const Step& step : machine.steps) {
    Draft::Stage& stage = draft.add_stage();
    for (const Pulse& pulse : step.pulses) {
      const auto direction =
          pulse.output == kMotor ? static_cast<std::uint8_t>(kDirection) : kNoOutput;
      stage.parts.push_back(pulses(static_cast<std::uint8_t>(pulse.output), direction,
                                   millis(pulse.begin), 1,
                                   {{millis(pulse.end - pulse.begin), {}, pulse.clockwise}}));
    }
    // The pause that fills the step up to its length.
    stage.parts.back().component.period = millis(step.length - step.pulses.back().begin);
    stage.end.sensor = "s";
    stage.end.threshold = 50;
  }
  return draft;
}

/// A run with random skips, sensors and pauses, and what it should have been.
class Played {
 public:
  Played(const Machine& machine, const Built& built) : machine_(machine), rig_(built.program()) {
    rig_.play(built.timeline());
    log(0, 0);
  }

  /// Lets the realtime half come up to 9 ms late.
  void be_late(std::mt19937& random) {
    rig_.lateness = [&random] { return Micros{pick(random, 0, 9'000)}; };
  }

  void go(std::mt19937& random) {
    for (int i = 0; i < 30 && is_running(); ++i) {
      advance(pick(random, 0, 3) == 0 ? pick(random, 0, 5) : pick(random, 1, 150));
      if (is_running()) act(random);
    }
    advance(2'000);
  }

  std::string verdict() const {
    Judge judge{machine_};
    std::size_t stretch = 0;
    std::size_t change = 0;
    std::uint32_t levels = 0;
    const auto see = [&](std::size_t end) {
      for (; change < end; ++change) levels = rig_.changes()[change].levels.on;
    };
    for (int now = 0; now <= now_; ++now) {
      std::string wrong;
      for (; stretch + 1 < stretches_.size() && stretches_[stretch + 1].begin <= now; ++stretch) {
        if (stretches_[stretch + 1].before == 0) continue;
        see(stretches_[stretch + 1].before);
        wrong += judge.judge(now, stretches_[stretch], levels) + judge.broken();
      }
      std::size_t end = change;
      while (end < rig_.changes().size() && rig_.changes()[end].at <= millis(now)) ++end;
      see(end);
      wrong += judge.judge(now, stretches_[stretch], levels) + judge.broken();
      if (!wrong.empty()) return std::to_string(now) + " ms: " + wrong;
    }
    return change == rig_.changes().size() ? "" : "an edge between two milliseconds";
  }

  EngineStatus status() { return rig_.engine().status(rig_.now()); }

 private:
  bool is_running() const { return stretches_.back().step != kEnded; }

  void log(int begin, int step, int offset = 0, std::size_t before = 0) {
    stretches_.push_back({begin, step == steps() ? kEnded : step, offset, before});
  }
  void log_command(int step, int offset = 0) {
    log(now_, step, offset, rig_.changes().size());
    rig_.settle();
  }

  int steps() const { return static_cast<int>(machine_.steps.size()); }
  const Step& step_of(const Stretch& stretch) const {
    return machine_.steps[static_cast<std::size_t>(stretch.step)];
  }

  /// Lets time pass, and notes which steps follow.
  void advance(int length) {
    now_ += length;
    rig_.run_until(LocalTime{millis(now_)});
    for (;;) {
      const Stretch last = stretches_.back();
      if (last.step < 0) return;
      const int end = last.begin + step_of(last).length - last.offset;
      if (end > now_) return;
      log(end, last.step + 1);
    }
  }

  void act(std::mt19937& random) {
    const Stretch last = stretches_.back();
    const int next = pick(random, 0, steps() - 1);
    Engine& engine = rig_.engine();
    Status status = Status::kOk;
    switch (last.step == kSafe ? pick(random, 5, 8) : pick(random, 0, 4)) {
      case 0:
        status = engine.skip_phase(rig_.now());
        log_command(last.step + 1);
        break;
      case 1:
        status = engine.skip_to_phase(static_cast<std::size_t>(next), rig_.now());
        log_command(next);
        break;
      case 2:
        engine.sense("s", 51, rig_.now());
        log_command(last.step + 1);
        break;
      case 3:
        status = engine.pause(rig_.now());
        kept_ = {0, last.step, last.offset + now_ - last.begin};
        log_command(kSafe);
        break;
      case 4:
        status = engine.stop(rig_.now());
        log_command(kSafe);
        if (status == Status::kOk) status = engine.start(rig_.now(), rig_.now());
        log_command(0);
        break;
      case 5:
        status = engine.skip_to_phase(static_cast<std::size_t>(next), rig_.now());
        kept_ = {0, next};
        break;
      case 6: break;
      default:
        status = engine.resume(rig_.now());
        log_command(kept_.step, kept_.offset);
        break;
    }
    ASSERT_EQ(status, Status::kOk);
  }

  const Machine& machine_;
  Rig rig_;
  int now_ = 0;
  std::vector<Stretch> stretches_;
  Stretch kept_{};
};

TEST(EarlyEnds, NothingDropsBreaksOrWaitsUnlessARuleNamesIt) {
  for (unsigned seed = 1; seed <= 3'000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    const Machine machine = random_machine(random);
    const Draft draft = draft_of(machine);
    const Built built{draft};
    ASSERT_TRUE(built.ok()) << built.diagnostics().text();
    Played run{machine, built};
    run.go(random);
    ASSERT_EQ(run.verdict(), "");
    ASSERT_EQ(run.status().faults, 0U);
    if (HasFailure()) return;
  }
}

/// Then frames that are due may be void before they are played.
TEST(EarlyEnds, LatenessMakesNoneOfThemAFault) {
  for (unsigned seed = 1; seed <= 1'000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    const Machine machine = random_machine(random);
    const Built built{draft_of(machine)};
    ASSERT_TRUE(built.ok()) << built.diagnostics().text();
    Played run{machine, built};
    run.be_late(random);
    run.go(random);
    ASSERT_EQ(run.status().faults, 0U);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace takt::testing
