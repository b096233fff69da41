// SPDX-License-Identifier: Apache-2.0
// Outputs, interlocks, phases and loops; components are in takt_components.cc, patterns in
// takt_pattern.cc.
#include "takt/core/program/takt_form.h"

#include "takt/core/base/bits.h"

namespace takt {
namespace {

/// The pass in which objects of a shape are stored.
Pass pass_of(const json::Shape& shape) {
  if (&shape == &kOutputShape) return Pass::kOutputs;
  if (&shape == &kInterlockShape) return Pass::kLinks;
  return &shape == &kLoopShape ? Pass::kLast : Pass::kPhases;
}

}  // namespace

json::Walker::Root TaktForm::root() const { return {.object = &kRootShape}; }

void TaktForm::start() {
  name_ = NameText{shapes::kRootDefaults.name};
  analog_ = 0;
}

void* TaktForm::draft_of(const json::Shape& shape) {
  if (&shape == &kRootShape) return &root_;
  if (&shape == &kOutputShape) return &output_;
  if (&shape == &kInterlockShape) return &interlock_;
  if (&shape == &kPhaseShape) return &phase_;
  if (&shape == &kEndShape) return &phase_.end;
  if (&shape == &kComponentShape) return &component_;
  if (&shape == &kStepShape) return &step_;
  if (&shape == &kEdgeShape) return &edge_;
  if (&shape == &kLoopShape) return &loop_;
  if (&shape == &kSegmentShape) return &segment_;
  if (&shape == &kLeftShape) return &pattern_.sides[0];
  if (&shape == &kRightShape) return &pattern_.sides[1];
  return &pattern_;
}

void TaktForm::begin(const json::Walker& at, const json::Shape& shape) {
  static_cast<const BoundShape&>(shape).reset(draft_of(shape));
  if (&shape == &kOutputShape) {
    count(at, size_.outputs, kMaxOutputs, "outputs");
  } else if (&shape == &kInterlockShape) {
    excluded_ = 0;
    count(at, size_.interlocks, kMaxInterlocks, "interlocks");
  } else if (&shape == &kPhaseShape) {
    count_phase(at);
    if (is(Pass::kPhases)) builder().add_phase();
  } else if (&shape == &kComponentShape) {
    points_ = {};
    count_component(at);
    if (is(Pass::kPhases)) builder().add_component();
    row_.begin(builder_in(Pass::kPhases));
  } else if (&shape == &kLoopShape) {
    count(at, size_.loops, kMaxLoops, "loops");
  } else if (&shape == &kBilateralShape) {
    begin_pattern(at, "session");
  } else if (&shape == &kPatternShape) {
    begin_pattern(at, "pattern");
  } else if (&shape == &kSegmentShape) {
    count(at, size_.segments, kMaxSegments, "segments");
  }
}

void TaktForm::value(const json::Walker& at, const json::Shape& shape, const json::Field& field,
                     const json::Value& value) {
  const Member& member = static_cast<const BoundShape&>(shape).member_of(field);
  if (field.type == json::FieldType::kIds) {
    exclude(at, value.text);
  } else if (member.type() == Member::Type::kText) {
    keep_text(at, shape, field, value.text);
  } else if (member.is_number()) {
    const std::optional<std::int64_t> number = number_of(at, shape, field, value);
    if (number) member.set_number(draft_of(shape), *number);
  }
}

void TaktForm::keep_text(const json::Walker& at, const json::Shape& shape, const json::Field& field,
                         std::string_view text) {
  if (&shape == &kRootShape) {
    name_ = NameText{text};  // Stored by end_pass(), as it may be left out.
    return;
  }
  if (text.size() > static_cast<std::size_t>(field.most)) {
    error(at, at.here(),
          message_of("'", field.name, "' is too long: ", text.size(), " bytes, the limit is ",
                     field.most));
    return;
  }
  count_text(text);
  if (!is(pass_of(shape))) return;
  const Member& member = static_cast<const BoundShape&>(shape).member_of(field);
  member.set_text(draft_of(shape), builder().add_text(text));
}

std::optional<std::int64_t> TaktForm::number_of(const json::Walker& at, const json::Shape& shape,
                                                const json::Field& field,
                                                const json::Value& value) {
  switch (field.type) {
    case json::FieldType::kDuration: {
      const bool in_micros =
          static_cast<const BoundShape&>(shape).member_of(field).type() == Member::Type::kTime;
      return in_micros ? value.duration.count() : millis_of(at, shape, field, value.duration);
    }
    case json::FieldType::kId:
      // A motor and its direction may stand in any order.
      if (!is(&shape == &kOutputShape ? Pass::kLinks : pass_of(shape))) return {};
      return resolve_output(at, value.text);
    case json::FieldType::kName:
      if (!is(pass_of(shape))) return {};
      return static_cast<std::int64_t>(resolve_phase(at, value.text));
    default: return value.number;
  }
}

std::int64_t TaktForm::millis_of(const json::Walker& at, const json::Shape& shape,
                                 const json::Field& field, Micros duration) const {
  const std::int64_t most = static_cast<const BoundShape&>(shape).member_of(field).most();
  const std::int64_t ms = duration / millis(1);
  if (millis(ms) != duration) {
    error(at, at.here(), message_of("'", field.name, "' must be in whole milliseconds"));
  } else if (ms > most) {
    error(at, at.here(), message_of("a ", field.name, " is 0 to ", most, " ms"));
  }
  return ms;
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

void TaktForm::end_output(const json::Walker& at, std::uint32_t seen) {
  constexpr std::uint8_t kRange = id_of(shapes::kOutputRows, "range");
  constexpr std::uint8_t kHighest = id_of(shapes::kOutputRows, "highest");
  constexpr std::uint8_t kDirection = id_of(shapes::kOutputRows, "direction");
  constexpr std::uint32_t kOfSwitches =
      ids_of(shapes::kOutputRows, "direction", "longest_on", "shortest_on", "shortest_off");
  if (output_.kind == OutputKind::kAnalog) {
    count(at, analog_, kMaxAnalogOutputs, "analog outputs");
    output_.channel = static_cast<std::uint8_t>(analog_ - 1);
  } else if (has(seen, kRange)) {
    error(at, at.at_field("range"), message_of("only an output of kind 'analog' has a range"));
  } else if (has(seen, kHighest)) {
    error(at, at.at_field("highest"),
          message_of("only an output of kind 'analog' has a highest level"));
  } else {
    output_.range = 0;
  }
  for (const json::Field& field : kOutputShape.fields) {
    if (!has(seen & kOfSwitches, field.id) || output_.kind == OutputKind::kSwitch) continue;
    error(at, at.at_field(field.name),
          message_of("only an output of kind 'switch' has a '", field.name, "'"));
  }
  if (output_.highest > output_.range) {
    error(at, at.at_field("highest"),
          message_of("the highest level lies beyond the range, which is ", output_.range));
  }
  if (output_.kind != OutputKind::kSwitch && has(seen, kDirection)) {
    error(at, at.at_field("direction"),
          message_of("only an output of kind 'switch', a motor, has a direction output"));
  }
  if (is(Pass::kOutputs)) add_output(at);
  if (is(Pass::kLinks)) link_output(at);
}

void TaktForm::add_output(const json::Walker& at) {
  for (const Output& other : builder().outputs()) {
    if (other.id != output_.id) continue;
    error(at, at.at_field("id"),
          message_of("there is another output of the id ", Quoted{output_.id}));
    break;
  }
  builder().add_output() = output_;
}

void TaktForm::link_output(const json::Walker& at) {
  builder().outputs()[size_.outputs - 1].direction = output_.direction;
  if (output_.direction == kNoOutput) return;
  const Output& direction = builder().outputs()[output_.direction];
  if (direction.kind == OutputKind::kDirection) return;
  error(at, at.at_field("direction"),
        message_of("output ", Quoted{direction.id}, " is not of kind 'direction'"));
}

std::uint8_t TaktForm::resolve_output(const json::Walker& at, std::string_view id) {
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
  error(at, at.here(), message);
  return kNoOutput;
}

void TaktForm::exclude(const json::Walker& at, std::string_view id) {
  excluded_ += 1;
  if (!is(Pass::kLinks)) return;
  const std::uint8_t output = resolve_output(at, id);
  if (output == kNoOutput) return;
  if (has(interlock_.outputs, output)) {
    error(at, at.here(), message_of("output ", Quoted{id}, " is named twice"));
  }
  interlock_.outputs |= bit(output);
}

void TaktForm::end_interlock(const json::Walker& at, std::uint32_t seen) {
  constexpr std::uint8_t kDeadTime = id_of(shapes::kInterlockRows, "dead_time");
  constexpr std::uint8_t kReversalDeadTime = id_of(shapes::kInterlockRows, "reversal_dead_time");
  const bool together = has(seen, id_of(shapes::kInterlockRows, "never_together"));
  const bool reversal = has(seen, id_of(shapes::kInterlockRows, "motor"));
  if (together == reversal) {
    error(at, at.here(),
          message_of("an interlock has either 'never_together' with 'dead_time', or 'motor' with "
                     "'reversal_dead_time'"));
  } else if (together && has(seen, kReversalDeadTime)) {
    error(at, at.at_field("reversal_dead_time"),
          message_of("'reversal_dead_time' goes with 'motor'; with 'never_together' write "
                     "'dead_time'"));
  } else if (reversal && has(seen, kDeadTime)) {
    error(at, at.at_field("dead_time"),
          message_of("'dead_time' goes with 'never_together'; with 'motor' write "
                     "'reversal_dead_time'"));
  } else if (reversal && !has(seen, kReversalDeadTime)) {
    error(at, at.here(), message_of("the field 'reversal_dead_time' is missing"));
  } else if (together && excluded_ < 2) {
    error(at, at.at_field("never_together"), message_of("at least two outputs must be named"));
  }
  if (reversal) interlock_.kind = InterlockKind::kReversal;
  if (is(Pass::kLinks)) builder().add_interlock() = interlock_;
  if (!is(Pass::kPhases) || !reversal) return;
  const Output& motor = builder().outputs()[builder().interlocks()[size_.interlocks - 1].motor];
  if (motor.direction == kNoOutput) {
    error(at, at.at_field("motor"),
          message_of("output ", Quoted{motor.id}, " has no direction output"));
  }
}

void TaktForm::end_phase(const json::Walker& at) {
  if (!is(Pass::kPhases)) return;
  const std::span<Phase> phases = builder().phases();
  for (const Phase& other : phases.first(phases.size() - 1)) {
    if (other.name != phase_.name) continue;
    at.reporter().warn(at.at_field("name"),
                       message_of("there is another phase of the name ", Quoted{phase_.name}));
    break;
  }
  phase_.first_component = phases.back().first_component;
  phase_.component_count = phases.back().component_count;
  phases.back() = phase_;
}

void TaktForm::end_condition(const json::Walker& at, std::uint32_t seen) {
  const bool timeout = has(seen, id_of(shapes::kEndRows, "timeout"));
  const bool above = has(seen, id_of(shapes::kEndRows, "above"));
  Condition& row = phase_.end;
  row.above = above;
  row.fault_on_timeout = timeout && row.fault_on_timeout;
  if (above == has(seen, id_of(shapes::kEndRows, "below"))) {
    error(at, at.here(), message_of("an end condition has either 'above' or 'below'"));
  }
  if (timeout && row.timeout == Micros{}) {
    error(at, at.at_field("timeout"), message_of("a timeout must be longer than 0"));
  }
  if (!timeout && has(seen, id_of(shapes::kEndRows, "on_timeout"))) {
    error(at, at.at_field("on_timeout"), message_of("'on_timeout' goes with 'timeout'"));
  }
}

void TaktForm::end_loop(const json::Walker& at) {
  if (!is(Pass::kLast)) return;
  const std::span<Phase> phases = builder().phases();
  if (loop_.first < phases.size() && loop_.last < loop_.first) {
    error(at, at.at_field("to"),
          message_of("phase ", Quoted{phases[loop_.last].name}, " comes before phase ",
                     Quoted{phases[loop_.first].name}, ", where the loop begins"));
  }
  builder().add_loop() = loop_;
}

std::size_t TaktForm::resolve_phase(const json::Walker& at, std::string_view name) {
  const std::span<Phase> phases = builder().phases();
  std::size_t found = phases.size();
  for (std::size_t i = 0; i < phases.size(); ++i) {
    if (phases[i].name != name) continue;
    if (found != phases.size()) {
      error(at, at.here(),
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
  error(at, at.here(), message);
  return found;
}

}  // namespace takt
