// SPDX-License-Identifier: Apache-2.0
// The surface for a picture, whatever the file format.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace takt {

struct Color {
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;
  double opacity = 1;

  Color with_opacity(double new_opacity) const { return {red, green, blue, new_opacity}; }
};

struct CanvasPoint {
  double x = 0;
  double y = 0;
};

struct TextStyle {
  double size = 12;
  Color color;
  bool bold = false;
  enum class Anchor : std::uint8_t { kStart, kMiddle, kEnd } anchor = Anchor::kStart;
};

/// Units are pixels of the picture as it is meant to be seen; y goes down.
class Canvas {
 public:
  virtual ~Canvas() = default;

  virtual void rectangle(double x, double y, double width, double height, Color fill) = 0;
  virtual void line(CanvasPoint from, CanvasPoint to, double width, Color color) = 0;
  virtual void polygon(std::span<const CanvasPoint> points, Color fill) = 0;
  /// `at` is on the base line.
  virtual void text(CanvasPoint at, std::string_view text, const TextStyle& style) = 0;

  /// The whole file. Call once, at the end. Throws Failure (kWorld) if there is no memory for it.
  virtual std::string finish() = 0;
};

/// Background white.
std::unique_ptr<Canvas> make_svg_canvas(double width, double height);
/// Two dots of the file for each pixel, so that it is sharp on paper.
std::unique_ptr<Canvas> make_png_canvas(double width, double height);

/// About how wide `text` is in any font: layouts leave this much room.
double text_width(std::string_view text, const TextStyle& style);

}  // namespace takt
