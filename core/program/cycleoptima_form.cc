// SPDX-License-Identifier: Apache-2.0
#include "takt/core/program/cycleoptima_form.h"

#include <algorithm>

#include <iterator>

#include "takt/core/base/bits.h"

namespace takt {
namespace {

using json::Field;
using json::FieldType;
using json::Shape;

struct Actuator {
  std::string_view name;  ///< As a `compId`, exactly.
  std::string_view id;
  std::int16_t pin;
};

constexpr Actuator kActuators[] = {
    {"Retractor", "retractor", 7},   {"Detergent Valve", "detergent_valve", 8},
    {"Cold Valve", "cold_valve", 5}, {"Drain Pump", "drain_pump", 19},
    {"Hot Valve", "hot_valve", 9},   {"Soft Valve", "soft_valve", 18},
    {"Motor", "motor", 4},           {"Motor Direction", "motor_direction", 10}};
constexpr std::uint8_t kMotor = 6;
constexpr std::uint8_t kMotorDirection = 7;

/// The firmware ignores triggers for so long from the start of a phase.
constexpr Micros kArmAfter = seconds(15);

constexpr std::string_view kDirections[] = {"ccw", "cw"};
constexpr std::string_view kTriggerTypes[] = {"RPM", "Pressure"};
constexpr std::string_view kSensors[] = {"rpm", "pressure"};
constexpr std::string_view kActions[] = {"write_json"};
constexpr std::string_view kToggle = "Toggle Direction";
constexpr std::string_view kDefaultName = "cycle";

/// Names of programs, the lowest rank first.
enum : std::uint8_t { kNoName, kRootName, kDataName, kDisplayName };

enum StepId : std::uint8_t { kStepTime, kPauseTime, kStepDirection };
enum MotorId : std::uint8_t { kRepeatTimes, kRunningStyle, kPattern };
enum TriggerId : std::uint8_t { kType, kThreshold, kTriggerAbove };
enum ComponentId : std::uint8_t { kComponentId, kCompId, kStart, kDuration, kMotorConfig };
enum PhaseId : std::uint8_t { kPhaseId, kPhaseName, kStartTime, kComponents, kTrigger };
enum RootId : std::uint8_t { kPhases, kName, kDisplay, kData, kAction };

constexpr Field kStepFields[] = {
    {.name = "stepTime", .id = kStepTime, .type = FieldType::kInteger},
    {.name = "pauseTime", .id = kPauseTime, .type = FieldType::kInteger},
    {.name = "direction", .id = kStepDirection, .type = FieldType::kChoice, .choices = kDirections},
};
constexpr Shape kStepShape{.what = "a step", .fields = kStepFields, .lenient = true};

constexpr Field kMotorFields[] = {
    {.name = "repeatTimes", .id = kRepeatTimes, .type = FieldType::kInteger},
    {.name = "runningStyle", .id = kRunningStyle, .type = FieldType::kAny},
    {.name = "pattern", .id = kPattern, .type = FieldType::kObjects, .child = &kStepShape},
};
constexpr Shape kMotorShape{.what = "a motorConfig", .fields = kMotorFields, .lenient = true};

constexpr Field kTriggerFields[] = {
    {.name = "type", .id = kType, .type = FieldType::kChoice, .choices = kTriggerTypes},
    {.name = "threshold", .id = kThreshold, .type = FieldType::kInteger},
    {.name = "triggerAbove", .id = kTriggerAbove, .type = FieldType::kBool},
};
constexpr Shape kTriggerShape{.what = "a sensorTrigger", .fields = kTriggerFields, .lenient = true};

constexpr Field kComponentFields[] = {
    {.name = "id", .id = kComponentId, .type = FieldType::kAny},
    {.name = "compId", .id = kCompId, .type = FieldType::kName},
    {.name = "start", .id = kStart, .type = FieldType::kInteger},
    {.name = "duration", .id = kDuration, .type = FieldType::kInteger},
    {.name = "motorConfig",
     .id = kMotorConfig,
     .type = FieldType::kObject,
     .nullable = true,
     .child = &kMotorShape},
};
constexpr Shape kComponentShape{
    .what = "a component", .fields = kComponentFields, .required = bit(kCompId), .lenient = true};

constexpr Field kPhaseFields[] = {
    {.name = "id", .id = kPhaseId, .type = FieldType::kTitle, .nullable = true},
    {.name = "name", .id = kPhaseName, .type = FieldType::kAnyTitle},
    {.name = "startTime", .id = kStartTime, .type = FieldType::kInteger},
    {.name = "components",
     .id = kComponents,
     .type = FieldType::kObjects,
     .child = &kComponentShape},
    {.name = "sensorTrigger",
     .id = kTrigger,
     .type = FieldType::kObject,
     .nullable = true,
     .child = &kTriggerShape},
};
constexpr Shape kPhaseShape{.what = "a phase", .fields = kPhaseFields, .lenient = true};

constexpr Field kDataFields[] = {
    {.name = "phases", .id = kPhases, .type = FieldType::kObjects, .child = &kPhaseShape},
    {.name = "name", .id = kName, .type = FieldType::kAnyTitle},
};
constexpr Shape kDataShape{
    .what = "a cycle", .fields = kDataFields, .required = bit(kPhases), .lenient = true};

constexpr Field kPlainFields[] = {
    {.name = "phases", .id = kPhases, .type = FieldType::kObjects, .child = &kPhaseShape},
    {.name = "name", .id = kName, .type = FieldType::kAnyTitle},
    {.name = "displayName", .id = kDisplay, .type = FieldType::kAnyTitle},
};
constexpr Shape kPlainShape{
    .what = "a cycle", .fields = kPlainFields, .required = bit(kPhases), .lenient = true};

constexpr Field kWrapperFields[] = {
    {.name = "data", .id = kData, .type = FieldType::kObject, .child = &kDataShape},
    {.name = "name", .id = kName, .type = FieldType::kAnyTitle},
    {.name = "displayName", .id = kDisplay, .type = FieldType::kAnyTitle},
    {.name = "action", .id = kAction, .type = FieldType::kChoice, .choices = kActions},
};
constexpr Shape kWrapperShape{
    .what = "a wrapped cycle", .fields = kWrapperFields, .required = bit(kData), .lenient = true};

void append_valid_names(MessageText& message) {
  std::string_view separator;
  for (const Actuator& actuator : kActuators) {
    message.append(separator).append(actuator.name);
    separator = ", ";
  }
}

}  // namespace

json::Walker::Root CycleOptimaForm::root() const {
  return {.object = wrapped_ ? &kWrapperShape : &kPlainShape, .elements = &kPhaseShape};
}

void CycleOptimaForm::check_options(const LoadOptions& options, Reporter& reporter) {
  for (const NameMapping& mapping : options.map) {
    bool known = false;
    for (const Actuator& actuator : kActuators) {
      known = known || actuator.id == mapping.to;
      if (actuator.name != mapping.from) continue;
      reporter.error({}, message_of("the mapping of ", Quoted{mapping.from},
                                    " is not possible: the cycle format has this name already"));
    }
    if (known) continue;
    MessageText message = message_of("the mapping of ", Quoted{mapping.from},
                                     " names no output: ", Quoted{mapping.to}, "; valid are ");
    std::string_view separator;
    for (const Actuator& actuator : kActuators) {
      message.append(separator).append(actuator.id);
      separator = ", ";
    }
    reporter.error({}, message);
  }
}

void CycleOptimaForm::start() {
  name_ = NameText{kDefaultName};
  name_rank_ = kNoName;
  size_.outputs = std::size(kActuators);
  for (const Actuator& actuator : kActuators) count_text(actuator.id);
  if (is(Pass::kOutputs)) add_outputs();
}

void CycleOptimaForm::add_outputs() {
  for (const Actuator& actuator : kActuators) {
    Output& output = builder().add_output();
    output.id = builder().add_text(actuator.id);
    output.active_low = true;
    output.pin = actuator.pin;
  }
  builder().outputs()[kMotor].direction = kMotorDirection;
  builder().outputs()[kMotorDirection].kind = OutputKind::kDirection;
}

void CycleOptimaForm::begin(const json::Walker& at, const json::Shape& shape) {
  if (&shape == &kPhaseShape) {
    phase_ = {};
    ids_ = 0;
    count_phase(at);
    if (is(Pass::kPhases)) builder().add_phase();
  } else if (&shape == &kTriggerShape) {
    trigger_ = {};
  } else if (&shape == &kComponentShape) {
    component_ = {};
    motor_ = {};
    count_component(at);
    if (is(Pass::kPhases)) builder().add_component();
    row_.begin(builder_in(Pass::kPhases));
  } else if (&shape == &kStepShape) {
    step_ = {};
  }
}

void CycleOptimaForm::value(const json::Walker& at, const json::Shape& shape, const Field& field,
                            const json::Value& value) {
  if (&shape == &kPlainShape || &shape == &kWrapperShape) {
    if (field.id == kName) name_value(kRootName, value.text);
    if (field.id == kDisplay) name_value(kDisplayName, value.text);
  } else if (&shape == &kDataShape) {
    if (field.id == kName) name_value(kDataName, value.text);
  } else if (&shape == &kPhaseShape) {
    phase_value(at, field, value);
  } else if (&shape == &kTriggerShape) {
    if (field.id == kType) trigger_.type = static_cast<std::uint8_t>(value.number);
    if (field.id == kThreshold) trigger_.threshold = static_cast<std::int32_t>(value.number);
    if (field.id == kTriggerAbove) trigger_.above = value.number == 1;
  } else if (&shape == &kComponentShape) {
    component_value(at, field, value);
  } else if (&shape == &kMotorShape) {
    if (field.id == kRepeatTimes) motor_.repeats = static_cast<std::uint32_t>(value.number);
    if (field.id == kRunningStyle) motor_.toggles = value.text == kToggle;
  } else if (&shape == &kStepShape) {
    if (field.id == kStepTime) step_.on = millis(value.number);
    if (field.id == kPauseTime) step_.pause = millis(value.number);
    if (field.id == kStepDirection) step_.clockwise = value.number == 1;
  }
}

void CycleOptimaForm::end(const json::Walker& at, const json::Shape& shape, std::uint32_t seen) {
  if (&shape == &kPhaseShape) {
    end_phase(at, seen);
  } else if (&shape == &kComponentShape) {
    end_component(at, seen);
  } else if (&shape == &kMotorShape) {
    end_motor(at);
  } else if (&shape == &kStepShape) {
    end_step(at);
  }
}

void CycleOptimaForm::name_value(std::uint8_t rank, std::string_view text) {
  if (rank < name_rank_ || text.empty()) return;
  name_rank_ = rank;
  name_ = NameText{text};
}

NameText CycleOptimaForm::shown_name() const {
  if (!phase_.name.empty()) return phase_.name;
  if (!phase_.id.empty()) return phase_.id;
  return NameText{message_of("phase ", size_.phases).view()};
}

void CycleOptimaForm::phase_value(const json::Walker& at, const Field& field,
                                  const json::Value& value) {
  if (field.id == kPhaseName) phase_.name = NameText{value.text};
  if (field.id == kStartTime) phase_.start = millis(value.number);
  if (field.id != kPhaseId) return;
  phase_.id = NameText{value.text};
  phase_.id_at = static_cast<std::uint32_t>(at.offset());
}

void CycleOptimaForm::end_phase(const json::Walker& at, std::uint32_t seen) {
  count_text(shown_name().view());
  const bool triggered = has(seen, kTrigger);
  if (triggered) count_text(kSensors[trigger_.type]);
  if (is(Pass::kLast)) {
    builder().phases()[size_.phases - 1].name = builder().add_text(shown_name().view());
  }
  if (!is(Pass::kPhases)) return;
  Phase& row = builder().phases().back();
  row.delay = phase_.start;
  // As in the firmware, a phase without edges ends after its startTime.
  const auto components = builder().components().last(row.component_count);
  if (std::ranges::none_of(components, &Component::plays)) {
    for (Component& component : components) component.start = component.period = Micros{};
  }
  if (triggered) {
    row.end.sensor = builder().add_text(kSensors[trigger_.type]);
    row.end.threshold = trigger_.threshold;
    row.end.above = trigger_.above;
    row.end.arm_after = kArmAfter;
  }
  if (phase_.id_at == 0) return;
  // Until the last pass gives it the name, the row keeps where the id is in the source.
  row.name = at.text().substr(phase_.id_at);
  for (const Phase& other : builder().phases().first(builder().phases().size() - 1)) {
    if (other.name.empty()) continue;
    const auto offset = static_cast<std::size_t>(other.name.data() - at.text().data());
    if (!json::strings_equal(at.text(), offset, phase_.id_at)) continue;
    error(at, at.at_field("id"),
          message_of("there is another phase of the id ", Quoted{phase_.id.view()}));
    break;
  }
}

void CycleOptimaForm::component_value(const json::Walker& at, const Field& field,
                                      const json::Value& value) {
  if (field.id == kComponentId) component_.id_at = static_cast<std::uint32_t>(at.offset());
  if (field.id == kCompId) component_.output = NameText{value.text};
  if (field.id == kStart) component_.start = millis(value.number);
  if (field.id == kDuration) component_.duration = millis(value.number);
}

void CycleOptimaForm::misfit(const json::Walker& at) {
  if (motor_.fits) {
    error(at, at.here(),
          message_of("the times of this pattern differ too much: of the longest unit that "
                     "divides them all, a pulse lasts up to 2147483647 and begins by 4294967295"));
  }
  motor_.fits = false;
}

void CycleOptimaForm::end_step(const json::Walker& at) {
  motor_.steps += 1;
  motor_.last = step_;
  if (step_.on == Micros{}) {
    warn_once(at, at.at_field("stepTime"), message_of("the step is 0 ms long: it is dropped"));
  }
  if (!row_.add_pulse(step_.on, step_.pause, step_.clockwise)) misfit(at);
}

void CycleOptimaForm::end_motor(const json::Walker& at) {
  if (motor_.steps == 0) {
    warn_once(at, at.at_field("pattern"), message_of("the pattern has no steps: nothing plays"));
  }
  if (motor_.repeats == 0) {
    warn_once(at, at.at_field("repeatTimes"), message_of("repeated 0 times: nothing plays"));
  }
  if (motor_.toggles && motor_.steps == 1 && motor_.repeats > 1) toggle(at);
}

void CycleOptimaForm::toggle(const json::Walker& at) {
  const std::string_view way = motor_.last.clockwise ? "cw" : "ccw";
  if (!options_.expand_toggle) {
    warn_once(at, at.at_field("runningStyle"),
              message_of("'Toggle Direction' with one step: the motor turns ", way,
                         " only, as in the firmware; it can be expanded to two steps on request"));
    return;
  }
  if (motor_.repeats % 2 != 0) {
    error(at, at.at_field("repeatTimes"),
          message_of("'Toggle Direction' with one step cannot be expanded: ", motor_.repeats,
                     " repeats are no whole number of pairs"));
    return;
  }
  motor_.repeats /= 2;
  if (!row_.add_pulse(motor_.last.on, motor_.last.pause, !motor_.last.clockwise)) misfit(at);
}

void CycleOptimaForm::note_component_id(const json::Walker& at) {
  if (!is(Pass::kMeasure) || component_.id_at == 0 || ids_ == id_at_.size()) return;
  for (const std::uint32_t other : std::span{id_at_}.first(ids_)) {
    if (!json::strings_equal(at.text(), other, component_.id_at)) continue;
    warn_once(at, at.at_field("id"), message_of("another component of this phase has this id"));
    break;
  }
  id_at_[ids_++] = component_.id_at;
}

std::uint8_t CycleOptimaForm::resolve(const json::Walker& at) const {
  const std::string_view name = component_.output.view();
  if (name.empty()) return kNoOutput;  // Reported as missing.
  std::string_view id;
  for (const NameMapping& mapping : options_.map) {
    if (mapping.from == name) id = mapping.to;
  }
  for (std::uint8_t i = 0; i < std::size(kActuators); ++i) {
    if (kActuators[i].name == name || kActuators[i].id == id) return i;
  }
  MessageText message = message_of("unknown compId ", Quoted{name}, "; valid are ");
  append_valid_names(message);
  error(at, at.at_field("compId"), message);
  return kNoOutput;
}

void CycleOptimaForm::end_component(const json::Walker& at, std::uint32_t seen) {
  note_component_id(at);
  Component row;
  row.output = resolve(at);
  row.start = component_.start;
  if (has(seen, kMotorConfig)) {
    if (row.output != kNoOutput && row.output != kMotor) {
      error(at, at.at_field("motorConfig"),
            message_of("only the Motor can have a motorConfig, not ",
                       Quoted{component_.output.view()}));
    }
    row.direction = row_.count() > 0 ? kMotorDirection : kNoOutput;
    row.repeats = motor_.repeats;
  } else {
    if (component_.duration == Micros{}) {
      warn_once(at, at.at_field("duration"),
                message_of("the component is 0 ms long: it is dropped"));
    }
    if (!row_.add_pulse(component_.duration, {}, false)) misfit(at);
  }
  row.period = row_.end();
  fits_run(at, row.start, row.period, row.repeats);
  count_points(at);
  if (!is(Pass::kPhases)) return;
  Component& stored = builder().components().back();
  row.tick = row_.tick();
  row.first_point = stored.first_point;
  row.point_count = stored.point_count;
  stored = row;
}

}  // namespace takt
