// SPDX-License-Identifier: Apache-2.0
// Components of takt's own form, with their steps and edges.
#include "takt/core/base/bits.h"
#include "takt/core/program/takt_form.h"
#include "takt/core/program/takt_shapes.h"

namespace takt {
namespace {

using Id = ComponentField;

/// The four forms of a component: the field that tells it, and what goes with that.
struct Variant {
  std::string_view name;
  std::uint8_t mark;
  std::uint32_t allowed;
};

constexpr std::uint32_t kCommon = bit(Id::kComment) | bit(Id::kOutput) | bit(Id::kAt);

constexpr Variant kSteps{"steps", Id::kSteps, kCommon | bit(Id::kSteps) | bit(Id::kRepeat)};
constexpr Variant kEdges{"edges", Id::kEdges, kCommon | bit(Id::kEdges) | bit(Id::kLength)};
constexpr Variant kRamp{
    "value", Id::kValue,
    kCommon | bit(Id::kValue) | bit(Id::kOn) | bit(Id::kRampIn) | bit(Id::kRampOut)};
constexpr Variant kPulse{
    "on", Id::kOn,
    kCommon | bit(Id::kOn) | bit(Id::kPause) | bit(Id::kRepeat) | bit(Id::kDirection)};

const Variant& variant_of(std::uint32_t seen) {
  for (const Variant* variant : {&kSteps, &kEdges, &kRamp}) {
    if (has(seen, variant->mark)) return *variant;
  }
  return kPulse;
}

}  // namespace

void TaktForm::component_value(const json::Field& field, const json::Value& value) {
  switch (field.id) {
    case Id::kOutput: component_.output = NameText{value.text}; break;
    case Id::kAt: component_.row.start = value.duration; break;
    case Id::kOn: component_.on = value.duration; break;
    case Id::kPause: component_.pause = value.duration; break;
    case Id::kRepeat: component_.row.repeats = static_cast<std::uint32_t>(value.number); break;
    case Id::kDirection: component_.clockwise = value.number == 1; break;
    case Id::kValue: component_.row.value = static_cast<std::uint16_t>(value.number); break;
    case Id::kRampIn: component_.row.ramp_in = value.duration; break;
    case Id::kRampOut: component_.row.ramp_out = value.duration; break;
    case Id::kLength: component_.length = value.duration; break;
    default: break;
  }
}

void TaktForm::misfit(const json::Walker& at) {
  if (component_.fits) {
    error(at, at.here(),
          message_of("the times of this component differ too much: of the longest unit that "
                     "divides them all, a pulse lasts up to 2147483647 and begins by 4294967295"));
  }
  component_.fits = false;
}

void TaktForm::end_step(const json::Walker& at, std::uint32_t seen) {
  component_.steps += 1;
  const bool on = has(seen, StepField::kOn);
  if (!on && !has(seen, StepField::kPause)) {
    error(at, at.here(), message_of("a step must have 'on', 'pause' or both"));
  }
  if (on && step_.on == Micros{}) {
    warn_once(at, at.at_field("on"), message_of("'on' is 0: the pulse is dropped"));
  }
  if (!on && has(seen, StepField::kDirection)) {
    warn_once(at, at.at_field("direction"),
              message_of("the step only pauses: its 'direction' is dropped"));
  }
  if (step_.on > Micros{}) {
    std::uint32_t& same =
        has(seen, StepField::kDirection) ? component_.directed : component_.undirected;
    same += 1;
    if (same == 1 && component_.directed > 0 && component_.undirected > 0) {
      error(at, at.here(),
            message_of("either every step of a component has a 'direction', or none has"));
    }
  }
  if (!row_.add_pulse(step_.on, step_.pause, step_.clockwise)) misfit(at);
}

void TaktForm::end_edge(const json::Walker& at, std::uint32_t seen) {
  const bool complete = has(seen, EdgeField::kAt) && has(seen, EdgeField::kValue);
  if (component_.edges > 0 && complete && edge_.at <= row_.end()) {
    error(at, at.at_field("at"), message_of("every edge must be later than the one before it"));
    return;
  }
  component_.edges += 1;
  if (edge_.value > component_.highest_level) component_.highest_level = edge_.value;
  if (!row_.add_edge(edge_.at, edge_.value)) misfit(at);
}

void TaktForm::end_component(const json::Walker& at, std::uint32_t seen) {
  if (!check_fields(at, seen)) return;
  const Variant& variant = variant_of(seen);
  if (&variant == &kEdges) {
    finish_edges(at, seen);
  } else if (&variant == &kRamp) {
    finish_ramp(at, seen);
  } else {
    finish_pulses(at, seen);
  }
  count_points(at);
  if (is(Pass::kPhases)) resolve_component(at, seen);
}

bool TaktForm::check_fields(const json::Walker& at, std::uint32_t seen) const {
  const Variant& variant = variant_of(seen);
  bool good = true;
  for (const json::Field& field : kComponentShape.fields) {
    if (!has(seen & ~variant.allowed, field.id)) continue;
    good = false;
    // Without any mark, only fields of other variants are there.
    const bool marked = has(seen, variant.mark);
    error(at, at.at_field(field.name),
          marked ? message_of("'", field.name, "' does not go with '", variant.name, "'")
                 : message_of("'", field.name, "' needs a 'value' or 'edges' beside it"));
  }
  if (good && &variant == &kPulse && !has(seen, Id::kOn) && !has(seen, Id::kPause)) {
    error(at, at.here(),
          message_of("a component must have 'on', 'steps', 'edges', or 'value' with 'on'"));
    good = false;
  }
  return good;
}

void TaktForm::finish_pulses(const json::Walker& at, std::uint32_t seen) {
  if (has(seen, Id::kSteps)) {
    if (component_.steps == 0) {
      error(at, at.at_field("steps"), message_of("there must be at least one step"));
    }
  } else {
    if (has(seen, Id::kOn) && component_.on == Micros{}) {
      warn_once(at, at.at_field("on"), message_of("'on' is 0: the pulse is dropped"));
    }
    if (!has(seen, Id::kOn) && has(seen, Id::kDirection)) {
      warn_once(at, at.at_field("direction"),
                message_of("the component only pauses: its 'direction' is dropped"));
    }
    component_.directed = has(seen, Id::kDirection) && component_.on > Micros{};
    if (!row_.add_pulse(component_.on, component_.pause, component_.clockwise)) misfit(at);
  }
  if (component_.row.repeats == 0) {
    warn_once(at, at.at_field("repeat"), message_of("repeated 0 times: nothing plays"));
  }
  component_.row.period = row_.end();
  fits_run(at, component_.row.start, row_.end(), component_.row.repeats);
}

void TaktForm::finish_edges(const json::Walker& at, std::uint32_t seen) {
  Component& row = component_.row;
  row.kind = ComponentKind::kEdges;
  row.period = has(seen, Id::kLength) ? component_.length : row_.end();
  if (component_.edges == 0) {
    error(at, at.at_field("edges"), message_of("there must be at least one edge"));
  } else if (row.period < row_.end()) {
    error(at, at.at_field("length"), message_of("'length' must not end before the last edge"));
  }
}

void TaktForm::finish_ramp(const json::Walker& at, std::uint32_t seen) {
  Component& row = component_.row;
  row.kind = ComponentKind::kRamp;
  row.period = component_.on;
  if (!has(seen, Id::kOn) || component_.on == Micros{}) {
    error(at, at.at_field("on"), message_of("a 'value' needs an 'on' longer than 0 beside it"));
  } else if (row.ramp_in + row.ramp_out > row.period) {
    error(at, at.here(), message_of("'ramp_in' and 'ramp_out' together are longer than 'on'"));
  }
}

void TaktForm::resolve_component(const json::Walker& at, std::uint32_t seen) {
  const Quoted id{component_.output.view()};
  Component& row = component_.row;
  row.output = resolve_output(at, at.at_field("output"), id.text);
  if (row.output == kNoOutput) return;
  const Output& output = builder().outputs()[row.output];
  const bool analog = output.kind == OutputKind::kAnalog;
  const std::uint16_t highest = output.most();
  if (row.kind == ComponentKind::kPulses && analog) {
    error(at, at.at_field("output"),
          message_of("output ", id, " is analog; valid are 'value' with 'on', or 'edges'"));
  } else if (row.kind == ComponentKind::kRamp && !analog) {
    error(at, at.at_field("value"), message_of("output ", id, " is not of kind 'analog'"));
  } else if (row.kind == ComponentKind::kRamp && row.value > highest) {
    error(at, at.at_field("value"),
          message_of("the largest value of output ", id, " is ", highest));
  } else if (row.kind == ComponentKind::kEdges && component_.highest_level > highest) {
    error(at, at.at_field("edges"),
          message_of("the largest value of output ", id, " is ", highest));
  }
  if (component_.directed > 0) {
    row.direction = output.direction;
    if (row.direction == kNoOutput) {
      error(at, at.at_field(has(seen, Id::kSteps) ? "steps" : "direction"),
            message_of("output ", id, " has no direction output"));
    }
  }
  Component& stored = builder().components().back();
  row.tick = row_.tick();
  row.first_point = stored.first_point;
  row.point_count = stored.point_count;
  stored = row;
}

}  // namespace takt
