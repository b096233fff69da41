// SPDX-License-Identifier: Apache-2.0
// Makes the points of one component from times of 64 bits.
#pragma once

#include <cstdint>

#include "takt/core/base/time.h"
#include "takt/core/program/builder.h"

namespace takt {

/// Finds the tick of a component, the largest that divides all numbers of its points, while they
/// come in: when a number asks for a smaller tick, the points so far are rewritten. So it needs no
/// memory beside the program's, and the tick depends on the numbers alone.
///
/// Each call returns false if no tick lets all numbers fit their 31 or 32 bits.
class PointRow {
 public:
  /// Begins a component; `builder` null: only measures.
  void begin(ProgramBuilder* builder) { *this = PointRow{builder}; }

  /// The next pulse, `pause` behind it. An `on` of zero leaves a pause.
  bool add_pulse(Micros on, Micros pause, bool clockwise);
  /// A level from `at` on; `at` must not decrease.
  bool add_edge(Micros at, std::uint16_t value);

  PointRow() = default;

  std::uint32_t count() const { return count_; }
  /// Where the next pulse would begin; of edges, the last `at`.
  Micros end() const { return end_; }
  Micros tick() const { return tick_ == Micros{} ? Micros{1} : tick_; }

 private:
  explicit PointRow(ProgramBuilder* builder) : builder_(builder) {}

  bool refine(Micros at, Micros length);
  void add(Micros at, std::uint32_t value);

  ProgramBuilder* builder_ = nullptr;
  std::uint32_t count_ = 0;
  bool pulses_ = false;
  Micros tick_;
  Micros end_;
  Micros last_at_;
  Micros longest_;
};

}  // namespace takt
