// SPDX-License-Identifier: Apache-2.0
#include "tools/programs/tally.h"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "takt/core/program/cursor.h"

namespace takt {
namespace {

std::uint16_t value_of(const Output& output, std::size_t index, const Levels& levels) {
  return output.kind == OutputKind::kAnalog ? levels.analog[output.channel]
                                            : levels.is_on(static_cast<unsigned>(index));
}

/// One output in one run of a phase that begins and ends with everything off.
struct Single {
  OutputTally tally;
  std::uint16_t first = 0;  ///< Its value as the run begins.
  std::uint16_t last = 0;   ///< Its value right before the run ends.
};

/// Walks the components of one phase that drive one output.
class Walk {
 public:
  Walk(const Timeline& timeline, std::size_t phase, std::size_t output, std::uint64_t& steps_left)
      : program_(timeline.program()),
        output_(program_.outputs[output]),
        index_(output),
        length_(timeline.length_of(static_cast<std::uint16_t>(phase))),
        steps_left_(steps_left) {
    phase_.delay = program_.phases[phase].delay;
    for (const Component& component : program_.components_of(program_.phases[phase])) {
      const bool drives = component.output == output || component.direction == output;
      if (drives && component.plays()) components_.push_back(component);
    }
    phase_.component_count = static_cast<std::uint32_t>(components_.size());
    std::sort(components_.begin(), components_.end(),
              [](const Component& a, const Component& b) { return a.start < b.start; });
    program_.components = components_;
    slots_.resize(components_.size());
    cursor_ = PhaseCursor{slots_};
  }

  Single run() {
    Single single;
    if (components_.empty() || length_ == Micros{0}) return single;
    seek(Micros{0});
    single.first = value_;
    note_change(0, value_);
    for (const Component& component : components_) {
      if (repeats_alone(component)) jump_over(component);
    }
    walk_until(length_ - Micros{1});
    single.last = value_;
    pass_time(length_);
    note_change(value_, 0);
    single.tally = tally_;
    return single;
  }

 private:
  static Micros end_of(const Component& component, std::span<const Point> points) {
    const bool stays = component.kind == ComponentKind::kEdges && points.back().value != 0;
    return stays ? Micros::max() : component.end();
  }

  /// Whether nothing else drives the output while the component repeats.
  bool repeats_alone(const Component& component) const {
    if (component.kind != ComponentKind::kPulses || component.repeats < 4) return false;
    return std::none_of(components_.begin(), components_.end(), [&](const Component& other) {
      if (&other == &component) return false;
      const Micros other_end = end_of(other, program_.points_of(other));
      return std::max(component.start, other.start) < std::min(component.end(), other_end);
    });
  }

  /// From the second repeat on, each is like the one before: counts one, and takes it times all
  /// but the last.
  void jump_over(const Component& component) {
    const Micros start = phase_.delay + component.start;
    walk_until(start + component.period);
    pass_time(start + component.period);
    const OutputTally before = tally_;
    walk_until(start + component.period * 2);
    pass_time(start + component.period * 2);
    const std::int64_t more = component.repeats - std::int64_t{3};
    const auto times = static_cast<std::uint64_t>(more);
    tally_.edges += (tally_.edges - before.edges) * times;
    tally_.switches += (tally_.switches - before.switches) * times;
    tally_.on_time += (tally_.on_time - before.on_time) * more;
    seek(start + component.period * (component.repeats - std::int64_t{1}));
  }

  void seek(Micros offset) {
    cursor_.seek(program_, phase_, offset);
    value_ = value_of(output_, index_, cursor_.levels());
    at_ = offset;
  }

  /// Takes all edges up to and including `end`.
  void walk_until(Micros end) {
    while (cursor_.next() <= end && cursor_.next() < length_) {
      if (steps_left_ == 0) return;
      --steps_left_;
      pass_time(cursor_.next());
      cursor_.step();
      const std::uint16_t now = value_of(output_, index_, cursor_.levels());
      note_change(value_, now);
      value_ = now;
    }
  }

