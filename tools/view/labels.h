// SPDX-License-Identifier: Apache-2.0
// Writes words on a canvas that neither overprint each other nor leave their place.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/view/canvas.h"

namespace takt {

class Labels {
 public:
  explicit Labels(Canvas& canvas) : canvas_(canvas) {}

  /// Writes `text` unless it reaches beyond `from` or `to`, or into what was written before. False:
  /// it has no room.
  bool write(CanvasPoint at, std::string_view text, const TextStyle& style, double from,
             double to) {
    const double width = text_width(text, style);
    double left = at.x;
    if (style.anchor == TextStyle::Anchor::kMiddle) left -= width / 2;
    if (style.anchor == TextStyle::Anchor::kEnd) left -= width;
    // Above and below the base line, with what hangs down.
    const Box box{left, at.y - style.size * 0.75, left + width, at.y + style.size * 0.2};
    if (box.left < from || box.right > to) return false;
    if (std::any_of(taken_.begin(), taken_.end(), [&](const Box& b) { return b.meets(box); })) {
      return false;
    }
    taken_.push_back(box);
    canvas_.text(at, text, style);
    return true;
  }

 private:
  struct Box {
    double left;
    double top;
    double right;
    double bottom;

    bool meets(const Box& b) const {
      return left < b.right && b.left < right && top < b.bottom && b.top < bottom;
    }
  };

  Canvas& canvas_;
  std::vector<Box> taken_;
};

}  // namespace takt
