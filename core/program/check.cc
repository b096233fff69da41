// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "takt/core/base/bits.h"
#include "takt/core/program/check_log.h"
#include "takt/core/program/limits.h"
#include "takt/core/program/timeline.h"

namespace takt {
namespace {

using Pointer = PointerText;
using Message = MessageText;

bool is_duration(Micros value) { return value >= Micros{0} && value <= kMaxDuration; }

Message in_seconds(std::string_view before, Micros at, std::string_view after = {}) {
  Message message{before};
  message.append(at.count() / 1'000'000).append(".");
  const std::int64_t thousandths = at.count() / 1'000 % 1'000;
  if (thousandths < 100) message.append("0");
  if (thousandths < 10) message.append("0");
  return message.append(thousandths).append(" s").append(after);
}

/// One pass over a program; remembers only whether an error was found.
class Checker {
 public:
  Checker(const Program& program, DiagnosticSink& sink) : program_(program), log_(sink) {}

  bool passes() {
    check_sizes();
    for (std::size_t i = 0; i < program_.outputs.size() && !log_.failed(); ++i) check_output(i);
    for (std::size_t i = 0; i < program_.interlocks.size(); ++i) check_interlock(i);
    if (log_.failed()) return false;  // What follows indexes outputs.
    if (program_.pattern != nullptr) {
      check_pattern(program_, log_);
    } else {
      for (std::size_t i = 0; i < program_.phases.size(); ++i) check_phase(i);
    }
    if (!log_.failed()) check_loops();
    return !log_.failed();
  }

 private:
  void error(const Pointer& pointer, std::string_view text) { log_.error(pointer, text); }

  void check_sizes() {
    limit("/outputs", program_.outputs.size(), kMaxOutputs);
    limit("/outputs", program_.analog_count(), kMaxAnalogOutputs);
    limit("/interlocks", program_.interlocks.size(), kMaxInterlocks);
    limit("/phases", program_.phases.size(), kMaxPhases);
    limit("/phases", program_.points.size(), kMaxPoints);
    limit("/loops", program_.loops.size(), kMaxLoops);
    if (program_.phases.empty()) error(Pointer{"/phases"}, "a program needs at least one phase");
    if (program_.repeats == 0) error(Pointer{"/repeat"}, "a program runs at least once");
  }

  void limit(std::string_view pointer, std::size_t count, std::size_t most) {
    if (count <= most) return;
    Message message;
    message.append(static_cast<std::int64_t>(count)).append(" are more than the limit of ");
    log_.error(Pointer{pointer}, message.append(static_cast<std::int64_t>(most)));
  }

  void check_output(std::size_t index) {
    const Output& output = program_.outputs[index];
    const Pointer here = row_pointer("outputs", index);
    if (output.id.empty()) error(here, "an output needs an id");
    for (std::size_t i = 0; i < index; ++i) {
      const Output& other = program_.outputs[i];
      if (other.id == output.id) error(here, "another output has this id");
      if (output.pin >= 0 && other.pin == output.pin) error(here, "another output has this pin");
      if (output.direction != kNoOutput && other.direction == output.direction) {
        error(here, "another motor has this direction output");
      }
    }
    if (output.kind == OutputKind::kAnalog) {
      std::size_t before = 0;
      for (std::size_t i = 0; i < index; ++i) {
        before += program_.outputs[i].kind == OutputKind::kAnalog;
      }
      if (output.range == 0) error(here, "the range of an analog output is 1 to 65535");
      if (output.channel != before) error(here, "analog channels are numbered in output order");
      if (output.highest > output.range) error(here, "its highest level lies beyond its range");
    } else if (output.highest != 0) {
      error(here, "only an output of kind \"analog\" has a highest level");
    }
    if (output.direction != kNoOutput &&
        (output.kind != OutputKind::kSwitch || !is_output(output.direction) ||
         program_.outputs[output.direction].kind != OutputKind::kDirection)) {
      error(here, "the direction of a motor is an output of kind \"direction\"");
    }
    const bool limited = output.longest_on != Micros{0} || output.shortest_on != Micros{0} ||
                         output.shortest_off != Micros{0};
    if (limited && output.kind != OutputKind::kSwitch) {
      error(here, "only an output of kind \"switch\" can have limits");
    }
    if (!is_duration(output.longest_on) || !is_duration(output.shortest_on) ||
        !is_duration(output.shortest_off)) {
      error(here, "a limit is 0 to 24.8 days");
    }
    if (output.longest_on != Micros{0} && output.longest_on < output.shortest_on) {
      error(here, "longest_on is shorter than shortest_on");
    }
  }

  bool is_output(std::uint8_t index) const { return index < program_.outputs.size(); }