  void pass_time(Micros to) {
    if (value_ != 0) tally_.on_time += to - at_;
    at_ = to;
  }

  void note_change(std::uint16_t before, std::uint16_t after) {
    tally_.edges += before != after;
    tally_.switches += before == 0 && after != 0;
    tally_.highest = std::max(tally_.highest, after);
  }

  Program program_;
  Phase phase_;
  const Output& output_;
  const std::size_t index_;
  const Micros length_;
  std::uint64_t& steps_left_;
  std::vector<Component> components_;
  std::vector<PhaseCursor::Slot> slots_;
  PhaseCursor cursor_;
  OutputTally tally_;
  std::uint16_t value_ = 0;
  Micros at_;
};

/// Puts the single runs together.
class Adder {
 public:
  Adder(const Timeline& timeline, std::uint64_t most_steps)
      : program_(timeline.program()), steps_left_(most_steps) {
    tally_.outputs.resize(program_.outputs.size());
    for (std::size_t p = 0; p < program_.phases.size(); ++p) {
      PhaseTally phase;
      phase.length = timeline.length_of(static_cast<std::uint16_t>(p));
      phase.outputs.resize(program_.outputs.size());
      tally_.phases.push_back(std::move(phase));
      for (std::size_t o = 0; o < program_.outputs.size(); ++o) {
        singles_.push_back(Walk{timeline, p, o, steps_left_}.run());
      }
    }
    tally_.complete = steps_left_ > 0;
  }

  ProgramTally add() {
    for (std::size_t p = 0; p < program_.phases.size();) p = add_block(p);
    // Another pass begins where the last one ended.
    if (first_ != kNone) join(last_, first_, program_.repeats - std::uint64_t{1});
    for (PhaseTally& phase : tally_.phases) finish(phase);
    return std::move(tally_);
  }

 private:
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

  const Single& single(std::size_t phase, std::size_t output) const {
    return singles_[phase * program_.outputs.size() + output];
  }

  /// Adds the phases of the loop that begins at `phase`, or it alone; returns the one behind.
  std::size_t add_block(std::size_t phase) {
    std::size_t end = phase + 1;
    std::uint64_t times = 1;
    for (const Loop& loop : program_.loops) {
      if (loop.first == phase) end = loop.last + std::size_t{1}, times = loop.times;
    }
    std::size_t first = kNone;
    std::size_t before = kNone;
    for (std::size_t p = phase; p < end; ++p) {
      add_runs(p, times * program_.repeats);
      if (tally_.phases[p].length == Micros{0}) continue;  // Takes no part: it has no frame.
      if (first == kNone) first = p;
      if (before != kNone) join(before, p, times * program_.repeats);
      before = p;
    }
    if (first == kNone) return end;
    join(before, first, (times - 1) * program_.repeats);
    if (last_ != kNone) join(last_, first, program_.repeats);
    if (first_ == kNone) first_ = first;
    last_ = before;
    return end;
  }

  void add_runs(std::size_t p, std::uint64_t runs) {
    PhaseTally& phase = tally_.phases[p];
    phase.runs = runs;
    for (std::size_t o = 0; o < program_.outputs.size(); ++o) {
      const OutputTally& one = single(p, o).tally;
      phase.outputs[o] = {one.edges * runs, one.switches * runs,
                          one.on_time * static_cast<std::int64_t>(runs), one.highest};
    }
  }

  /// `times` times, `next` begins when `phase` ends.
  void join(std::size_t phase, std::size_t next, std::uint64_t times) {
    for (std::size_t o = 0; o < program_.outputs.size(); ++o) {
      const std::uint16_t before = single(phase, o).last;
      const std::uint16_t after = single(next, o).first;
      if (before == 0 || after == 0) continue;
      tally_.phases[phase].outputs[o].edges -= times;
      tally_.phases[next].outputs[o].switches -= times;
      if (before == after) tally_.phases[next].outputs[o].edges -= times;
    }
  }

