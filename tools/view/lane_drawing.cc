// SPDX-License-Identifier: Apache-2.0
#include "tools/view/lane_drawing.h"

#include <algorithm>
#include <span>
#include <vector>

#include "takt/core/pattern/palette.h"

namespace takt {
namespace {

constexpr Color kDirection{92, 107, 130};
constexpr double kLine = 1.25;
constexpr double kSpanOpacity = 0.16;
constexpr double kCrowdOpacity = 0.45;
constexpr double kBodyOpacity = 0.3;

/// As it can be seen on white: white itself becomes a grey.
Color shown(std::uint8_t colour, Color otherwise) {
  if (colour >= kColourCount) return otherwise;
  constexpr double kBrightest = 185;
  const std::uint32_t rgb = kPalette[colour].rgb;
  const double red = rgb >> 16U;
  const double green = (rgb >> 8U) & 0xFFU;
  const double blue = rgb & 0xFFU;
  const double brightness = 0.299 * red + 0.587 * green + 0.114 * blue;
  const double part = std::min(1.0, kBrightest / brightness);
  return {static_cast<std::uint8_t>(red * part), static_cast<std::uint8_t>(green * part),
          static_cast<std::uint8_t>(blue * part)};
}

class LaneDrawing {
 public:
  LaneDrawing(Canvas& canvas, const Lane& lane, const LanePlace& place, Color color)
      : canvas_(canvas), lane_(lane), place_(place), color_(color) {}

  void spans(double top, double height) {
    for (const Lane::Span& span : lane_.spans) {
      const double x = place_.left + span.from;
      const Color color = shown(span.colour, color_);
      if (!span.dense) {
        // Even the shortest pulse must be seen.
        canvas_.rectangle(x, top, std::max(span.to - span.from, 0.75), height, color);
        continue;
      }
      canvas_.rectangle(x, top, span.to - span.from, height, color.with_opacity(kSpanOpacity));
      const double filled = height * std::clamp(span.part, 0.04, 1.0);
      canvas_.rectangle(x, top + height - filled, span.to - span.from, filled,
                        color.with_opacity(kCrowdOpacity));
    }
  }

  /// Which way, where there is room for it.
  void directions() {
    const TextStyle inside{9.5, {255, 255, 255}, true, TextStyle::Anchor::kMiddle};
    for (const Lane::Span& span : lane_.spans) {
      if (span.dense || span.to - span.from < 26) continue;
      const double middle = place_.left + (span.from + span.to) / 2;
      canvas_.text({middle, place_.top + 19.5}, "cw", inside);
    }
  }

  void levels() {
    const std::vector<Lane::Piece>& pieces = lane_.pieces;
    for (std::size_t i = 0; i < pieces.size();) {
      std::size_t end = i + 1;
      while (end < pieces.size() && looks_alike(pieces[i], pieces[end])) ++end;
      if (pieces[i].most > 0) run({&pieces[i], end - i});
      i = end;
    }
    if (pieces.empty()) return;
    // All outputs are off before a run, and behind it; a part of one says nothing of either.
    if (!lane_.has_before) join({}, pieces.front());
    for (std::size_t i = 1; i < pieces.size(); ++i) join(pieces[i - 1], pieces[i]);
    if (!lane_.has_behind) join(pieces.back(), {});
  }

 private:
  using Run = std::span<const Lane::Piece>;

  static bool looks_alike(const Lane::Piece& a, const Lane::Piece& b) {
    return a.dense == b.dense && a.colour == b.colour && (a.most > 0) == (b.most > 0);
  }

  double y_of(double level) const { return place_.top + kLaneHeight * (1 - level); }

  void run(Run pieces) {
    const Color color = shown(pieces.front().colour, color_);
    const auto ground = [](const Lane::Piece& /*piece*/) { return 0.0; };
    const auto least = [](const Lane::Piece& piece) { return piece.least; };
    const auto most = [](const Lane::Piece& piece) { return piece.most; };
    band(pieces, ground, least, 0, color.with_opacity(kBodyOpacity));
    if (!pieces.front().dense) return band(pieces, least, most, kLine / 2, color);
    const Color pale = color.with_opacity(kCrowdOpacity);
    band(pieces, least, most, 0, color.with_opacity(kSpanOpacity));
    band(pieces, most, most, kLine / 2, pale);
    if (pieces.front().least > 0) band(pieces, least, least, kLine / 2, pale);
  }

  /// From one level to another of each piece, and `more` pixels beyond both.
  template <typename Lower, typename Upper>
  void band(Run pieces, Lower lower, Upper upper, double more, Color color) {
    std::vector<CanvasPoint> points;
    bool is_flat = true;
    for (const Lane::Piece& piece : pieces) {
      const double y = y_of(upper(piece)) - more;
      points.push_back({place_.left + piece.from, y});
      points.push_back({place_.left + piece.to, y});
      is_flat = is_flat && more == 0 && lower(piece) == upper(piece);
    }
    for (std::size_t i = pieces.size(); i-- > 0;) {
      const double y = y_of(lower(pieces[i])) + more;
      points.push_back({place_.left + pieces[i].to, y});
      points.push_back({place_.left + pieces[i].from, y});
    }
    if (!is_flat) canvas_.polygon(points, color);
  }

  /// The step from one piece to the next, unless they touch.
  void join(const Lane::Piece& left, const Lane::Piece& right) {
    const bool falls = left.least > right.most;
    if (!falls && left.most >= right.least) return;
    const double from = falls ? left.least : left.most;
    const double to = falls ? right.most : right.least;
    const Lane::Piece& higher = falls ? left : right;
    const double x = place_.left + (falls ? left.to : right.from);
    // Leaves something of the pause between two pulses to see.
    const Lane::Piece& lower = falls ? right : left;
    const double pause = lower.to - lower.from;
    const double width = pause > 0 ? std::min(kLine, pause / 2) : kLine;
    canvas_.line({x, y_of(from)}, {x, y_of(to)}, width, shown(higher.colour, color_));
  }

  Canvas& canvas_;
  const Lane& lane_;
  const LanePlace place_;
  const Color color_;
};

}  // namespace

void draw_lane(Canvas& canvas, const Lane& lane, OutputKind kind, const LanePlace& place,
               Color color) {
  // A direction is a narrower lane of its own colour.
  const bool is_direction = kind == OutputKind::kDirection;
  LaneDrawing drawing{canvas, lane, place, is_direction ? kDirection.with_opacity(0.75) : color};
  switch (kind) {
    case OutputKind::kSwitch: return drawing.spans(place.top, kLaneHeight);
    case OutputKind::kAnalog: return drawing.levels();
    case OutputKind::kDirection: break;
  }
  drawing.spans(place.top + 8, kLaneHeight - 8);
  drawing.directions();
}

}  // namespace takt
