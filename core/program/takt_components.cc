// SPDX-License-Identifier: Apache-2.0
// Components of takt's own form, with their steps and edges.
#include "takt/core/base/bits.h"
#include "takt/core/program/takt_form.h"

namespace takt {
namespace {

template <typename... Names>
consteval std::uint32_t fields(Names... names) {
  return ids_of(shapes::kComponentRows, "comment", "output", "at", names...);
}
consteval std::uint8_t field(std::string_view name) { return id_of(shapes::kComponentRows, name); }

constexpr std::uint8_t kOn = field("on");
constexpr std::uint8_t kPause = field("pause");
constexpr std::uint8_t kDirection = field("direction");

/// The four forms of a component: the field that tells it, and what goes with that.
struct Variant {
  std::string_view name;
  std::uint8_t mark;
  std::uint32_t allowed;
};

constexpr Variant kSteps{"steps", field("steps"), fields("steps", "repeat")};
constexpr Variant kEdges{"edges", field("edges"), fields("edges", "length")};
constexpr Variant kRamp{"value", field("value"), fields("value", "on", "ramp_in", "ramp_out")};
constexpr Variant kPulse{"on", kOn, fields("on", "pause", "repeat", "direction")};

const Variant& variant_of(std::uint32_t seen) {
  for (const Variant* variant : {&kSteps, &kEdges, &kRamp}) {
    if (has(seen, variant->mark)) return *variant;
  }
  return kPulse;
}

}  // namespace

void TaktForm::misfit(const json::Walker& at) {
  if (points_.fit) {
    error(at, at.here(),
          message_of("the times of this component differ too much: of the longest unit that "
                     "divides them all, a pulse lasts up to 2147483647 and begins by 4294967295"));
  }
  points_.fit = false;
}

void TaktForm::end_step(const json::Walker& at, std::uint32_t seen) {
  constexpr std::uint8_t kStepDirection = id_of(shapes::kStepRows, "direction");
  points_.steps += 1;
  const bool on = has(seen, id_of(shapes::kStepRows, "on"));
  if (!on && !has(seen, id_of(shapes::kStepRows, "pause"))) {
    error(at, at.here(), message_of("a step must have 'on', 'pause' or both"));
  }
  if (on && step_.on == Micros{}) {
    warn_once(at, at.at_field("on"), message_of("'on' is 0: the pulse is dropped"));
  }
  if (!on && has(seen, kStepDirection)) {
    warn_once(at, at.at_field("direction"),
              message_of("the step only pauses: its 'direction' is dropped"));
  }
  if (step_.on > Micros{}) {
    std::uint32_t& same = has(seen, kStepDirection) ? points_.directed : points_.undirected;
    same += 1;
    if (same == 1 && points_.directed > 0 && points_.undirected > 0) {
      error(at, at.here(),
            message_of("either every step of a component has a 'direction', or none has"));
    }
  }
  if (!row_.add_pulse(step_.on, step_.pause, step_.turn == Turn::kClockwise)) misfit(at);
}

void TaktForm::end_edge(const json::Walker& at, std::uint32_t seen) {
  const bool complete =
      has(seen, id_of(shapes::kEdgeRows, "at")) && has(seen, id_of(shapes::kEdgeRows, "value"));
  if (points_.edges > 0 && complete && edge_.at <= row_.end()) {
    error(at, at.at_field("at"), message_of("every edge must be later than the one before it"));
    return;
  }
  points_.edges += 1;
  if (edge_.value > points_.highest_level) points_.highest_level = edge_.value;
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
  if (good && &variant == &kPulse && !has(seen, kOn) && !has(seen, kPause)) {
    error(at, at.here(),
          message_of("a component must have 'on', 'steps', 'edges', or 'value' with 'on'"));
    good = false;
  }
  return good;
}

void TaktForm::finish_pulses(const json::Walker& at, std::uint32_t seen) {
  if (has(seen, kSteps.mark)) {
    if (points_.steps == 0) {
      error(at, at.at_field("steps"), message_of("there must be at least one step"));
    }
  } else {
    if (has(seen, kOn) && component_.on == Micros{}) {
      warn_once(at, at.at_field("on"), message_of("'on' is 0: the pulse is dropped"));
    }
    if (!has(seen, kOn) && has(seen, kDirection)) {
      warn_once(at, at.at_field("direction"),
                message_of("the component only pauses: its 'direction' is dropped"));
    }
    points_.directed = has(seen, kDirection) && component_.on > Micros{};
    if (!row_.add_pulse(component_.on, component_.pause, component_.turn == Turn::kClockwise))
      misfit(at);
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
  row.period = has(seen, field("length")) ? component_.length : row_.end();
  if (points_.edges == 0) {
    error(at, at.at_field("edges"), message_of("there must be at least one edge"));
  } else if (row.period < row_.end()) {
    error(at, at.at_field("length"), message_of("'length' must not end before the last edge"));
  }
}

void TaktForm::finish_ramp(const json::Walker& at, std::uint32_t seen) {
  Component& row = component_.row;
  row.kind = ComponentKind::kRamp;
  row.period = component_.on;
  if (!has(seen, kOn) || component_.on == Micros{}) {
    error(at, at.at_field("on"), message_of("a 'value' needs an 'on' longer than 0 beside it"));
  } else if (row.ramp_in + row.ramp_out > row.period) {
    error(at, at.here(), message_of("'ramp_in' and 'ramp_out' together are longer than 'on'"));
  }
}

void TaktForm::resolve_component(const json::Walker& at, std::uint32_t seen) {
  Component& row = component_.row;
  if (row.output == kNoOutput) return;
  const Output& output = builder().outputs()[row.output];
  const Quoted id{output.id};
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
  } else if (row.kind == ComponentKind::kEdges && points_.highest_level > highest) {
    error(at, at.at_field("edges"),
          message_of("the largest value of output ", id, " is ", highest));
  }
  if (points_.directed > 0) {
    row.direction = output.direction;
    if (row.direction == kNoOutput) {
      error(at, at.at_field(has(seen, kSteps.mark) ? "steps" : "direction"),
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
