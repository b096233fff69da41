// SPDX-License-Identifier: Apache-2.0
// What a person wrote, in the compact form that codecs make and check() turns into a Timeline.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "takt/core/base/levels.h"
#include "takt/core/base/time.h"
#include "takt/core/pattern/score.h"

namespace takt {

/// Index of an output that is not there.
inline constexpr std::uint8_t kNoOutput = 0xFF;

enum class OutputKind : std::uint8_t {
  kSwitch,     ///< On or off.
  kDirection,  ///< Which way a motor turns: on is clockwise, off is rest and counter-clockwise.
  kAnalog,     ///< A number from 0 (off) to `range`.
};

struct Output {
  std::string_view id;
  std::string_view label;  ///< What people read in place of the id; empty: the id.
  OutputKind kind = OutputKind::kSwitch;
  bool active_low = false;             ///< The pin is low while the output is on.
  std::uint8_t direction = kNoOutput;  ///< Of a motor: its direction output.
  std::uint8_t channel = 0;            ///< Of an analog output: its place in Levels::analog.
  std::uint16_t range = 0;             ///< Of an analog output: its largest value.
  std::int16_t pin = -1;               ///< -1: none.
  std::uint16_t highest = 0;           ///< Of an analog output: no level may exceed it; 0: range.
  Micros longest_on;                   ///< Limits; zero: none.
  Micros shortest_on;
  Micros shortest_off;

  bool operator==(const Output&) const = default;

  /// Whether they differ at most in what people read.
  bool plays_as(const Output& other) const {
    Output relabelled = other;
    relabelled.label = label;
    return *this == relabelled;
  }

  /// For people; traces, programs and commands go by id.
  std::string_view title() const { return label.empty() ? id : label; }

  /// The largest level that it may take.
  std::uint16_t most() const {
    if (kind != OutputKind::kAnalog) return 1;
    return highest != 0 ? highest : range;
  }
};

enum class InterlockKind : std::uint8_t {
  kNeverTogether,  ///< At most one of `outputs` is on; `dead_time` between one and the next.
  kReversal,       ///< `motor` rests for `dead_time` before it turns the other way.
};

struct Interlock {
  InterlockKind kind = InterlockKind::kNeverTogether;
  std::uint8_t motor = kNoOutput;
  std::uint32_t outputs = 0;  ///< Bit i is output i.
  Micros dead_time;

  bool operator==(const Interlock&) const = default;
};

/// An end condition: the phase ends when the sensor stays strictly beyond the threshold for `hold`.
/// A natural end of the phase comes first if it is earlier.
struct Condition {
  std::string_view sensor;  ///< Empty: the phase has no condition.
  std::int32_t threshold = 0;
  bool above = true;              ///< Else below.
  bool fault_on_timeout = false;  ///< Else the timeout just ends the phase.
  Micros hold;
  Micros arm_after;  ///< The sensor is ignored for so long from the phase's start, delay included.
  Micros timeout;    ///< From the phase's start, before its natural end; zero: none.

  bool exists() const { return !sensor.empty(); }
};

enum class ComponentKind : std::uint8_t {
  kPulses,  ///< On/off pulses at `points`, the whole row repeated; a plain span is one pulse.
  kEdges,   ///< Explicit levels at `points`.
  kRamp,    ///< One analog span with ramps.
};

/// A row of numbers of a component, in its ticks.
/// Pulses: `at` is where the pulse starts within one repeat, `value` its length in bits 0 to 30
/// and its direction (1 is clockwise) in bit 31. Edges: the level from `at` on.
struct Point {
  std::uint32_t at = 0;
  std::uint32_t value = 0;