  void finish(PhaseTally& phase) {
    for (std::size_t o = 0; o < phase.outputs.size(); ++o) {
      const OutputTally& part = phase.outputs[o];
      OutputTally& sum = tally_.outputs[o];
      phase.edges += part.edges;
      sum.edges += part.edges;
      sum.switches += part.switches;
      sum.on_time += part.on_time;
      sum.highest = std::max(sum.highest, part.highest);
    }
    tally_.edges += phase.edges;
  }

  const Program& program_;
  std::uint64_t steps_left_;
  std::vector<Single> singles_;  ///< By phase, then output.
  ProgramTally tally_;
  std::size_t first_ = kNone;  ///< Phase of the first and the latest run that takes time.
  std::size_t last_ = kNone;
};

/// Takes frames as they come.
class FrameWalk {
 public:
  FrameWalk(Frames& frames, std::span<const Output> outputs, const Stretch& stretch)
      : frames_(frames), outputs_(outputs), stretch_(stretch), at_(stretch.from) {
    tally_.outputs.resize(outputs.size());
  }

  ProgramTally walk(std::uint64_t most_steps) {
    // From before the part, to know which levels its first frame changes.
    frames_.seek(std::max(Micros{}, stretch_.from - Micros{1}));
    Micros at;
    for (Levels levels; frames_.next(at, levels); --most_steps) {
      tally_.complete = most_steps > 0;
      if (!tally_.complete || is_behind(at)) break;
      if (at > stretch_.from) begin();
      if (at >= stretch_.from) note(levels, at);
      levels_ = levels;
    }
    begin();
    if (tally_.complete) pass_time(std::min(stretch_.to, frames_.end()));
    for (const OutputTally& sum : tally_.outputs) tally_.edges += sum.edges;
    return std::move(tally_);
  }

 private:
  bool is_behind(Micros at) const {
    return at > stretch_.to || (at == stretch_.to && at != frames_.end());
  }

  void begin() {
    for (std::size_t i = 0; i < outputs_.size() && !begun_; ++i) {
      const std::uint16_t value = value_of(outputs_[i], i, levels_);
      tally_.outputs[i].switches += value != 0;
      tally_.outputs[i].highest = value;
    }
    begun_ = true;
  }

  void pass_time(Micros to) {
    for (std::size_t i = 0; i < outputs_.size() && to > at_; ++i) {
      if (value_of(outputs_[i], i, levels_) != 0) tally_.outputs[i].on_time += to - at_;
    }
    at_ = std::max(at_, to);
  }

  void note(const Levels& levels, Micros at) {
    pass_time(at);
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      const std::uint16_t before = value_of(outputs_[i], i, levels_);
      const std::uint16_t after = value_of(outputs_[i], i, levels);
      OutputTally& sum = tally_.outputs[i];
      sum.edges += before != after;
      if (!begun_) continue;
      sum.switches += before == 0 && after != 0;
      sum.highest = std::max(sum.highest, after);
    }
  }

  Frames& frames_;
  const std::span<const Output> outputs_;
  const Stretch stretch_;
  ProgramTally tally_;
  Levels levels_;
  Micros at_;
  bool begun_ = false;
};

ProgramTally tally_of_sides(const Timeline& timeline, std::uint64_t most_steps) {
  const Program& program = timeline.program();
  PlannedFrames frames{timeline};
  ProgramTally tally = tally_of(frames, program.outputs, Stretch::whole(timeline), most_steps);
  PhaseTally& phase = tally.phases.emplace_back();
  phase.runs = program.repeats;
  phase.length = timeline.length_of(0);
  phase.edges = tally.edges;
  phase.outputs = tally.outputs;
  return tally;
}

}  // namespace

ProgramTally tally_of(const Timeline& timeline, std::uint64_t most_steps) {
  if (timeline.program().pattern != nullptr) return tally_of_sides(timeline, most_steps);
  return Adder{timeline, most_steps}.add();
}

ProgramTally tally_of(Frames& frames, std::span<const Output> outputs, const Stretch& stretch,
                      std::uint64_t most_steps) {
  return FrameWalk{frames, outputs, stretch}.walk(most_steps);
}

}  // namespace takt
