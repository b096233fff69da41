// SPDX-License-Identifier: Apache-2.0
// Writes takt's own form: a line for each output, interlock, component and loop, fields with their
// default left out.
#include <algorithm>
#include <cstdint>

#include "takt/core/base/bits.h"
#include "takt/core/json/duration_text.h"
#include "takt/core/json/json_writer.h"
#include "takt/core/program/codec.h"
#include "takt/core/program/limits.h"
#include "takt/core/program/takt_shapes.h"

namespace takt {
namespace {

constexpr std::uint32_t kAll = ~0U;

// How far in the lines of an object's fields begin.
constexpr unsigned kInLine = 0;
constexpr unsigned kRootLines = 2;
constexpr unsigned kPatternLines = 4;
constexpr unsigned kPhaseLines = 6;

template <typename... Names>
consteval std::uint32_t component_fields(Names... names) {
  return ids_of(shapes::kComponentRows, names...);
}

class Writer {
 public:
  Writer(const Program& program, TextOut& out)
      : program_(program), text_(out), out_(out, json::Writer::Layout::kSpaced) {}

  void run() {
    out_.begin_object();
    key("takt", kRootLines);
    out_.value(1);
    fields(kRootShape, &program_, ids_of(shapes::kRootRows, "name"), kRootLines);
    table("outputs", kRootLines, program_.outputs,
          [this](const Output& row) { object(kOutputShape, &row); });
    if (!program_.interlocks.empty()) {
      table("interlocks", kRootLines, program_.interlocks,
            [this](const Interlock& row) { interlock(row); });
    }
    if (program_.pattern != nullptr) {
      pattern(*program_.pattern);
    } else {
      table("phases", kRootLines, program_.phases, [this](const Phase& row) { phase(row); });
    }
    if (!program_.loops.empty()) {
      table("loops", kRootLines, program_.loops,
            [this](const Loop& row) { object(kLoopShape, &row); });
    }
    fields(kRootShape, &program_, ids_of(shapes::kRootRows, "repeat"), kRootLines);
    out_.new_line();
    out_.end_object();
    text_.write("\n");
  }

 private:
  void key(std::string_view name, unsigned lines) {
    if (lines != kInLine) out_.new_line(lines);
    out_.key(name);
  }

  /// A field of an object with `lines`: a line for each of `rows`.
  template <typename Rows, typename Write>
  void table(std::string_view name, unsigned lines, const Rows& rows, Write write) {
    key(name, lines);
    out_.begin_array();
    for (const auto& row : rows) {
      out_.new_line(lines + 2);
      write(row);
    }
    if (!rows.empty()) out_.new_line(lines);
    out_.end_array();
  }

  void object(const BoundShape& shape, const void* row, std::uint32_t which = kAll) {
    out_.begin_object();
    fields(shape, row, which);
    out_.end_object();
  }

  /// Of the fields of `which` those that are there and do not just have their default.
  void fields(const BoundShape& shape, const void* row, std::uint32_t which = kAll,
              unsigned lines = kInLine) {
    for (const json::Field& field : shape.fields) {
      const bool always = has(shape.required, field.id) || shape.bindings[field.id].always;
      if (!has(which, field.id) || !shape.has_value(field, row)) continue;
      if (!always && shape.has_default(field, row)) continue;
      key(field.name, lines);
      value(shape.member_of(field), field, row);
    }
  }

  void value(const Member& member, const json::Field& field, const void* row) {
    if (member.type() == Member::Type::kText) return out_.value(member.text(row));
    const std::int64_t n = member.number(row);
    const auto index = static_cast<std::size_t>(n);
    switch (field.type) {
      case json::FieldType::kBool: return out_.value(n != 0);
      case json::FieldType::kChoice:
      case json::FieldType::kNumbered: return out_.value(field.choices[index]);
      case json::FieldType::kDuration:
        return time(member.type() == Member::Type::kTime ? Micros{n} : millis(n));
      case json::FieldType::kRate:
        return out_.value(format_rate(static_cast<std::uint32_t>(n)).view());
      case json::FieldType::kId: return out_.value(program_.outputs[index].id);
      case json::FieldType::kIds: return ids(static_cast<std::uint32_t>(n));
      case json::FieldType::kName: return out_.value(program_.phases[index].name);
      default: return out_.value(n);
    }
  }

  void time(Micros duration) { out_.value(format_duration(duration).view()); }

  void ids(std::uint32_t outputs) {
    out_.begin_array();
    for (const std::uint8_t output : Members{outputs}) out_.value(program_.outputs[output].id);
    out_.end_array();
  }

  void interlock(const Interlock& row) {
    const bool reversal = row.kind == InterlockKind::kReversal;
    object(kInterlockShape, &row,
           reversal ? ids_of(shapes::kInterlockRows, "motor", "reversal_dead_time")
                    : ids_of(shapes::kInterlockRows, "never_together", "dead_time"));
  }

