// SPDX-License-Identifier: Apache-2.0
#include "tools/picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "tools/lanes.h"
#include "tools/tally.h"
#include "tools/text.h"

namespace takt {
namespace {

constexpr Color kInk{38, 43, 51};
constexpr Color kSoft{112, 120, 133};
constexpr Color kFaint{170, 177, 187};
constexpr Color kRule{222, 226, 231};
constexpr Color kBand{244, 246, 249};
constexpr Color kDirection{92, 107, 130};
constexpr std::array kColors{Color{31, 119, 140}, Color{214, 96, 77},  Color{84, 140, 70},
                             Color{222, 155, 47}, Color{66, 103, 172}, Color{140, 96, 157},
                             Color{0, 145, 120},  Color{176, 75, 113}};

constexpr double kMargin = 28;
constexpr double kTitleBase = 40;
constexpr double kSubtitleBase = 60;
constexpr double kBandTop = 82;
constexpr double kBandHead = 44;  ///< Room for the names of the phases.
constexpr double kLaneHeight = 24;
constexpr double kLanePitch = 36;
constexpr double kAxisHeight = 52;
constexpr std::uint64_t kMostSteps = 5'000'000;

using Anchor = TextStyle::Anchor;

constexpr TextStyle kTitle{22, kInk, true, Anchor::kStart};
constexpr TextStyle kSubtitle{12.5, kSoft, false, Anchor::kStart};
constexpr TextStyle kPhaseName{12, kInk, true, Anchor::kMiddle};
constexpr TextStyle kPhaseTime{10.5, kSoft, false, Anchor::kMiddle};
constexpr TextStyle kLabel{12.5, kInk, false, Anchor::kEnd};
constexpr TextStyle kLabelNote{9.5, kFaint, false, Anchor::kEnd};
constexpr TextStyle kTotal{11.5, kInk, false, Anchor::kStart};
constexpr TextStyle kTotalNote{10, kSoft, false, Anchor::kStart};
constexpr TextStyle kTick{10.5, kSoft, false, Anchor::kMiddle};

/// Distance of two marks on the axis: round, and wide enough for what is written there.
Micros tick_for(Micros whole, double width) {
  constexpr std::int64_t kSecond = 1'000'000;
  constexpr std::array<std::int64_t, 13> kSteps{1,   2,   5,   10,  15,    30,   60,
                                                120, 300, 600, 900, 1'800, 3'600};
  const double wanted = static_cast<double>(whole.count()) * 80 / width;
  for (std::int64_t unit = 1; unit < kSecond; unit *= 10) {
    for (const std::int64_t factor : {1, 2, 5}) {
      if (static_cast<double>(unit * factor) >= wanted) return Micros{unit * factor};
    }
  }
  for (const std::int64_t step : kSteps) {
    if (static_cast<double>(step * kSecond) >= wanted) return Micros{step * kSecond};
  }
  for (std::int64_t hours = 2;; hours *= 2) {
    if (static_cast<double>(hours * 3'600 * kSecond) >= wanted) return seconds(hours * 3'600);
  }
}

std::string tick_text(Micros at, Micros tick) {
  if (tick < millis(1)) return fmt::format("{} µs", at.count());
  if (tick < seconds(1)) return fmt::format("{:g} s", static_cast<double>(at.count()) / 1e6);
  const std::int64_t whole = at / seconds(1);
  if (whole < 3'600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  if (tick < seconds(60)) {
    return fmt::format("{}:{:02}:{:02}", whole / 3'600, whole / 60 % 60, whole % 60);
  }
  return fmt::format("{} h {:02}", whole / 3'600, whole / 60 % 60);
}

/// "1 min 35 s": without the decimals that say nothing.
std::string rounded(Micros time) {
  // Beyond a second, less than a millisecond says nothing in a picture.
  if (time >= seconds(1)) time = (time + Micros{500}) / millis(1) * millis(1);
  std::string text = readable(time);
  const std::size_t dot = text.rfind('.');
  std::size_t last = text.find_last_not_of('0', text.size() - 3);
  if (last == dot) --last;
  return text.substr(0, last + 1) + " s";
}

/// `text`, or as much of it as `width` holds.
std::string shortened(const std::string& text, double width, const TextStyle& style) {
  std::size_t kept = cells(text);
  if (text_width(text, style) <= width) return text;
  while (kept > 2 && text_width(fitted(text, kept), style) > width) --kept;
  return kept > 2 ? fitted(text, kept) : std::string{};
}

class Picture {
 public:
  Picture(const std::string& title, const Timeline& timeline, const Stretch& stretch, int width,
          MakeCanvas make_canvas)
      : title_(title),
        timeline_(timeline),
        stretch_(stretch),
        program_(timeline.program()),
        tally_(tally_of(timeline, kMostSteps)),
        width_(width) {
    for (const Output& output : program_.outputs) {
      left_ = std::max(left_, kMargin + 14 + text_width(output.id, kLabel));
    }
    left_ = std::min(left_, width_ * 0.3);
    right_ = width_ - kMargin - 130;
    columns_ = static_cast<std::size_t>(std::max(1.0, std::floor(right_ - left_)));
    bottom_ = kBandTop + kBandHead + kLanePitch * static_cast<double>(program_.outputs.size()) + 6;
    canvas_ = make_canvas(width_, bottom_ + kAxisHeight);
  }

  std::string draw() {
    draw_heading();
    draw_phases();
    draw_axis();
    const bool crowded = program_.pattern != nullptr && !draw_boundaries(program_.pattern->score);
    const std::vector<Lane> lanes = lanes_of(timeline_, stretch_, columns_);
    for (std::size_t i = 0; i < lanes.size(); ++i) draw_output(i, lanes[i]);
    std::vector<std::string_view> notes;
    if (crowded) notes.push_back("boundaries too close to draw: see --from and --to");
    if (std::any_of(lanes.begin(), lanes.end(), has_dense)) {
      notes.push_back("pale: pulses too close to draw, filled as high as they are on");
    }
    if (!notes.empty()) draw_footnote(fmt::format("{}", fmt::join(notes, "   ·   ")));
    return canvas_->finish();
  }

 private:
  double width_of(Micros time) const {
    return static_cast<double>(time.count()) * static_cast<double>(columns_) /
           static_cast<double>(std::max<std::int64_t>(1, stretch_.length().count()));
  }
  /// What lies outside the stretch is at its edge.
  double x_of(Micros at) const {
    return left_ + width_of(std::clamp(at, stretch_.from, stretch_.to) - stretch_.from);
  }
  double lane_top(std::size_t output) const {
    return kBandTop + kBandHead + kLanePitch * static_cast<double>(output) +
           (kLanePitch - kLaneHeight) / 2;
  }

  static bool has_dense(const Lane& lane) {
    return std::any_of(lane.spans.begin(), lane.spans.end(),
                       [](const Lane::Span& span) { return span.dense; });
  }

  void draw_footnote(const std::string& note) {
    TextStyle style = kTotalNote;
    style.anchor = Anchor::kEnd;
    style.color = kFaint;
    canvas_->text({width_ - kMargin, bottom_ + kAxisHeight - 6}, note, style);
  }

  void draw_heading() {
    canvas_->text({kMargin, kTitleBase}, shortened(title_, width_ - 2 * kMargin, kTitle), kTitle);
    std::string text =
        fmt::format("{}   ·   {}{}   ·   {}", rounded(timeline_.duration()),
                    tally_.complete ? "" : "more than ", counted(tally_.edges, "edge"),
                    counted(program_.phases.size(), "phase"));
    if (timeline_.entry_count() > program_.phases.size()) {
      text += fmt::format("   ·   {}", counted(timeline_.entry_count(), "phase run"));
    }
    if (stretch_.length() < timeline_.duration()) {
      text += fmt::format("   ·   {} to {} shown", rounded(stretch_.from), rounded(stretch_.to));
    }
    canvas_->text({kMargin, kSubtitleBase}, text, kSubtitle);
  }

  /// A band for each run of a phase; where they are too narrow, for as many as make one to see.
  void draw_phases() {
    bool shaded = true;
    const std::uint32_t count = timeline_.entry_count();
    for (std::uint32_t entry = timeline_.position_at(stretch_.from).entry; entry < count;) {
      const Micros start = std::max(timeline_.start_of(entry), stretch_.from);
      if (start > stretch_.to) break;
      std::uint32_t next = entry + 1;
      if (x_of(timeline_.start_of(next)) - x_of(start) < 3) {
        const Micros until{start.count() +
                           stretch_.length().count() * 3 / static_cast<std::int64_t>(columns_)};
        next = std::max(next, std::min(timeline_.position_at(until).entry, count));
      }
      draw_band(entry, next, shaded);
      shaded = !shaded;
      entry = next;
    }
    canvas_->line({left_, bottom_}, {right_, bottom_}, 1, kFaint);
  }

  void draw_band(std::uint32_t entry, std::uint32_t next, bool shaded) {
    const double from = x_of(timeline_.start_of(entry));
    const double to = x_of(timeline_.start_of(next));
    if (shaded) canvas_->rectangle(from, kBandTop, to - from, bottom_ - kBandTop, kBand);
    if (next != entry + 1 || to - from < 3) return;
    canvas_->line({from, kBandTop}, {from, bottom_}, 1, kRule);
    const std::uint16_t phase = timeline_.entry(entry).phase;
    draw_band_name(phase_title(program_, phase), rounded(timeline_.length_of(phase)), from, to);
  }

  /// In one line, or in two where a narrow band and a space suggest it.
  void draw_band_name(const std::string& name, const std::string& time, double from, double to) {
    const double middle = (from + to) / 2;
    const double room = to - from - 6;
    const std::size_t space = name.find(' ');
    double time_base = kBandTop + 32;
    if (text_width(name, kPhaseName) > room && space != std::string::npos) {
      TextStyle small = kPhaseName;
      small.size = 10;
      canvas_->text({middle, kBandTop + 13}, shortened(name.substr(0, space), room, small), small);
      canvas_->text({middle, kBandTop + 25}, shortened(name.substr(space + 1), room, small), small);
      time_base = kBandTop + 38;
    } else {
      canvas_->text({middle, kBandTop + 17}, shortened(name, room, kPhaseName), kPhaseName);
    }
    if (text_width(time, kPhaseTime) < room) canvas_->text({middle, time_base}, time, kPhaseTime);
  }

  void draw_axis() {
    const Micros tick = tick_for(stretch_.length(), right_ - left_);
    const std::int64_t first = (stretch_.from + tick - Micros{1}) / tick;
    for (Micros at = tick * first; at <= stretch_.to; at += tick) {
      const double x = x_of(at);
      canvas_->line({x, kBandTop + kBandHead}, {x, bottom_}, 0.5, kRule);
      canvas_->line({x, bottom_}, {x, bottom_ + 5}, 1, kFaint);
      canvas_->text({x, bottom_ + 19}, tick_text(at, tick), kTick);
    }
  }

  /// A line where each half begins, and whose it is. False: somewhere they were too close.
  bool draw_boundaries(const Score& score) {
    constexpr double kClosest = 4;
    const TextStyle letter{9, kSoft, true, Anchor::kMiddle};
    bool all = true;
    for (Micros at = stretch_.from; at < stretch_.to;) {
      const Half half = half_at(score, at);
      const double width = width_of(half.end - half.begin);
      at = half.end;
      if (width < kClosest) {
        all = false;
        // On to the next rhythm, but by no less than can be seen.
        const Micros least{
            static_cast<std::int64_t>(kClosest * static_cast<double>(stretch_.length().count()) /
                                      static_cast<double>(columns_))};
        at = std::max({at, end_of_rhythm(score, half.begin), half.begin + least});
        continue;
      }
      const double x = x_of(half.begin);
      if (half.begin >= stretch_.from) {
        canvas_->line({x, kBandTop + kBandHead - 8}, {x, bottom_}, 0.75, kFaint);
      }
      if (width < 12 || half.begin < stretch_.from || half.look.is_dark()) continue;
      const std::string_view whose = half.active == kBothSides  ? "L+R"
                                     : half.active == kLeftSide ? "L"
                                                                : "R";
      canvas_->text({x + width / 2, kBandTop + kBandHead - 3}, whose, letter);
    }
    return all;
  }

  /// Where the segment that `at` lies in ends.
  Micros end_of_rhythm(const Score& score, Micros at) const {
    if (score.segments.empty()) return stretch_.to;
    const Micros pass = at - at % score.length;
    for (const Segment& segment : score.segments) {
      if (pass + millis(segment.at_ms) > at) return pass + millis(segment.at_ms);
    }
    return pass + score.length;
  }

  void draw_output(std::size_t output, const Lane& lane) {
    const Output& row = program_.outputs[output];
    const OutputTally& sum = tally_.outputs[output];
    const double top = lane_top(output);
    const double base = top + kLaneHeight;
    TextStyle label = kLabel;
    if (sum.switches == 0) label.color = kFaint;
    const double room = left_ - kMargin;
    canvas_->text({left_ - 12, top + 16}, shortened(printable(row.id), room, label), label);
    canvas_->line({left_, base}, {right_, base}, 0.75, kRule);
    switch (row.kind) {
      case OutputKind::kSwitch: draw_spans(lane, top, kLaneHeight, color_of(output)); break;
      case OutputKind::kDirection: draw_direction(lane, top); break;
      case OutputKind::kAnalog: draw_curve(lane, row, top, color_of(output)); break;
    }
    draw_totals(row, sum, top);
  }

  Color color_of(std::size_t output) const { return kColors[output % kColors.size()]; }

  void draw_spans(const Lane& lane, double top, double height, Color color) {
    for (const Lane::Span& span : lane.spans) {
      const double x = left_ + span.from;
      if (!span.dense) {
        // Even the shortest pulse must be seen.
        canvas_->rectangle(x, top, std::max(span.to - span.from, 0.75), height, color);
        continue;
      }
      canvas_->rectangle(x, top, span.to - span.from, height, color.with_opacity(0.16));
      const double filled = height * std::clamp(span.part, 0.04, 1.0);
      canvas_->rectangle(x, top + height - filled, span.to - span.from, filled,
                         color.with_opacity(0.45));
    }
  }

  /// A narrower lane of its own colour, named where there is room.
  void draw_direction(const Lane& lane, double top) {
    draw_spans(lane, top + 8, kLaneHeight - 8, kDirection.with_opacity(0.75));
    const TextStyle inside{9.5, {255, 255, 255}, true, Anchor::kMiddle};
    for (const Lane::Span& span : lane.spans) {
      if (span.dense || span.to - span.from < 26) continue;
      canvas_->text({left_ + (span.from + span.to) / 2, top + 19.5}, "cw", inside);
    }
  }

  void draw_curve(const Lane& lane, const Output& row, double top, Color color) {
    std::vector<CanvasPoint> points{{left_, top + kLaneHeight}};
    for (std::size_t i = 0; i < lane.levels.size(); ++i) {
      const double y = top + kLaneHeight * (1 - lane.levels[i]);
      const double x = left_ + static_cast<double>(i) + 0.5;
      const std::size_t last = points.size() - 1;
      // A level stretch needs its two ends only.
      if (last > 1 && points[last].y == y && points[last - 1].y == y) points.pop_back();
      points.push_back({x, y});
    }
    points.push_back({right_, top + kLaneHeight});
    canvas_->polygon(points, color.with_opacity(0.35));
    for (std::size_t i = 1; i + 2 < points.size(); ++i) {
      const bool zero = points[i].y >= top + kLaneHeight && points[i + 1].y >= top + kLaneHeight;
      if (!zero) canvas_->line(points[i], points[i + 1], 1.25, color);
    }
    canvas_->text({left_ - 12, top + kLaneHeight + 4}, fmt::format("0–{}", row.range), kLabelNote);
  }

  void draw_totals(const Output& row, const OutputTally& sum, double top) {
    const double x = right_ + 14;
    if (sum.switches == 0) {
      TextStyle never = kTotalNote;
      never.color = kFaint;
      return canvas_->text({x, top + 16}, "never on", never);
    }
    canvas_->text({x, top + 10}, rounded(sum.on_time), kTotal);
    std::string note = fmt::format("{}×", with_commas(sum.switches));
    if (row.kind == OutputKind::kDirection) note = fmt::format("clockwise, {}", note);
    if (row.kind == OutputKind::kAnalog) note = fmt::format("{}, up to {}", note, sum.highest);
    canvas_->text({x, top + 24}, note, kTotalNote);
  }

  const std::string& title_;
  const Timeline& timeline_;
  const Stretch stretch_;
  const Program& program_;
  const Tally tally_;
  const double width_;
  double left_ = kMargin;
  double right_ = 0;
  double bottom_ = 0;
  std::size_t columns_ = 0;
  std::unique_ptr<Canvas> canvas_;
};

}  // namespace

std::string draw_picture(const std::string& title, const Timeline& timeline, const Stretch& stretch,
                         int width, MakeCanvas make_canvas) {
  return Picture{title, timeline, stretch, width, make_canvas}.draw();
}

}  // namespace takt
