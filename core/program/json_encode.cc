// SPDX-License-Identifier: Apache-2.0
// Writes takt's own form: a line for each output, interlock, component and loop, fields with their
// default left out.
#include <array>
#include <cstdint>

#include "core/program/codec.h"
#include "core/program/duration_text.h"
#include "core/program/limits.h"

namespace takt {
namespace {

class Writer {
 public:
  Writer(const Program& program, ByteSink& sink) : program_(program), sink_(sink) {}

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
    put(",\n  \"phases\": [");
    rows("    ", program_.phases, [this](const Phase& row) { phase(row); });
    put("]");
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
  void put(std::string_view text) { sink_.put(text); }
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
    first_field_ = true;
  }
  void close() { put("}"); }

  void key(std::string_view name) {
    put(first_field_ ? "\"" : ", \"");
    put(name);
    put("\": ");
    first_field_ = false;
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
        if (((row.outputs >> i) & 1U) == 0) continue;
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
    first_field_ = false;
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

  const Program& program_;
  ByteSink& sink_;
  bool first_field_ = true;
};

}  // namespace

void encode_json(const Program& program, ByteSink& sink) { Writer{program, sink}.run(); }

}  // namespace takt
