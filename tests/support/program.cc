// SPDX-License-Identifier: Apache-2.0
#include "tests/support/program.h"

#include <algorithm>
#include <new>

namespace takt::testing {
namespace {

std::uint32_t pick(std::mt19937& random, std::uint32_t from, std::uint32_t to) {
  return std::uniform_int_distribution<std::uint32_t>{from, to}(random);
}

Output named(std::size_t index) {
  static constexpr std::string_view kNames = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  Output output;
  output.id = kNames.substr(index, 1);
  return output;
}

Draft::Part random_part(std::mt19937& random, std::uint8_t motor, std::uint8_t analog) {
  const Micros start = millis(pick(random, 0, 12));
  switch (pick(random, 0, 4)) {
    case 0:
      return span(static_cast<std::uint8_t>(pick(random, 0, 2)), start, millis(pick(random, 1, 9)));
    case 1: {
      std::vector<PulseSpec> row(pick(random, 1, 3));
      for (auto& pulse : row) {
        pulse = {millis(pick(random, 1, 3)), millis(pick(random, 0, 2)), pick(random, 0, 1) == 1};
      }
      return pulses(motor, static_cast<std::uint8_t>(motor + 1), start, pick(random, 1, 4), row);
    }
    case 2:
      return pulses(static_cast<std::uint8_t>(pick(random, 0, 2)), kNoOutput, start,
                    pick(random, 1, 5), {{millis(pick(random, 1, 2)), millis(pick(random, 0, 2))}});
    case 3: {
      const Micros length = millis(pick(random, 1, 60));
      const Micros in = length * pick(random, 0, 2) / 4;
      return ramp(analog, static_cast<std::uint16_t>(pick(random, 1, 100)), start, length, in,
                  length * pick(random, 0, 2) / 4);
    }
    default: {
      Draft::Part part;
      part.component.kind = ComponentKind::kEdges;
      part.component.output = static_cast<std::uint8_t>(pick(random, 0, 2));
      part.component.start = start;
      part.component.tick = millis(1);
      std::uint32_t at = 0;
      for (std::uint32_t i = pick(random, 1, 5); i > 0; --i) {
        part.points.push_back({at, pick(random, 0, 1)});
        part.component.period = millis(at);
        at += pick(random, 1, 4);
      }
      return part;
    }
  }
}

}  // namespace

std::string Diagnostics::text() const {
  std::string text;
  for (const Diagnostic& one : all) {
    text += one.severity == Severity::kError ? "error " : "warning ";
    text += one.pointer.view();
    text += ": ";
    text += one.message.view();
    text += "\n";
  }
  return text;
}

std::uint8_t Draft::add_switch() {
  outputs.push_back(named(outputs.size()));
  return static_cast<std::uint8_t>(outputs.size() - 1);
}

std::uint8_t Draft::add_motor() {
  const std::uint8_t motor = add_switch();
  outputs[motor].direction = add_switch();
  outputs.back().kind = OutputKind::kDirection;
  return motor;
}

std::uint8_t Draft::add_analog(std::uint16_t range) {
  const auto channel = static_cast<std::uint8_t>(
      std::count_if(outputs.begin(), outputs.end(),
                    [](const Output& output) { return output.kind == OutputKind::kAnalog; }));
  const std::uint8_t index = add_switch();
  outputs.back().kind = OutputKind::kAnalog;
  outputs.back().range = range;
  outputs.back().channel = channel;
  return index;
}

Draft::Stage& Draft::add_stage(Micros delay) {
  Stage& stage = stages.emplace_back();
  stage.name = "phase " + std::to_string(stages.size());
  stage.delay = delay;
  return stage;
}

Draft::Part span(std::uint8_t output, Micros start, Micros on) {
  return pulses(output, kNoOutput, start, 1, {{on, Micros{0}}});
}

Draft::Part pulses(std::uint8_t output, std::uint8_t direction, Micros start, std::uint32_t repeats,
                   const std::vector<PulseSpec>& row) {
  Draft::Part part;
  part.component.output = output;
  part.component.direction = direction;
  part.component.start = start;
  part.component.repeats = repeats;
  for (const PulseSpec& pulse : row) {
    const auto at = static_cast<std::uint32_t>(part.component.period.count());
    const auto on = static_cast<std::uint32_t>(pulse.on.count());
    part.points.push_back({at, on | (pulse.clockwise ? Point::kClockwise : 0)});
    part.component.period += pulse.on + pulse.pause;
  }
  return part;
}

Draft::Part ramp(std::uint8_t output, std::uint16_t value, Micros start, Micros length, Micros in,
                 Micros out) {
  Draft::Part part;
  part.component.kind = ComponentKind::kRamp;
  part.component.output = output;
  part.component.value = value;
  part.component.start = start;
  part.component.period = length;
  part.component.ramp_in = in;
  part.component.ramp_out = out;
  return part;
}

Draft two_sides() {
  Draft draft;
  Pattern& pattern = draft.pattern.emplace();
  for (SideOutputs& side : pattern.sides) {
    side.motor = draft.add_motor();
    side.drive = draft.add_analog(1'000);
    side.light = draft.add_switch();
    side.brightness = draft.add_analog(1'000);
  }
  pattern.length = seconds(3'600);
  pattern.score.exclusive = true;
  pattern.score.bilateral.look = {60, 20, 0};
  const auto& [left, right] = pattern.sides;
  Interlock interlock;
  interlock.dead_time = pattern.score.dead_time;
  interlock.outputs = 1U << left.motor | 1U << right.motor;
  draft.interlocks.push_back(interlock);
  interlock.outputs = 1U << left.light | 1U << right.light;
  draft.interlocks.push_back(interlock);
  draft.add_stage();
  return draft;
}

Built::Built(const Draft& draft) {
  ProgramSize size;
  size.outputs = draft.outputs.size();
  size.interlocks = draft.interlocks.size();
  size.phases = draft.stages.size();
  size.loops = draft.loops.size();
  size.patterns = draft.pattern ? 1 : 0;
  size.segments = draft.segments.size();
  for (const Output& output : draft.outputs) size.text_bytes += output.id.size();
  for (const Draft::Stage& stage : draft.stages) {
    size.components += stage.parts.size();
    size.text_bytes += stage.name.size() + stage.end.sensor.size();
    for (const Draft::Part& part : stage.parts) size.points += part.points.size();
  }
  block_.reset(static_cast<std::byte*>(::operator new(size.bytes())));
  ProgramBuilder builder{size, {block_.get(), size.bytes()}};
  for (const Output& output : draft.outputs) {
    Output& row = builder.add_output();
    row = output;
    row.id = builder.add_text(output.id);
  }
  for (const Interlock& interlock : draft.interlocks) builder.add_interlock() = interlock;
  for (const Loop& loop : draft.loops) builder.add_loop() = loop;
  if (draft.pattern) builder.add_pattern() = *draft.pattern;
  for (const Segment& segment : draft.segments) builder.add_segment() = segment;
  for (const Draft::Stage& stage : draft.stages) {
    Phase& phase = builder.add_phase();
    phase.name = builder.add_text(stage.name);
    phase.delay = stage.delay;
    phase.end = stage.end;
    phase.end.sensor = builder.add_text(stage.end.sensor);
    for (const Draft::Part& part : stage.parts) {
      Component& component = builder.add_component();
      const std::uint32_t first = component.first_point;
      component = part.component;
      component.first_point = first;
      component.point_count = 0;
      for (const Point& point : part.points) builder.add_point() = point;
    }
  }
  program_ = builder.finish("draft", draft.repeats);
  const Result<Timeline> checked = check(program_, diagnostics_);
  if (checked.ok()) timeline_ = checked.value();
}

Draft random_draft(std::mt19937& random) {
  for (;;) {
    Draft draft;
    for (int i = 0; i < 3; ++i) draft.add_switch();
    const std::uint8_t motor = draft.add_motor();
    const std::uint8_t analog = draft.add_analog(100);
    for (std::uint32_t i = pick(random, 1, 5); i > 0; --i) {
      Draft::Stage& stage = draft.add_stage(millis(pick(random, 0, 1) * pick(random, 0, 5)));
      for (std::uint32_t j = pick(random, 0, 6); j > 0; --j) {
        stage.parts.push_back(random_part(random, motor, analog));
      }
    }
    if (pick(random, 0, 1) == 1) {
      const auto first = static_cast<std::uint16_t>(
          pick(random, 0, static_cast<std::uint32_t>(draft.stages.size() - 1)));
      const auto last = static_cast<std::uint16_t>(
          pick(random, first, static_cast<std::uint32_t>(draft.stages.size() - 1)));
      draft.loops.push_back({first, last, pick(random, 1, 3)});
    }
    draft.repeats = pick(random, 1, 2);
    if (Built{draft}.ok()) return draft;
  }
}

}  // namespace takt::testing
