// SPDX-License-Identifier: Apache-2.0
// Writes takt's own form: a line for each output, interlock, component and loop, fields with their
// default left out.
#include <cstdint>

#include "takt/core/base/bits.h"
#include "takt/core/json/duration_text.h"
#include "takt/core/program/codec.h"
#include "takt/core/program/limits.h"
#include "takt/core/program/takt_shapes.h"

namespace takt {
namespace {

// What stands before a field of an object that has a line for each.
constexpr std::string_view kRootLines = ",\n  ";
constexpr std::string_view kPatternLines = ",\n    ";
constexpr std::string_view kPhaseLines = ",\n      ";

constexpr std::string_view kTableIndent = "    ";
constexpr std::uint32_t kAll = ~0U;

template <typename... Names>
consteval std::uint32_t component_fields(Names... names) {
  return bits(shapes::kComponentRows, names...);
}

class Writer {
 public:
  Writer(const Program& program, TextOut& out) : program_(program), out_(out) {}

  void run() {
    open(kRootLines);
    key("takt");
    number(1);
    fields(kRootShape, &program_, bits(shapes::kRootRows, "name"));
    table("outputs", kOutputShape, program_.outputs);
    if (!program_.interlocks.empty()) {
      array("interlocks", kTableIndent, program_.interlocks,
            [this](const Interlock& r) { interlock(r); });
    }
    if (program_.pattern != nullptr) {
      pattern(*program_.pattern);
    } else {
      array("phases", kTableIndent, program_.phases, [this](const Phase& row) { phase(row); });
    }
    go_on(kRootLines);
    if (!program_.loops.empty()) table("loops", kLoopShape, program_.loops);
    fields(kRootShape, &program_, bits(shapes::kRootRows, "repeat"));
    put("\n}\n");
  }

 private:
  void put(std::string_view text) { out_.write(text); }
  void number(std::int64_t value) { put(FixedText<24>{}.append(value).view()); }

  void string(std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    put("\"");
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\') {
        put("\\");
        put({&c, 1});
      } else if (byte < 0x20) {
        put("\\u00");
        put(kHex.substr(byte >> 4U, 1));
        put(kHex.substr(byte & 15U, 1));
      } else {
        put({&c, 1});
      }
    }
    put("\"");
  }

  /// Begins an object; its fields follow.
  void open(std::string_view separator = ", ") {
    put("{");
    separator_ = separator == ", " ? "" : separator.substr(1);
    next_separator_ = separator;
  }
  /// Goes on with the fields of an object behind one that holds objects.
  void go_on(std::string_view separator) { separator_ = next_separator_ = separator; }
  void close() { put("}"); }

  void key(std::string_view name) {
    put(separator_);
    put("\"");
    put(name);
    put("\": ");
    separator_ = next_separator_;
  }

  /// A field with a line for each of `rows`.
  template <typename Rows, typename Write>
  void array(std::string_view name, std::string_view indent, const Rows& rows, Write write) {
    const std::string_view separator = next_separator_;
    key(name);
    put("[");
    bool first = true;
    for (const auto& row : rows) {
      put(first ? "\n" : ",\n");
      put(indent);
      write(row);
      first = false;
    }
    if (!first) {
      put("\n");
      put(indent.substr(2));
    }
    put("]");
    go_on(separator);
  }

  template <typename Rows>
  void table(std::string_view name, const BoundShape& shape, const Rows& rows) {
    array(name, kTableIndent, rows, [this, &shape](const auto& row) { object(shape, &row); });
  }

  void object(const BoundShape& shape, const void* row, std::uint32_t which = kAll) {
    open();
    fields(shape, row, which);
    close();
  }

  /// The fields of `which` that JSON has and that do not have their default.
  void fields(const BoundShape& shape, const void* row, std::uint32_t which = kAll) {
    for (const json::Field& one : shape.fields) {
      const bool wanted = ((which >> one.id) & 1U) != 0;
      const bool always = ((shape.required >> one.id) & 1U) != 0 || shape.bindings[one.id].always;
      if (wanted && shape.has_value(one, row) && (always || !shape.has_default(one, row))) {
        key(one.name);
        value(shape, one, row);
      }
    }
  }