  void check_interlock(std::size_t index) {
    const Interlock& interlock = program_.interlocks[index];
    const Pointer here = row_pointer("interlocks", index);
    if (!is_duration(interlock.dead_time)) error(here, "a dead time is 0 to 24.8 days");
    if (interlock.kind == InterlockKind::kReversal) {
      if (!is_output(interlock.motor) || program_.outputs[interlock.motor].direction == kNoOutput) {
        error(here, "a reversal dead time is for a motor, an output with a direction");
      }
      return;
    }
    unsigned switches = 0;
    for (std::size_t i = 0; i < kMaxOutputs; ++i) {
      if (!has(interlock.outputs, i)) continue;
      const bool is_switch =
          i < program_.outputs.size() && program_.outputs[i].kind == OutputKind::kSwitch;
      if (!is_switch) error(here, "only outputs of kind \"switch\" can exclude each other");
      ++switches;
    }
    if (switches < 2) error(here, "it takes two outputs to exclude each other");
  }

  void check_phase(std::size_t index) {
    const Phase& phase = program_.phases[index];
    const Pointer here = row_pointer("phases", index);
    if (std::uint64_t{phase.first_component} + phase.component_count > program_.components.size()) {
      error(here, "its components lie outside the program");
      return;
    }
    if (phase.component_count > kMaxComponentsPerPhase) {
      error(here, "a phase has at most 255 components");
    }
    if (!is_duration(phase.delay)) error(here, "a delay is 0 to 24.8 days");
    const auto components = program_.components_of(phase);
    bool sound = true;
    for (std::size_t i = 0; i < components.size(); ++i) {
      Pointer place = here;
      place.append("/components/").append(static_cast<std::int64_t>(i));
      sound = check_component(components[i], place) && sound;
    }
    if (!sound) return;  // The rest compares component with component.
    bool plays = false;
    for (std::size_t i = 0; i < components.size(); ++i) {
      plays = plays || components[i].plays();
      for (std::size_t j = 0; j < i; ++j) check_overlap(phase, index, j, i);
    }
    if (!plays) {
      log_.warn(here, in_seconds("nothing to play: the phase just lasts ", length_of(phase)));
    }
    check_condition(phase, here);
  }

  bool check_component(const Component& component, const Pointer& here) {
    const unsigned before = log_.errors();
    if (!is_output(component.output)) return fail(here, "its output does not exist");
    if (std::uint64_t{component.first_point} + component.point_count > program_.points.size()) {
      return fail(here, "its points lie outside the program");
    }
    const Output& output = program_.outputs[component.output];
    if (!is_duration(component.start) || !is_duration(component.period) ||
        component.tick <= Micros{0} || component.tick > kMaxDuration) {
      return fail(here, "a time is 0 to 24.8 days");
    }
    if (component.period > Micros{0} && component.repeats > kMaxRun / component.period) {
      return fail(here, "the pattern lasts more than 100 years");
    }
    switch (component.kind) {
      case ComponentKind::kPulses: check_pulses(component, output, here); break;
      case ComponentKind::kEdges: check_edges(component, output, here); break;
      case ComponentKind::kRamp: check_ramp(component, output, here); break;
      default: error(here, "its kind is unknown");
    }
    return log_.errors() == before;
  }

  bool fail(const Pointer& here, std::string_view text) {
    error(here, text);
    return false;
  }

  void check_pulses(const Component& component, const Output& output, const Pointer& here) {
    if (output.kind == OutputKind::kAnalog) {
      error(here, "an analog output needs a value, not pulses");
    }
    if (component.direction != kNoOutput && component.direction != output.direction) {
      error(here, "its direction is not that of its motor");
    }
    Micros free_from;
    for (const Point& point : program_.points_of(component)) {
      const Micros at = component.tick * point.at;
      if (point.length() == 0 || at < free_from) {
        error(here, "its pulses must have a length and follow each other");
        return;
      }
      free_from = at + component.tick * point.length();
    }
    if (free_from > component.period) error(here, "its last pulse is longer than its row");
  }

  void check_edges(const Component& component, const Output& output, const Pointer& here) {
    const std::uint32_t most = output.most();
    Micros last{-1};
    for (const Point& point : program_.points_of(component)) {
      const Micros at = component.tick * point.at;
      if (at <= last) error(here, "its edges must follow each other in time");
      if (point.value > most) error(here, "the level of an edge is outside its output's");
      if (log_.failed()) return;
      last = at;
    }
    if (last > component.period) error(here, "its last edge lies behind its end");
    if (last >= Micros{0} && program_.points_of(component).back().value != 0) {
      log_.warn(here, Message{"its last edge leaves the output on until the phase ends"});
    }
    if (component.repeats != 1) error(here, "edges do not repeat");
    if (component.direction != kNoOutput) error(here, "edges do not set a direction");
  }

  void check_ramp(const Component& component, const Output& output, const Pointer& here) {
    if (output.kind != OutputKind::kAnalog) {
      error(here, "only an analog output takes a value");
    } else if (component.value == 0 || component.value > output.most()) {
      Message message{"the value is 1 to "};
      log_.error(here, message.append(output.most()));
    }
    if (!is_duration(component.ramp_in) || !is_duration(component.ramp_out) ||
        component.ramp_in + component.ramp_out > component.period) {
      error(here, "the ramps are longer than the span they belong to");
    }
    if (component.period == Micros{0}) error(here, "a span needs a length");
    if (component.repeats != 1) error(here, "an analog span does not repeat");
  }

