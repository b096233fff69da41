// SPDX-License-Identifier: Apache-2.0
// Outputs, interlocks, phases and loops; components are in takt_components.cc, patterns in
// takt_pattern.cc.
#include "takt/core/program/takt_form.h"

#include "takt/core/base/bits.h"
#include "takt/core/program/takt_shapes.h"

namespace takt {
namespace {

constexpr std::string_view kDefaultName = "program";

}  // namespace

json::Walker::Root TaktForm::root() const { return {.object = &kRootShape}; }

void TaktForm::start() {
  name_ = NameText{kDefaultName};
  analog_ = 0;
}

void TaktForm::begin(const json::Walker& at, const json::Shape& shape) {
  if (&shape == &kOutputShape) {
    output_ = {};
    count(at, size_.outputs, kMaxOutputs, "outputs");
  } else if (&shape == &kInterlockShape) {
    interlock_ = {};
    count(at, size_.interlocks, kMaxInterlocks, "interlocks");
    if (is(Pass::kLinks)) builder().add_interlock();
  } else if (&shape == &kPhaseShape) {
    phase_ = {};
    count_phase(at);
    if (is(Pass::kPhases)) builder().add_phase();
  } else if (&shape == &kEndShape) {
    end_ = {};
  } else if (&shape == &kComponentShape) {
    component_ = {};
    count_component(at);
    if (is(Pass::kPhases)) builder().add_component();
    row_.begin(builder_in(Pass::kPhases));
  } else if (&shape == &kStepShape) {
    step_ = {};
  } else if (&shape == &kEdgeShape) {
    edge_ = {};
  } else if (&shape == &kLoopShape) {
    loop_ = {};
    count(at, size_.loops, kMaxLoops, "loops");
  } else if (&shape == &kBilateralShape) {
    begin_pattern(at, "session");
  } else if (&shape == &kPatternShape) {
    begin_pattern(at, "pattern");
  } else if (&shape == &kSegmentShape) {
    pattern_.segment = {};
    pattern_.segment.duty_percent = 100;
    count(at, size_.segments, kMaxSegments, "segments");
  }
}

void TaktForm::value(const json::Walker& at, const json::Shape& shape, const json::Field& field,
                     const json::Value& value) {
  if (&shape == &kRootShape) {
    root_value(field, value);
  } else if (&shape == &kOutputShape) {
    output_value(field, value);
  } else if (&shape == &kInterlockShape) {
    interlock_value(at, field, value);
  } else if (&shape == &kPhaseShape) {
    if (field.id == PhaseField::kName) phase_.name = NameText{value.text};
    if (field.id == PhaseField::kDelay) phase_.delay = value.duration;
  } else if (&shape == &kEndShape) {
    end_value(field, value);
  } else if (&shape == &kComponentShape) {
    component_value(field, value);
  } else if (&shape == &kStepShape) {
    if (field.id == StepField::kOn) step_.on = value.duration;
    if (field.id == StepField::kPause) step_.pause = value.duration;
    if (field.id == StepField::kDirection) step_.clockwise = value.number == 1;
  } else if (&shape == &kEdgeShape) {
    if (field.id == EdgeField::kAt) edge_.at = value.duration;
    if (field.id == EdgeField::kValue) edge_.value = static_cast<std::uint16_t>(value.number);
  } else if (&shape == &kLoopShape) {
    loop_value(field, value);
  } else if (&shape == &kBilateralShape || &shape == &kPatternShape) {
    pattern_value(field, value);
  } else if (&shape == &kSegmentShape) {
    segment_value(at, field, value);
  } else if (&shape == &kLeftShape || &shape == &kRightShape) {
    side_value(at, &shape == &kLeftShape ? Side::kLeft : Side::kRight, field, value);
  }
}

void TaktForm::end(const json::Walker& at, const json::Shape& shape, std::uint32_t seen) {
  if (&shape == &kOutputShape) {
    end_output(at, seen);
  } else if (&shape == &kInterlockShape) {
    end_interlock(at, seen);
  } else if (&shape == &kPhaseShape) {
    end_phase(at);
  } else if (&shape == &kEndShape) {
    end_condition(at, seen);
  } else if (&shape == &kComponentShape) {
    end_component(at, seen);
  } else if (&shape == &kStepShape) {
    end_step(at, seen);
  } else if (&shape == &kEdgeShape) {
    end_edge(at, seen);
  } else if (&shape == &kLoopShape) {
    end_loop(at);
  } else if (&shape == &kBilateralShape || &shape == &kPatternShape) {
    end_pattern(at, shape, seen);
  } else if (&shape == &kSegmentShape) {
    end_segment();
  } else if (&shape == &kRootShape) {
    end_root(at, seen);
  }
}

void TaktForm::root_value(const json::Field& field, const json::Value& value) {
  if (field.id == RootField::kName) name_ = NameText{value.text};
  if (field.id == RootField::kRepeat) repeats_ = static_cast<std::uint32_t>(value.number);
}

void TaktForm::output_value(const json::Field& field, const json::Value& value) {
  switch (field.id) {
    case OutputField::kId: output_.id = NameText{value.text}; break;
    case OutputField::kPin: output_.row.pin = static_cast<std::int16_t>(value.number); break;
    case OutputField::kActive: output_.row.active_low = value.number == 1; break;
    case OutputField::kKind: output_.row.kind = static_cast<OutputKind>(value.number); break;
    case OutputField::kRange: output_.row.range = static_cast<std::uint16_t>(value.number); break;
    case OutputField::kHighest:
      output_.row.highest = static_cast<std::uint16_t>(value.number);
      break;
    case OutputField::kDirection: output_.direction = NameText{value.text}; break;
    case OutputField::kLongestOn: output_.row.longest_on = value.duration; break;
    case OutputField::kShortestOn: output_.row.shortest_on = value.duration; break;
    case OutputField::kShortestOff: output_.row.shortest_off = value.duration; break;
    default: break;
  }
}

void TaktForm::end_output(const json::Walker& at, std::uint32_t seen) {
  constexpr std::uint16_t kDefaultRange = 100;
  Output& row = output_.row;
  count_text(output_.id.view());
  if (row.kind == OutputKind::kAnalog) {
    count(at, analog_, kMaxAnalogOutputs, "analog outputs");
    row.channel = static_cast<std::uint8_t>(analog_ - 1);
    if (!has(seen, OutputField::kRange)) row.range = kDefaultRange;
  } else if (has(seen, OutputField::kRange)) {
    error(at, at.at_field("range"), message_of("only an output of kind 'analog' has a range"));
  } else if (has(seen, OutputField::kHighest)) {
    error(at, at.at_field("highest"),
          message_of("only an output of kind 'analog' has a highest level"));
  }
  for (const json::Field& field : kOutputShape.fields) {
    const bool of_switch =
        field.id == OutputField::kDirection || field.id == OutputField::kLongestOn ||
        field.id == OutputField::kShortestOn || field.id == OutputField::kShortestOff;
    if (!of_switch || !has(seen, field.id) || row.kind == OutputKind::kSwitch) continue;
    error(at, at.at_field(field.name),
          message_of("only an output of kind 'switch' has a '", field.name, "'"));
  }
  if (row.highest > row.range) {
    error(at, at.at_field("highest"),
          message_of("the highest level lies beyond the range, which is ", row.range));
  }
  if (row.kind != OutputKind::kSwitch && has(seen, OutputField::kDirection)) {
    error(at, at.at_field("direction"),
          message_of("only an output of kind 'switch', a motor, has a direction output"));
  }
  if (is(Pass::kOutputs)) add_output(at);
  if (is(Pass::kLinks)) link_output(at);
}

void TaktForm::add_output(const json::Walker& at) {
  for (const Output& other : builder().outputs()) {
    if (other.id != output_.id.view()) continue;
    error(at, at.at_field("id"),
          message_of("there is another output of the id ", Quoted{output_.id.view()}));
    break;
  }
  output_.row.id = builder().add_text(output_.id.view());
  builder().add_output() = output_.row;
}

void TaktForm::link_output(const json::Walker& at) {
  Output& row = builder().outputs()[size_.outputs - 1];
  if (output_.direction.empty()) return;
  const Where where = at.at_field("direction");
  row.direction = resolve_output(at, where, output_.direction.view());
  if (row.direction == kNoOutput) return;
  if (builder().outputs()[row.direction].kind != OutputKind::kDirection) {
    error(at, where,
          message_of("output ", Quoted{output_.direction.view()}, " is not of kind 'direction'"));
  }
}

std::uint8_t TaktForm::resolve_output(const json::Walker& at, const Where& where,
                                      std::string_view id) {
  std::uint8_t index = 0;
  for (const Output& output : builder().outputs()) {
    if (output.id == id) return index;
    index += 1;
  }
  MessageText message = message_of("there is no output ", Quoted{id}, "; valid are ");
  std::string_view separator;
  for (const Output& output : builder().outputs()) {
    message.append(separator).append(output.id);
    separator = ", ";
  }
  error(at, where, message);
  return kNoOutput;
}

void TaktForm::interlock_value(const json::Walker& at, const json::Field& field,
                               const json::Value& value) {
  if (field.id == InterlockField::kMotor) interlock_.motor = NameText{value.text};
  if (field.id == InterlockField::kDeadTime) interlock_.row.dead_time = value.duration;
  if (field.id == InterlockField::kReversalDeadTime) {
    interlock_.reversal_dead_time = value.duration;
  }
  if (field.id != InterlockField::kNeverTogether) return;
  interlock_.named += 1;
  if (!is(Pass::kLinks)) return;
  const std::uint8_t output = resolve_output(at, at.here(), value.text);
  if (output == kNoOutput) return;
  if (has(interlock_.row.outputs, output)) {
    error(at, at.here(), message_of("output ", Quoted{value.text}, " is named twice"));
  }
  interlock_.row.outputs |= bit(output);
}

void TaktForm::end_interlock(const json::Walker& at, std::uint32_t seen) {
  const bool together = has(seen, InterlockField::kNeverTogether);
  const bool reversal = has(seen, InterlockField::kMotor);
  if (together == reversal) {
    error(at, at.here(),
          message_of("an interlock has either 'never_together' with 'dead_time', or 'motor' with "
                     "'reversal_dead_time'"));
  } else if (together && has(seen, InterlockField::kReversalDeadTime)) {
    error(at, at.at_field("reversal_dead_time"),
          message_of("'reversal_dead_time' goes with 'motor'; with 'never_together' write "
                     "'dead_time'"));
  } else if (reversal && has(seen, InterlockField::kDeadTime)) {
    error(at, at.at_field("dead_time"),
          message_of("'dead_time' goes with 'never_together'; with 'motor' write "
                     "'reversal_dead_time'"));
  } else if (reversal && !has(seen, InterlockField::kReversalDeadTime)) {
    error(at, at.here(), message_of("the field 'reversal_dead_time' is missing"));
  } else if (together && interlock_.named < 2) {
    error(at, at.at_field("never_together"), message_of("at least two outputs must be named"));
  }
  if (is(Pass::kLinks)) add_interlock(at);
  if (!is(Pass::kPhases) || !reversal) return;
  const std::uint8_t motor = builder().interlocks()[size_.interlocks - 1].motor;
  if (builder().outputs()[motor].direction == kNoOutput) {
    error(at, at.at_field("motor"),
          message_of("output ", Quoted{interlock_.motor.view()}, " has no direction output"));
  }
}

void TaktForm::add_interlock(const json::Walker& at) {
  Interlock& row = builder().interlocks().back();
  row = interlock_.row;
  if (interlock_.motor.empty()) return;
  row.kind = InterlockKind::kReversal;
  row.dead_time = interlock_.reversal_dead_time;
  const Where where = at.at_field("motor");
  row.motor = resolve_output(at, where, interlock_.motor.view());
}

void TaktForm::end_phase(const json::Walker& at) {
  count_text(phase_.name.view());
  if (!is(Pass::kPhases)) return;
  const std::string_view name = phase_.name.view();
  for (const Phase& other : builder().phases().first(builder().phases().size() - 1)) {
    if (other.name != name) continue;
    at.reporter().warn(at.at_field("name"),
                       message_of("there is another phase of the name ", Quoted{name}));
    break;
  }
  Phase& row = builder().phases().back();
  row.name = builder().add_text(name);
  row.delay = phase_.delay;
}

void TaktForm::end_value(const json::Field& field, const json::Value& value) {
  switch (field.id) {
    case EndField::kSensor: end_.sensor = NameText{value.text}; break;
    case EndField::kAbove:
    case EndField::kBelow:
      end_.row.threshold = static_cast<std::int32_t>(value.number);
      end_.row.above = field.id == EndField::kAbove;
      break;
    case EndField::kHold: end_.row.hold = value.duration; break;
    case EndField::kArmAfter: end_.row.arm_after = value.duration; break;
    case EndField::kTimeout: end_.row.timeout = value.duration; break;
    case EndField::kOnTimeout: end_.fault_on_timeout = value.number == 1; break;
    default: break;
  }
}

void TaktForm::end_condition(const json::Walker& at, std::uint32_t seen) {
  count_text(end_.sensor.view());
  const bool timeout = has(seen, EndField::kTimeout);
  if (has(seen, EndField::kAbove) == has(seen, EndField::kBelow)) {
    error(at, at.here(), message_of("an end condition has either 'above' or 'below'"));
  }
  if (timeout && end_.row.timeout == Micros{}) {
    error(at, at.at_field("timeout"), message_of("a timeout must be longer than 0"));
  }
  if (!timeout && has(seen, EndField::kOnTimeout)) {
    error(at, at.at_field("on_timeout"), message_of("'on_timeout' goes with 'timeout'"));
  }
  if (!is(Pass::kPhases)) return;
  Condition& row = builder().phases().back().end;
  row = end_.row;
  row.sensor = builder().add_text(end_.sensor.view());
  row.fault_on_timeout = timeout && end_.fault_on_timeout;
}

void TaktForm::loop_value(const json::Field& field, const json::Value& value) {
  if (field.id == LoopField::kFrom) loop_.from = NameText{value.text};
  if (field.id == LoopField::kTo) loop_.to = NameText{value.text};
  if (field.id == LoopField::kTimes) loop_.row.times = static_cast<std::uint32_t>(value.number);
}

void TaktForm::end_loop(const json::Walker& at) {
  if (!is(Pass::kLast)) return;
  const std::size_t none = builder().phases().size();
  const std::size_t first = resolve_phase(at, "from", loop_.from.view());
  const std::size_t last = resolve_phase(at, "to", loop_.to.view());
  if (first < none && last < none && last < first) {
    error(at, at.at_field("to"),
          message_of("phase ", Quoted{loop_.to.view()}, " comes before phase ",
                     Quoted{loop_.from.view()}, ", where the loop begins"));
  }
  loop_.row.first = static_cast<std::uint16_t>(first);
  loop_.row.last = static_cast<std::uint16_t>(last);
  builder().add_loop() = loop_.row;
}

std::size_t TaktForm::resolve_phase(const json::Walker& at, std::string_view field,
                                    std::string_view name) {
  const std::span<Phase> phases = builder().phases();
  std::size_t found = phases.size();
  for (std::size_t i = 0; i < phases.size(); ++i) {
    if (phases[i].name != name) continue;
    if (found != phases.size()) {
      error(at, at.at_field(field),
            message_of("several phases are named ", Quoted{name}, "; a loop needs one"));
      return phases.size();
    }
    found = i;
  }
  if (found != phases.size()) return found;
  MessageText message = message_of("there is no phase ", Quoted{name}, "; valid are ");
  std::string_view separator;
  for (const Phase& phase : phases) {
    message.append(separator).append(phase.name);
    separator = ", ";
  }
  error(at, at.at_field(field), message);
  return found;
}

}  // namespace takt