  void value(const BoundShape& shape, const json::Field& field, const void* row) {
    const Member& member = shape.member_of(field);
    if (member.type() == Member::Type::kText) return string(member.text(row));
    const std::int64_t n = member.number(row);
    switch (field.type) {
      case json::FieldType::kBool: put(n != 0 ? "true" : "false"); break;
      case json::FieldType::kChoice:
      case json::FieldType::kNumbered: string(field.choices[static_cast<std::size_t>(n)]); break;
      case json::FieldType::kDuration:
        string(
            format_duration(member.type() == Member::Type::kTime ? Micros{n} : millis(n)).view());
        break;
      case json::FieldType::kRate: string(format_rate(static_cast<std::uint32_t>(n)).view()); break;
      case json::FieldType::kId: string(id_of(static_cast<std::size_t>(n))); break;
      case json::FieldType::kIds: ids(static_cast<std::uint32_t>(n)); break;
      case json::FieldType::kName: string(program_.phases[static_cast<std::size_t>(n)].name); break;
      default: number(n);
    }
  }

  std::string_view id_of(std::size_t output) const { return program_.outputs[output].id; }

  void ids(std::uint32_t outputs) {
    std::string_view separator = "[";
    for (std::size_t i = 0; i < program_.outputs.size(); ++i) {
      if (((outputs >> i) & 1U) == 0) continue;
      put(separator);
      string(id_of(i));
      separator = ", ";
    }
    put("]");
  }

  void interlock(const Interlock& row) {
    const bool reversal = row.kind == InterlockKind::kReversal;
    object(kInterlockShape, &row,
           reversal ? bits(shapes::kInterlockRows, "motor", "reversal_dead_time")
                    : bits(shapes::kInterlockRows, "never_together", "dead_time"));
  }

  void phase(const Phase& row) {
    open(kPhaseLines);
    fields(kPhaseShape, &row);
    array("components", "        ", program_.components_of(row),
          [this](const Component& c) { component(c); });
    if (row.end.exists()) {
      key("end");
      condition(row.end);
    }
    put("\n    }");
  }

  void condition(const Condition& row) {
    constexpr std::uint32_t kOnTimeout = bits(shapes::kEndRows, "on_timeout");
    const std::uint32_t other =
        row.above ? bits(shapes::kEndRows, "below") : bits(shapes::kEndRows, "above");
    object(kEndShape, &row, ~(other | (row.timeout == Micros{} ? kOnTimeout : 0)));
  }

  void component(const Component& row) {
    ComponentDraft draft;
    draft.row = row;
    open();
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
    close();
  }

  void edges(const Component& row) {
    key("edges");
    put("[");
    EdgeDraft edge;
    std::string_view separator;
    for (const Point& point : program_.points_of(row)) {
      put(separator);
      separator = ", ";
      edge = {row.tick * point.at, static_cast<std::uint16_t>(point.value)};
      object(kEdgeShape, &edge);
    }
    put("]");
    go_on(", ");
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
      if (draft.row.period == Micros{}) {
        key("pause");
        string(format_duration(draft.pause).view());
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
    key("steps");
    put("[");
    Micros gap = points.empty() ? row.period : row.tick * points[0].at;
    std::string_view separator;
    pauses(gap, separator);
    for (std::size_t i = 0; i < points.size(); ++i) {
      StepDraft step{row.tick * points[i].length(), Micros{}, turn_of(row, points[i])};
      const Micros next = i + 1 < points.size() ? row.tick * points[i + 1].at : row.period;
      gap = next - row.tick * points[i].at - step.on;
      step.pause = std::min(gap, kMaxDuration);
      put(separator);
      separator = ", ";
      object(kStepShape, &step);
      pauses(gap - step.pause, separator);
    }
    put("]");
    go_on(", ");
  }

  /// Steps that only wait, as many as it takes.
  void pauses(Micros gap, std::string_view& separator) {
    // Bounded: a gap is at most kMaxRun, so there are fewer than 1,500 parts.
    while (gap > Micros{}) {
      const StepDraft step{Micros{}, std::min(gap, kMaxDuration)};
      put(separator);
      separator = ", ";
      object(kStepShape, &step);
      gap -= step.pause;
    }
  }

  void pattern(const Pattern& row) {
    const bool bilateral = row.is_bilateral();
    key(bilateral ? "bilateral" : "pattern");
    open(kPatternLines);
    if (!bilateral) {
      array("segments", "      ", row.score.segments,
            [this](const Segment& one) { object(kSegmentShape, &one); });
    }
    fields(bilateral ? kBilateralShape : kPatternShape, &row);
    side("left", row.sides[0], bilateral);
    side("right", row.sides[1], bilateral);
    put("\n  }");
  }

  void side(std::string_view name, const SideOutputs& row, bool required) {
    if (row == SideOutputs{} && !required) return;
    key(name);
    object(kLeftShape, &row);
    go_on(kPatternLines);
  }

  const Program& program_;
  TextOut& out_;
  std::string_view separator_;       ///< Before the next field.
  std::string_view next_separator_;  ///< Before the fields behind it.
};

}  // namespace

void encode_json(const Program& program, TextOut& out) { Writer{program, out}.run(); }

}  // namespace takt
