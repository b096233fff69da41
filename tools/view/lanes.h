// SPDX-License-Identifier: Apache-2.0
// What each output does over a program or a part of it, as fine as a picture can show it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "takt/core/program/model.h"
#include "tools/trace/frames.h"

namespace takt {

/// Stands for lights that show no colour of the palette.
inline constexpr std::uint8_t kNoColour = 0xFF;

/// One output. Times are columns of the picture, 0 to the number of columns.
struct Lane {
  struct Span {
    double from = 0;
    double to = 0;
    double part = 1;     ///< Of the time that the output is on.
    bool dense = false;  ///< Stands for pulses that are too close to be told apart.
    std::uint8_t colour = kNoColour;
  };
  /// A level that stays, or all levels between two columns.
  struct Piece {
    double from = 0;
    double to = 0;
    double least = 0;  ///< 0 to 1: of the output's range.
    double most = 0;
    bool dense = false;  ///< Goes up and down too closely to be told apart.
    std::uint8_t colour = kNoColour;
  };
  std::vector<Span> spans;    ///< Of an output that is on or off; in order, apart.
  std::vector<Piece> pieces;  ///< Of an analog output; in order, each begins where one ends.
  bool has_before = false;    ///< The run begins before the stretch.
  bool has_behind = false;    ///< The run ends after the stretch.
};

/// Lanes end where `frames` do. Where `sides` have lights with a colour output, what the lights
/// show has that colour.
///
/// Cost and size depend on the columns, not on the edges: where a column holds more than can be
/// seen, its beginning is taken for the whole.
std::vector<Lane> lanes_of(Frames& frames, std::span<const Output> outputs,
                           std::span<const SideOutputs> sides, const Stretch& stretch,
                           std::size_t columns);

}  // namespace takt
