// SPDX-License-Identifier: Apache-2.0
// A lane on a canvas.
#pragma once

#include "takt/core/program/model.h"
#include "tools/view/canvas.h"
#include "tools/view/lanes.h"

namespace takt {

inline constexpr double kLaneHeight = 24;

struct LanePlace {
  double left = 0;  ///< Of column 0; a column is a pixel wide.
  double top = 0;
};

/// Draws it in `color`, or in the colour that its lights show.
void draw_lane(Canvas& canvas, const Lane& lane, OutputKind kind, const LanePlace& place,
               Color color);

}  // namespace takt
