// SPDX-License-Identifier: Apache-2.0
// What every scheduler under comparison plays.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "bench/incumbents/phase.h"
#include "takt/core/base/time.h"

namespace takt::incumbents {

/// A washing phase: five outputs that are on once each, and a motor with a pattern of 75 steps
/// (0.5 to 1 s on, 0.3 to 0.7 s off, alternating directions), repeated. The spans stretch with the
/// motor's time, so that all are spread over the whole phase whatever its size.
///
/// Listing order is that of the spans, then the motor. All times are whole milliseconds.
struct Workload {
  static constexpr std::uint16_t kMotor = 5;      ///< Outputs 0 to 4 are those of the spans.
  static constexpr std::uint16_t kDirection = 6;  ///< Value 1 is cw.
  static constexpr std::size_t kSteps = 75;

  struct Step {
    Micros on;
    Micros pause;  ///< After `on`.
    bool clockwise;
  };
  struct Span {
    Micros start;
    Micros length;
  };

  std::array<Step, kSteps> steps;
  std::int64_t repeats;    ///< Of all steps.
  std::size_t tail_steps;  ///< How many steps of the pattern follow, once, after the repeats.
  std::array<Span, kMotor> spans;

  /// Exactly 10 + 3 * (75 * repeats + tail_steps) events, at most two fewer than asked for. So
  /// 1,600, 16,000 and 160,000 are exact: 7, 71 and 711 repeats and a tail of 5 steps. Requires at
  /// least 13 events: one step.
  static Workload of(std::int64_t events);

  /// From the start of the phase to the end of the last pause; the spans end earlier.
  Micros motor_time() const;

  /// All events in listing order. Each step is direction, on, off, also where the direction stays:
  /// the last step of a repeat and the first of the next are both cw.
  std::vector<Event> expand() const;
};

/// By time; at one instant OFF, DIRECTION, ON, then by output.
void sort_by_time(std::vector<Event>& events);

}  // namespace takt::incumbents
