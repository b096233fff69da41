// SPDX-License-Identifier: Apache-2.0
// Programs for tests: written by hand in a few lines, or drawn at random.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "takt/core/base/assert.h"
#include "takt/core/json/diagnostic.h"
#include "takt/core/program/builder.h"
#include "takt/core/program/timeline.h"

namespace takt::testing {

/// Keeps what is reported.
class Diagnostics : public DiagnosticSink {
 public:
  void report(const Diagnostic& diagnostic) override { all.push_back(diagnostic); }

  /// "error /phases/0: text" and so on, a line each.
  std::string text() const;

  std::vector<Diagnostic> all;
};

/// A program in ordinary containers, before it is laid out as on a device.
struct Draft {
  struct Part {
    Component component;
    std::vector<Point> points;
  };
  struct Stage {
    std::string name;
    Micros delay;
    std::vector<Part> parts;
    Condition end;
  };

  std::vector<Output> outputs;
  std::vector<Interlock> interlocks;
  std::vector<Stage> stages;
  std::vector<Loop> loops;
  std::uint32_t repeats = 1;
  std::optional<Pattern> pattern;  ///< Has `segments`, if there are any, and their only stage.
  std::vector<Segment> segments;

  /// Outputs are named a, b, c ...; the result is its index.
  std::uint8_t add_switch();
  /// A motor and, right behind it, its direction; the result is the motor's index.
  std::uint8_t add_motor();
  std::uint8_t add_analog(std::uint16_t range);
  Stage& add_stage(Micros delay = {});
};

/// On from `start` for `on`.
Draft::Part span(std::uint8_t output, Micros start, Micros on);

struct PulseSpec {
  Micros on;
  Micros pause;
  bool clockwise = false;
};
/// A row of pulses, in ticks of 1 us; a motor pattern if `direction` is an output.
Draft::Part pulses(std::uint8_t output, std::uint8_t direction, Micros start, std::uint32_t repeats,
                   const std::vector<PulseSpec>& row);

Draft::Part ramp(std::uint8_t output, std::uint16_t value, Micros start, Micros length, Micros in,
                 Micros out);

/// A bilateral session of an hour on two motors with directions, drives of range 1,000 and lights,
/// which exclude each other.
Draft two_sides();

/// A Draft laid out by the builder, and checked.
class Built {
 public:
  explicit Built(const Draft& draft);

  const Program& program() const { return program_; }
  bool ok() const { return timeline_.has_value(); }
  /// Of a draft that is valid.
  const Timeline& timeline() const {
    TAKT_ASSERT(ok());
    return *timeline_;
  }
  const Diagnostics& diagnostics() const { return diagnostics_; }

 private:
  struct Freer {
    void operator()(std::byte* block) const { ::operator delete(block); }
  };
  std::unique_ptr<std::byte, Freer> block_;
  Program program_;
  Diagnostics diagnostics_;
  std::optional<Timeline> timeline_;
};

/// A valid program of up to five phases of up to six components over switches, a motor and an
/// analog output, in times of a few milliseconds so that edges often coincide.
Draft random_draft(std::mt19937& random);

}  // namespace takt::testing
