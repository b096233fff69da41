// SPDX-License-Identifier: Apache-2.0
// Writes takt's own form: a line for each output, interlock, component and loop, fields with their
// default left out.
#include <array>
#include <cstdint>

#include "takt/core/base/bits.h"
#include "takt/core/json/duration_text.h"
#include "takt/core/pattern/palette.h"
#include "takt/core/program/codec.h"
#include "takt/core/program/limits.h"

namespace takt {
namespace {

class Writer {
 public:
  Writer(const Program& program, TextOut& out) : program_(program), out_(out) {}

  void run() {
    put("{\n  \"takt\": 1,\n  \"name\": ");
    string(program_.name);
    put(",\n  \"outputs\": [");
    rows("    ", program_.outputs, [this](const Output& row) { output(row); });
    put("]");
    if (!program_.interlocks.empty()) {
      put(",\n  \"interlocks\": [");
      rows("    ", program_.interlocks, [this](const Interlock& row) { interlock(row); });
      put("]");
    }
    if (program_.pattern != nullptr) {
      pattern(*program_.pattern);
    } else {
      put(",\n  \"phases\": [");
      rows("    ", program_.phases, [this](const Phase& row) { phase(row); });
      put("]");
    }
    if (!program_.loops.empty()) {
      put(",\n  \"loops\": [");
      rows("    ", program_.loops, [this](const Loop& row) { loop(row); });
      put("]");
    }
    if (program_.repeats != 1) {
      put(",\n  \"repeat\": ");
      number(program_.repeats);
    }
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

  template <typename Rows, typename Write>
  void rows(std::string_view indent, const Rows& all, Write write) {
    bool first = true;
    for (const auto& row : all) {
      put(first ? "\n" : ",\n");
      put(indent);
      write(row);
      first = false;
    }
    if (first) return;
    put("\n");
    put(indent.substr(2));
  }

  /// Begins an object in a line; its fields follow.
  void open() {
    put("{");
    separator_ = "";
    next_separator_ = ", ";
  }
  /// As open(), but each field gets a line of its own; also used to go on behind a field that
  /// holds objects.
  void fields_in_lines(bool first) {
    next_separator_ = ",\n    ";
    separator_ = first ? "\n    " : next_separator_;
  }
  void close() { put("}"); }

  void key(std::string_view name) {
    put(separator_);
    put("\"");
    put(name);
    put("\": ");
    separator_ = next_separator_;
  }
  void text_field(std::string_view name, std::string_view value) {
    key(name);
    string(value);
  }
  void number_field(std::string_view name, std::int64_t value) {
    key(name);
    number(value);
  }
  void time_field(std::string_view name, Micros value) {
    key(name);
    put("\"");
    put(format_duration(value).view());
    put("\"");
  }
  void time_unless_zero(std::string_view name, Micros value) {
    if (value != Micros{}) time_field(name, value);
  }

  std::string_view id_of(std::uint8_t output) const { return program_.outputs[output].id; }

  void output(const Output& row) {
    open();
    text_field("id", row.id);
    if (row.pin >= 0) number_field("pin", row.pin);
    if (row.active_low) text_field("active", "low");
    if (row.kind == OutputKind::kDirection) text_field("kind", "direction");
    if (row.kind == OutputKind::kAnalog) {
      text_field("kind", "analog");
      number_field("range", row.range);
      if (row.highest != 0) number_field("highest", row.highest);
    }
    if (row.direction != kNoOutput) text_field("direction", id_of(row.direction));
    time_unless_zero("longest_on", row.longest_on);
    time_unless_zero("shortest_on", row.shortest_on);
    time_unless_zero("shortest_off", row.shortest_off);
    close();
  }

  void interlock(const Interlock& row) {
    open();
    if (row.kind == InterlockKind::kReversal) {
      text_field("motor", id_of(row.motor));
      time_field("reversal_dead_time", row.dead_time);
    } else {
      key("never_together");
      std::string_view separator = "[";
      for (std::uint8_t i = 0; i < program_.outputs.size(); ++i) {
        if (!has(row.outputs, i)) continue;
        put(separator);
        string(id_of(i));
        separator = ", ";
      }
      put("]");
      time_unless_zero("dead_time", row.dead_time);
    }
    close();
  }

  void phase(const Phase& row) {
    put("{\n      \"name\": ");
    string(row.name);
    if (row.delay != Micros{}) {
      put(",\n      \"delay\": \"");
      put(format_duration(row.delay).view());
      put("\"");
    }
    put(",\n      \"components\": [");
    rows("        ", program_.components_of(row), [this](const Component& c) { component(c); });
    put("]");
    if (row.end.exists()) {
      put(",\n      \"end\": ");
      condition(row.end);
    }
    put("\n    }");
  }

  void condition(const Condition& row) {
    open();
    text_field("sensor", row.sensor);
    number_field(row.above ? "above" : "below", row.threshold);
    time_unless_zero("hold", row.hold);
    time_unless_zero("arm_after", row.arm_after);
    if (row.timeout != Micros{}) {
      time_field("timeout", row.timeout);
      text_field("on_timeout", row.fault_on_timeout ? "fault" : "continue");
    }
    close();
  }

  void component(const Component& row) {
    open();
    text_field("output", id_of(row.output));
    time_field("at", row.start);
    if (row.kind == ComponentKind::kEdges) {
      edges(row);
    } else if (row.kind == ComponentKind::kRamp) {
      number_field("value", row.value);
      time_field("on", row.period);
      time_unless_zero("ramp_in", row.ramp_in);
      time_unless_zero("ramp_out", row.ramp_out);
    } else {
      pulses(row);
    }
    close();
  }

  void edges(const Component& row) {
    key("edges");
    put("[");
    Micros last;
    bool first = true;
    for (const Point& point : program_.points_of(row)) {
      if (!first) put(", ");
      first = false;
      last = row.tick * point.at;
      open();
      time_field("at", last);
      number_field("value", point.value);
      close();
    }
    put("]");
    if (last != row.period) time_field("length", row.period);
  }

  void pulses(const Component& row) {
    const std::span<const Point> points = program_.points_of(row);
    const bool alone = points.size() == 1 && points[0].at == 0;
    const Micros on = alone ? row.tick * points[0].length() : Micros{};
    const bool is_short = row.period - on <= kMaxDuration;
    if ((alone || points.empty()) && is_short) {
      if (alone) time_field("on", on);
      if (points.empty() || row.period != on) time_field("pause", row.period - on);
      if (alone) direction(row, points[0]);
    } else {
      steps(row, points);
    }
    if (row.repeats != 1) number_field("repeat", row.repeats);
  }

  void direction(const Component& row, const Point& point) {
    if (row.direction != kNoOutput) text_field("direction", point.clockwise() ? "cw" : "ccw");
  }

  void steps(const Component& row, std::span<const Point> points) {
    key("steps");
    put("[");
    Micros gap = points.empty() ? row.period : row.tick * points[0].at;
    std::string_view separator;
    pauses(gap, separator);
    for (std::size_t i = 0; i < points.size(); ++i) {
      const Micros on = row.tick * points[i].length();
      const Micros next = i + 1 < points.size() ? row.tick * points[i + 1].at : row.period;
      gap = next - row.tick * points[i].at - on;
      const Micros beside = gap <= kMaxDuration ? gap : kMaxDuration;
      put(separator);
      separator = ", ";
      open();
      time_field("on", on);
      time_unless_zero("pause", beside);
      direction(row, points[i]);
      close();
      pauses(gap - beside, separator);
    }
    put("]");
    separator_ = ", ";
  }

  /// Steps that only wait, as many as it takes.
  void pauses(Micros gap, std::string_view& separator) {
    // Bounded: a gap is at most kMaxRun, so there are fewer than 1,500 parts.
    while (gap > Micros{}) {
      const Micros part = gap <= kMaxDuration ? gap : kMaxDuration;
      put(separator);
      separator = ", ";
      open();
      time_field("pause", part);
      close();
      gap -= part;
    }
  }

  void loop(const Loop& row) {
    open();
    text_field("from", program_.phases[row.first].name);
    text_field("to", program_.phases[row.last].name);
    number_field("times", row.times);
    close();
  }

  void pattern(const Pattern& row) {
    put(row.is_bilateral() ? ",\n  \"bilateral\": {" : ",\n  \"pattern\": {");
    fields_in_lines(true);
    if (row.is_bilateral()) {
      bilateral(row);
    } else {
      segments(row);
    }
    if (row.score.dead_time != Score{}.dead_time) time_field("dead_time", row.score.dead_time);
    time_unless_zero("soft_start", row.soft_start);
    time_unless_zero("soft_stop", row.soft_stop);
    side("left", row.sides[0], row.is_bilateral());
    side("right", row.sides[1], row.is_bilateral());
    put("\n  }");
  }

  void bilateral(const Pattern& row) {
    const Bilateral& setting = row.score.bilateral;
    time_field("cycle", setting.cycle);
    number_field("duty", setting.duty_percent);
    look(setting.look);
    time_field("session", row.length);
    flag_if_set("alternate_direction", setting.alternate_direction);
    flag_if_set("research", row.research);
  }

  void segments(const Pattern& row) {
    key("segments");
    put("[");
    rows("      ", row.score.segments, [this](const Segment& one) { segment(one); });
    put("]");
    fields_in_lines(false);
    time_field("length", row.length);
    flag_if_set("exclusive", row.score.exclusive);
    flag_if_set("acknowledge_flashing", row.flashing_acknowledged);
  }

  void segment(const Segment& row) {
    constexpr std::array<std::string_view, 4> kModes{"alternate", "both", "left", "right"};
    open();
    time_field("at", millis(row.at_ms));
    text_field("rate", format_rate(row.rate_mhz).view());
    number_field("duty", row.duty_percent);
    look(row.look);
    if (row.mode != SideMode::kAlternate) {
      text_field("sides", kModes[static_cast<std::size_t>(row.mode)]);
    }
    if (row.flipped) text_field("begin", "right");
    time_unless_zero("fade", millis(row.fade_ms));
    close();
  }

  void look(const Look& row) {
    if (row.intensity != 0) number_field("intensity", row.intensity);
    if (row.brightness != 0) number_field("brightness", row.brightness);
    if (row.colour != 0) text_field("colour", kPalette[row.colour].name);
  }

  void side(std::string_view name, const SideOutputs& row, bool required) {
    if (row == SideOutputs{} && !required) return;
    key(name);
    open();
    if (row.motor != kNoOutput) text_field("motor", id_of(row.motor));
    if (row.drive != kNoOutput) text_field("drive", id_of(row.drive));
    if (row.light != kNoOutput) text_field("light", id_of(row.light));
    if (row.brightness != kNoOutput) text_field("brightness", id_of(row.brightness));
    if (row.colour != kNoOutput) text_field("colour", id_of(row.colour));
    close();
    fields_in_lines(false);
  }

  void flag_if_set(std::string_view name, bool value) {
    if (!value) return;
    key(name);
    put("true");
  }

  const Program& program_;
  TextOut& out_;
  std::string_view separator_;       ///< Before the next field,
  std::string_view next_separator_;  ///< and before those behind it.
};

}  // namespace

void encode_json(const Program& program, TextOut& out) { Writer{program, out}.run(); }

}  // namespace takt
