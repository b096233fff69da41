// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>

#include "tools/cli/text.h"
#include "tools/view/canvas.h"

namespace takt {
namespace {

/// Two decimals at most, and none that say nothing.
std::string number(double value) { return fmt::format("{:g}", std::round(value * 100) / 100); }

std::string fill_of(Color color) {
  std::string text =
      fmt::format("fill=\"#{:02x}{:02x}{:02x}\"", color.red, color.green, color.blue);
  if (color.opacity < 1) text += fmt::format(" fill-opacity=\"{}\"", number(color.opacity));
  return text;
}

std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : printable(text)) {
    switch (c) {
      case '&': safe += "&amp;"; break;
      case '<': safe += "&lt;"; break;
      case '>': safe += "&gt;"; break;
      default: safe += c;
    }
  }
  return safe;
}

class SvgCanvas final : public Canvas {
 public:
  SvgCanvas(double width, double height) {
    svg_ = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" "
        "viewBox=\"0 0 {0} {1}\" font-family=\"'Helvetica Neue', Helvetica, Arial, 'DejaVu Sans', "
        "sans-serif\">\n",
        number(width), number(height));
    rectangle(0, 0, width, height, {255, 255, 255});
  }

  void rectangle(double x, double y, double width, double height, Color fill) override {
    svg_ += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" {}/>\n", number(x),
                        number(y), number(width), number(height), fill_of(fill));
  }

  void line(CanvasPoint from, CanvasPoint to, double width, Color color) override {
    svg_ += fmt::format(
        "<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" stroke=\"#{:02x}{:02x}{:02x}\" "
        "stroke-opacity=\"{}\" stroke-width=\"{}\"/>\n",
        number(from.x), number(from.y), number(to.x), number(to.y), color.red, color.green,
        color.blue, number(color.opacity), number(width));
  }

  void polygon(std::span<const CanvasPoint> points, Color fill) override {
    svg_ += "<polygon points=\"";
    for (const CanvasPoint& point : points) {
      svg_ += fmt::format("{},{} ", number(point.x), number(point.y));
    }
    svg_ += fmt::format("\" {}/>\n", fill_of(fill));
  }

  void text(CanvasPoint at, std::string_view text, const TextStyle& style) override {
    constexpr std::string_view kAnchors[] = {"start", "middle", "end"};
    svg_ +=
        fmt::format("<text x=\"{}\" y=\"{}\" font-size=\"{}\" text-anchor=\"{}\"{} {}>{}</text>\n",
                    number(at.x), number(at.y), number(style.size),
                    kAnchors[static_cast<std::size_t>(style.anchor)],
                    style.bold ? " font-weight=\"bold\"" : "", fill_of(style.color), escaped(text));
  }

  std::string finish() override { return std::move(svg_) + "</svg>\n"; }

 private:
  std::string svg_;
};

}  // namespace

std::unique_ptr<Canvas> make_svg_canvas(double width, double height) {
  return std::make_unique<SvgCanvas>(width, height);
}

double text_width(std::string_view text, const TextStyle& style) {
  constexpr std::string_view kNarrow = "ijltfr.,:;'|!()[] ";
  constexpr std::string_view kWide = "mwMW@%";
  double ems = 0;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xC0U) == 0x80U) continue;  // Part of a character.
    const bool capital = c >= 'A' && c <= 'Z';
    ems += kNarrow.find(c) != std::string_view::npos ? 0.36
           : kWide.find(c) != std::string_view::npos ? 0.93
           : capital                                 ? 0.70
                                                     : 0.61;
  }
  return ems * style.size * (style.bold ? 1.1 : 1.0);
}

}  // namespace takt
