// SPDX-License-Identifier: Apache-2.0
#include <cairo.h>
#include <fmt/format.h>

#include "tools/cli/failure.h"
#include "tools/cli/text.h"
#include "tools/view/canvas.h"

namespace takt {
namespace {

constexpr int kDots = 2;  ///< Of the file for a pixel.

cairo_status_t append(void* closure, const unsigned char* data, unsigned int length) {
  static_cast<std::string*>(closure)->append(reinterpret_cast<const char*>(data), length);
  return CAIRO_STATUS_SUCCESS;
}

class PngCanvas final : public Canvas {
 public:
  PngCanvas(double width, double height)
      : surface_(cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(width * kDots),
                                            static_cast<int>(height * kDots))),
        cairo_(cairo_create(surface_)) {
    cairo_scale(cairo_, kDots, kDots);
    rectangle(0, 0, width, height, {255, 255, 255});
  }
  ~PngCanvas() override {
    cairo_destroy(cairo_);
    cairo_surface_destroy(surface_);
  }
  PngCanvas(const PngCanvas&) = delete;
  PngCanvas& operator=(const PngCanvas&) = delete;

  void rectangle(double x, double y, double width, double height, Color fill) override {
    use(fill);
    cairo_rectangle(cairo_, x, y, width, height);
    cairo_fill(cairo_);
  }

  void line(CanvasPoint from, CanvasPoint to, double width, Color color) override {
    use(color);
    cairo_set_line_width(cairo_, width);
    cairo_move_to(cairo_, from.x, from.y);
    cairo_line_to(cairo_, to.x, to.y);
    cairo_stroke(cairo_);
  }

  void polygon(std::span<const CanvasPoint> points, Color fill) override {
    use(fill);
    for (const CanvasPoint& point : points) cairo_line_to(cairo_, point.x, point.y);
    cairo_close_path(cairo_);
    cairo_fill(cairo_);
  }

  void text(CanvasPoint at, std::string_view text, const TextStyle& style) override {
    const std::string shown = printable(text);
    use(style.color);
    cairo_select_font_face(cairo_, "Helvetica", CAIRO_FONT_SLANT_NORMAL,
                           style.bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cairo_, style.size);
    cairo_text_extents_t extents;
    cairo_text_extents(cairo_, shown.c_str(), &extents);
    double x = at.x;
    if (style.anchor == TextStyle::Anchor::kMiddle) x -= extents.x_advance / 2;
    if (style.anchor == TextStyle::Anchor::kEnd) x -= extents.x_advance;
    cairo_move_to(cairo_, x, at.y);
    cairo_show_text(cairo_, shown.c_str());
  }

  std::string finish() override {
    std::string png;
    cairo_status_t status = cairo_status(cairo_);
    if (status == CAIRO_STATUS_SUCCESS) {
      status = cairo_surface_write_to_png_stream(surface_, append, &png);
    }
    if (status == CAIRO_STATUS_SUCCESS) return png;
    throw Failure{Exit::kWorld, fmt::format("drawing: {}", cairo_status_to_string(status))};
  }

 private:
  void use(Color color) {
    cairo_set_source_rgba(cairo_, color.red / 255.0, color.green / 255.0, color.blue / 255.0,
                          color.opacity);
  }

  cairo_surface_t* const surface_;
  cairo_t* const cairo_;
};

}  // namespace

std::unique_ptr<Canvas> make_png_canvas(double width, double height) {
  return std::make_unique<PngCanvas>(width, height);
}

}  // namespace takt
