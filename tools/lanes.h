// SPDX-License-Identifier: Apache-2.0
// What each output does over a program or a part of it, as finely as a picture can show.
#pragma once

#include <cstddef>
#include <vector>

#include "core/program/timeline.h"

namespace takt {

/// One output. Times are columns of the picture, 0 to the number of columns.
struct Lane {
  struct Span {
    double from = 0;
    double to = 0;
    double part = 1;     ///< Of the time that the output is on.
    bool dense = false;  ///< Stands for pulses that are too close to be told apart.
  };
  std::vector<Span> spans;     ///< Of an output that is on or off; in order, apart.
  std::vector<double> levels;  ///< Of an analog output: mean of each column, 0 to 1.
};

/// Part of a run, not empty unless the run is.
struct Stretch {
  Micros from;
  Micros to;

  static Stretch whole(const Timeline& timeline) { return {Micros{}, timeline.duration()}; }
  Micros length() const { return to - from; }
};

/// Cost and size depend on the columns, not on the edges: where a column holds more than can be
/// seen, its beginning is taken for the whole.
std::vector<Lane> lanes_of(const Timeline& timeline, const Stretch& stretch, std::size_t columns);

}  // namespace takt