  static constexpr std::uint32_t kClockwise = 1U << 31U;
  std::uint32_t length() const { return value & ~kClockwise; }
  bool clockwise() const { return (value & kClockwise) != 0; }
};

/// One wish for one output within a phase. Times count from the end of the phase's delay.
struct Component {
  ComponentKind kind = ComponentKind::kPulses;
  std::uint8_t output = kNoOutput;
  std::uint8_t direction = kNoOutput;  ///< The output that a motor pattern's steps set.
  std::uint16_t value = 0;             ///< Of a ramp: the level between its two ramps.
  std::uint32_t repeats = 1;           ///< Of pulses.
  std::uint32_t first_point = 0;
  std::uint32_t point_count = 0;
  Micros tick{1};  ///< What a Point counts in.
  Micros start;
  Micros period;   ///< Of pulses: one repeat, trailing pause included. Of the others: the whole.
  Micros ramp_in;  ///< Part of `period`, at its beginning and its end.
  Micros ramp_out;

  /// False: it never switches anything, as when all its pulses had no length.
  bool plays() const { return kind == ComponentKind::kRamp || (point_count > 0 && repeats > 0); }

  /// When it ends, trailing pause included.
  Micros end() const {
    return start + (kind == ComponentKind::kPulses ? period * repeats : period);
  }
};

struct Phase {
  std::string_view name;
  Micros delay;  ///< A pause before every component.
  std::uint32_t first_component = 0;
  std::uint32_t component_count = 0;
  Condition end;
};

/// Phases `first` to `last` run `times` times in a row. Loops neither nest nor overlap.
struct Loop {
  std::uint16_t first = 0;
  std::uint16_t last = 0;
  std::uint32_t times = 1;
};

/// The outputs of one side, as far as it has them. A side has a motor, a light, or both.
struct SideOutputs {
  std::uint8_t motor = kNoOutput;       ///< Switch: on while the motor runs.
  std::uint8_t drive = kNoOutput;       ///< Analog: how strongly, the full range at 100 %.
  std::uint8_t light = kNoOutput;       ///< Switch: on while the light is.
  std::uint8_t brightness = kNoOutput;  ///< Analog: how bright, the full range at 100 %.
  std::uint8_t colour = kNoOutput;      ///< Analog: which colour, by its number in the palette.

  bool operator==(const SideOutputs&) const = default;
};

/// What two sides play: a bilateral session, or a pattern of segments that is one pass of the
/// program. Such a program has one phase, without components.
struct Pattern {
  Score score;
  std::array<SideOutputs, 2> sides;    ///< By Side.
  Micros length;                       ///< Of a session; of segments, the same as score.length.
  Micros soft_start;                   ///< How long intensity and brightness rise from 0 at first.
  Micros soft_stop;                    ///< How long they fall to 0, pulse by pulse, at the end.
  bool research = false;               ///< Allows slower cycles than therapy uses.
  bool flashing_acknowledged = false;  ///< The author knows of photosensitivity.

  bool is_bilateral() const { return score.segments.empty(); }
};

/// A view of the tables of one program; the memory behind it belongs to its builder and must stay
/// where it is. Free to copy. Nothing here is trusted until check() has made a Timeline of it.
struct Program {
  std::string_view name;
  std::uint32_t repeats = 1;  ///< Passes over all phases.
  std::span<const Output> outputs;
  std::span<const Interlock> interlocks;
  std::span<const Phase> phases;
  std::span<const Component> components;
  std::span<const Point> points;
  std::span<const Loop> loops;
  const Pattern* pattern = nullptr;  ///< Of a program for two sides; else nullptr.
  std::size_t memory_bytes = 0;      ///< Of all tables and texts together.

  std::span<const Component> components_of(const Phase& phase) const {
    return components.subspan(phase.first_component, phase.component_count);
  }
  std::span<const Point> points_of(const Component& component) const {
    return points.subspan(component.first_point, component.point_count);
  }
  std::size_t analog_count() const {
    std::size_t count = 0;
    for (const Output& output : outputs) count += output.kind == OutputKind::kAnalog;
    return count;
  }
};

}  // namespace takt