  /// When a component may want its output on, and until when.
  struct Extent {
    Micros begin, end;
  };
  Extent extent_of(const Component& component) const {
    if (component.kind != ComponentKind::kEdges) return {component.start, component.end()};
    const auto points = program_.points_of(component);
    const bool stays_on = !points.empty() && points.back().value != 0;
    return {component.start, stays_on ? kMaxRun : component.end()};
  }

  void check_overlap(const Phase& phase, std::size_t phase_index, std::size_t i, std::size_t j) {
    const Component& a = program_.components_of(phase)[i];
    const Component& b = program_.components_of(phase)[j];
    if (a.output != b.output || !a.plays() || !b.plays()) return;
    const Extent ea = extent_of(a);
    const Extent eb = extent_of(b);
    const Micros begin = std::max(ea.begin, eb.begin);
    if (begin >= std::min(ea.end, eb.end)) return;
    Pointer here = row_pointer("phases", phase_index);
    here.append("/components/").append(static_cast<std::int64_t>(j));
    Message message{"component "};
    message.append(static_cast<std::int64_t>(i)).append(" has the same output, and both ");
    message.append(in_seconds("play from ", begin).view());
    const bool patterns = a.direction != kNoOutput && b.direction != kNoOutput;
    const bool analog = program_.outputs[a.output].kind == OutputKind::kAnalog;
    if (patterns || analog) {
      message.append(patterns ? ": motor patterns must not overlap"
                              : ": analog spans must not overlap");
      log_.error(here, message);
    } else {
      message.append(": the output is on while either wants it on");
      log_.warn(here, message);
    }
  }

  void check_condition(const Phase& phase, const Pointer& phase_pointer) {
    const Condition& end = phase.end;
    if (!end.exists()) return;
    Pointer here = phase_pointer;
    here.append("/end");
    if (!is_duration(end.hold) || !is_duration(end.arm_after) || !is_duration(end.timeout)) {
      error(here, "a time is 0 to 24.8 days");
    } else if (end.timeout > Micros{0} && end.timeout <= end.arm_after) {
      error(here, "the timeout passes before the condition is armed");
    } else if (const Micros length = length_of(phase);
               end.timeout > Micros{0} && end.timeout >= length) {
      Message message = in_seconds("it never passes, for the phase ends by itself after ", length);
      message.append(": a component must last longer, or the timeout be shorter");
      log_.error(here.append("/timeout"), message);
    }
  }

  void check_loops() {
    std::size_t free_from = 0;
    std::uint64_t entries = program_.phases.size();
    for (std::size_t i = 0; i < program_.loops.size(); ++i) {
      const Loop& loop = program_.loops[i];
      const Pointer here = row_pointer("loops", i);
      if (loop.first > loop.last || loop.last >= program_.phases.size()) {
        error(here, "it runs from a phase to the same or a later one");
        return;
      }
      if (loop.first < free_from) {
        error(here, "loops stand in the order of their phases and do not overlap or nest");
        return;
      }
      if (loop.times == 0) {
        error(here, "a loop runs at least once");
        return;
      }
      entries += std::uint64_t{loop.last - loop.first + 1U} * (loop.times - 1U);
      free_from = loop.last + 1U;
    }
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
    if (entries >= kMost || entries * program_.repeats >= kMost) {
      error(Pointer{"/loops"}, "loops and repeats come to more than 4,294,967,294 phase runs");
      return;
    }
    check_length();
  }

  /// In steps that cannot overflow: 1,000 phases of at most 100 years fit 64 bits, then each
  /// multiplication is tried by division first.
  void check_length() {
    Micros pass;
    for (std::size_t p = 0; p < program_.phases.size();) {
      const auto loop = std::find_if(program_.loops.begin(), program_.loops.end(),
                                     [p](const Loop& l) { return l.first == p; });
      const std::size_t last = loop == program_.loops.end() ? p : loop->last;
      const std::uint32_t times = loop == program_.loops.end() ? 1 : loop->times;
      Micros round;
      for (; p <= last; ++p) round += length_of(program_.phases[p]);
      if (times > 1 && round == Micros{0}) {
        error(row_pointer("loops", static_cast<std::size_t>(loop - program_.loops.begin())),
              "its phases take no time");
        return;
      }
      if (round > Micros{0} && times > (kMaxRun - pass) / round) {
        error(Pointer{"/loops"}, "the program lasts more than 100 years");
        return;
      }
      pass += round * times;
    }
    if (program_.repeats > 1 && pass == Micros{0}) {
      error(Pointer{"/repeat"}, "the program takes no time, so it cannot repeat");
    } else if (pass > Micros{0} && program_.repeats > kMaxRun / pass) {
      error(Pointer{"/repeat"}, "the program lasts more than 100 years");
    }
  }

  Micros length_of(const Phase& phase) const { return takt::length_of(program_, phase); }

  const Program& program_;
  CheckLog log_;
};

}  // namespace

Result<Timeline> check(const Program& program, DiagnosticSink& sink) {
  if (!Checker{program, sink}.passes()) return Status::kOutOfRange;
  return Timeline{program};
}

}  // namespace takt