  void phase(const Phase& row) {
    out_.begin_object();
    fields(kPhaseShape, &row, kAll, kPhaseLines);
    table("components", kPhaseLines, program_.components_of(row),
          [this](const Component& one) { component(one); });
    if (row.end.exists()) {
      key("end", kPhaseLines);
      condition(row.end);
    }
    out_.new_line(kPhaseLines - 2);
    out_.end_object();
  }

  void condition(const Condition& row) {
    const std::uint32_t other =
        row.above ? ids_of(shapes::kEndRows, "below") : ids_of(shapes::kEndRows, "above");
    const std::uint32_t none = row.timeout == Micros{} ? ids_of(shapes::kEndRows, "on_timeout") : 0;
    object(kEndShape, &row, ~(other | none));
  }

  void component(const Component& row) {
    ComponentDraft draft;
    draft.row = row;
    out_.begin_object();
    fields(kComponentShape, &draft, component_fields("output", "at"));
    if (row.kind == ComponentKind::kEdges) {
      edges(row);
    } else if (row.kind == ComponentKind::kRamp) {
      draft.on = row.period;
      fields(kComponentShape, &draft, component_fields("value"));
      fields(kComponentShape, &draft, component_fields("on", "ramp_in", "ramp_out"));
    } else {
      pulses(row);
    }
    out_.end_object();
  }

  void edges(const Component& row) {
    out_.begin_array("edges");
    EdgeDraft edge;
    for (const Point& point : program_.points_of(row)) {
      edge = {row.tick * point.at, static_cast<std::uint16_t>(point.value)};
      object(kEdgeShape, &edge);
    }
    out_.end_array();
    ComponentDraft draft;
    draft.length = row.period;
    if (edge.at != row.period) fields(kComponentShape, &draft, component_fields("length"));
  }

  void pulses(const Component& row) {
    const std::span<const Point> points = program_.points_of(row);
    const bool alone = points.size() == 1 && points[0].at == 0;
    ComponentDraft draft;
    draft.row = row;
    if (alone) draft.on = row.tick * points[0].length();
    draft.pause = row.period - draft.on;
    if ((alone || points.empty()) && draft.pause <= kMaxDuration) {
      if (alone) draft.turn = turn_of(row, points[0]);
      fields(kComponentShape, &draft, component_fields("on", "pause", "direction"));
      // A component must have one of the first two, even if neither lasts.
      if (row.period == Micros{}) {
        out_.key("pause");
        time(draft.pause);
      }
    } else {
      steps(row, points);
    }
    fields(kComponentShape, &draft, component_fields("repeat"));
  }

  static Turn turn_of(const Component& row, const Point& point) {
    if (row.direction == kNoOutput) return Turn::kUnsaid;
    return point.clockwise() ? Turn::kClockwise : Turn::kCounterClockwise;
  }

  void steps(const Component& row, std::span<const Point> points) {
    out_.begin_array("steps");
    pauses(points.empty() ? row.period : row.tick * points[0].at);
    for (std::size_t i = 0; i < points.size(); ++i) {
      StepDraft step{row.tick * points[i].length(), Micros{}, turn_of(row, points[i])};
      const Micros next = i + 1 < points.size() ? row.tick * points[i + 1].at : row.period;
      const Micros gap = next - row.tick * points[i].at - step.on;
      step.pause = std::min(gap, kMaxDuration);
      object(kStepShape, &step);
      pauses(gap - step.pause);
    }
    out_.end_array();
  }

  /// Steps that only wait, as many as it takes.
  void pauses(Micros gap) {
    // Bounded: a gap is at most kMaxRun, so there are fewer than 1,500 parts.
    while (gap > Micros{}) {
      const StepDraft step{Micros{}, std::min(gap, kMaxDuration)};
      object(kStepShape, &step);
      gap -= step.pause;
    }
  }

  void pattern(const Pattern& row) {
    const bool bilateral = row.is_bilateral();
    key(bilateral ? "bilateral" : "pattern", kRootLines);
    out_.begin_object();
    if (!bilateral) {
      table("segments", kPatternLines, row.score.segments,
            [this](const Segment& one) { object(kSegmentShape, &one); });
    }
    fields(bilateral ? kBilateralShape : kPatternShape, &row, kAll, kPatternLines);
    side("left", row.sides[0], bilateral);
    side("right", row.sides[1], bilateral);
    out_.new_line(kRootLines);
    out_.end_object();
  }

  void side(std::string_view name, const SideOutputs& row, bool required) {
    if (row == SideOutputs{} && !required) return;
    key(name, kPatternLines);
    object(kLeftShape, &row);
  }

  const Program& program_;
  TextOut& text_;
  json::Writer out_;
};

}  // namespace

void encode_json(const Program& program, TextOut& out) { Writer{program, out}.run(); }

}  // namespace takt
