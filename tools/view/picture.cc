// SPDX-License-Identifier: Apache-2.0
#include "tools/view/picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <vector>

#include "tools/cli/text.h"
#include "tools/programs/run_text.h"
#include "tools/programs/tally.h"
#include "tools/view/labels.h"
#include "tools/view/lane_drawing.h"
#include "tools/view/lanes.h"

namespace takt {
namespace {

constexpr Color kInk{38, 43, 51};
constexpr Color kSoft{112, 120, 133};
constexpr Color kFaint{170, 177, 187};
constexpr Color kRule{222, 226, 231};
constexpr Color kBand{244, 246, 249};
constexpr std::array kColors{Color{31, 119, 140}, Color{214, 96, 77},  Color{84, 140, 70},
                             Color{222, 155, 47}, Color{66, 103, 172}, Color{140, 96, 157},
                             Color{0, 145, 120},  Color{176, 75, 113}};

constexpr double kMargin = 28;
constexpr double kTitleBase = 40;
constexpr double kSubtitleBase = 60;
constexpr double kSubtitlePitch = 16;
constexpr double kBandTop = 82;      ///< Below up to two lines of a subtitle.
constexpr double kNamesHeight = 44;  ///< Room for the names of the phases.
constexpr double kSidesHeight = 14;  ///< Room for whose each half is.
constexpr double kLanePitch = 36;
constexpr double kPairPitch = 30;  ///< From the planned lane to the played one.
constexpr double kAxisHeight = 34;
constexpr double kNoteHeight = 14;
constexpr double kTotalsWidth = 130;
constexpr std::uint64_t kMostSteps = 5'000'000;
/// A trace is in memory: all of it counts.
constexpr std::uint64_t kMostChanges = kMaxTraceBytes;

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
  // Narrow pictures need two of them all the same.
  const double wanted = static_cast<double>(whole.count()) * std::min(80 / width, 0.45);
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
  if (tick < seconds(1)) {
    const std::string text = fmt::format("{:.6f}", static_cast<double>(at.count()) / 1e6);
    const std::size_t last = text.find_last_not_of('0');
    return text.substr(0, text[last] == '.' ? last : last + 1) + " s";
  }
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

/// As lines that `width` holds, `gap` between those in one line.
std::vector<std::string> lines_of(const std::vector<std::string>& texts, std::string_view gap,
                                  double width, const TextStyle& style) {
  std::vector<std::string> lines;
  for (const std::string& text : texts) {
    const std::string joined =
        lines.empty() ? text : fmt::format("{}{}{}", lines.back(), gap, text);
    if (lines.empty() || text_width(joined, style) > width) {
      lines.push_back(shortened(text, width, style));
    } else {
      lines.back() = joined;
    }
  }
  return lines;
}

/// What one run shows: the planned or the played.
struct Shown {
  ProgramTally tally;
  std::vector<Lane> lanes;
};

class Picture {
 public:
  Picture(const Scene& scene, int width, MakeCanvas make_canvas)
      : scene_(scene),
        stretch_(scene.stretch),
        outputs_(scene.planned != nullptr ? scene.planned->program().outputs
                                          : std::span<const Output>{scene.played->outputs}),
        width_(width) {
    for (const Output& output : outputs_) {
      left_ = std::max(left_, kMargin + 14 + text_width(printable(output.title()), kLabel));
    }
    left_ = std::min(std::max(left_, kMargin + 60), width_ * 0.3);
    right_ = width_ - kMargin - kTotalsWidth;
    columns_ = static_cast<std::size_t>(std::max(1.0, std::floor(right_ - left_)));
    show();
    if (pattern() != nullptr) find_boundaries();
    head_ = scene.planned == nullptr ? 8 : kNamesHeight;
    if (!boundaries_.empty()) head_ += kSidesHeight;
    heading_ = lines_of(facts(), kGap, width_ - 2 * kMargin, kSubtitle);
    band_top_ +=
        kSubtitlePitch * static_cast<double>(std::max<std::size_t>(heading_.size(), 2) - 2);
    bottom_ = band_top_ + head_ + group_pitch() * static_cast<double>(outputs_.size()) + 6;
    footnotes_ = lines_of(notes(), kGap, width_ - 2 * kMargin, kTotalNote);
    const double notes_height = kNoteHeight * static_cast<double>(footnotes_.size());
    canvas_ = make_canvas(width_, bottom_ + kAxisHeight + notes_height + 4);
    labels_.emplace(*canvas_);
  }

  std::string draw() {
    draw_heading();
    if (scene_.planned != nullptr) draw_phases();
    canvas_->line({left_, bottom_}, {right_, bottom_}, 1, kFaint);
    draw_axis();
    draw_boundaries();
    for (std::size_t i = 0; i < outputs_.size(); ++i) draw_output(i);
    if (ends_early()) {
      const double x = x_of(played_end());
      canvas_->line({x, band_top_ + head_}, {x, bottom_}, 1, kSoft);
    }
    double base = bottom_ + kAxisHeight + kNoteHeight - 6;
    for (const std::string& line : footnotes_) {
      TextStyle style = kTotalNote;
      style.anchor = Anchor::kEnd;
      style.color = kFaint;
      write({width_ - kMargin, base}, line, style);
      base += kNoteHeight;
    }
    return canvas_->finish();
  }

 private:
  static constexpr std::string_view kGap = "   ·   ";

  struct Boundary {
    Half half;
    bool has_room;  ///< To say whose it is.
  };

  const Pattern* pattern() const {
    return scene_.planned == nullptr ? nullptr : scene_.planned->program().pattern;
  }
  bool has_both() const { return planned_ && played_; }
  double group_pitch() const { return has_both() ? kLanePitch + kPairPitch : kLanePitch; }

  void show() {
    std::span<const SideOutputs> sides;
    if (pattern() != nullptr) sides = pattern()->sides;
    if (scene_.planned != nullptr) {
      PlannedFrames frames{*scene_.planned};
      const bool whole = stretch_.from == Micros{0} && stretch_.to >= frames.end();
      planned_ = {whole ? tally_of(*scene_.planned, kMostSteps)
                        : tally_of(frames, outputs_, stretch_, kMostSteps),
                  lanes_of(frames, outputs_, sides, stretch_, columns_)};
    }
    if (scene_.played != nullptr) {
      PlayedFrames frames{*scene_.played};
      played_ = {tally_of(frames, outputs_, stretch_, kMostChanges),
                 lanes_of(frames, outputs_, sides, stretch_, columns_)};
    }
  }

  double width_of(Micros time) const {
    return static_cast<double>(time.count()) * static_cast<double>(columns_) /
           static_cast<double>(std::max<std::int64_t>(1, stretch_.length().count()));
  }
  /// What lies outside the stretch is at its edge.
  double x_of(Micros at) const {
    return left_ + width_of(std::clamp(at, stretch_.from, stretch_.to) - stretch_.from);
  }
  double lane_top(std::size_t output) const {
    return band_top_ + head_ + group_pitch() * static_cast<double>(output) +
           (kLanePitch - kLaneHeight) / 2;
  }

  bool write(CanvasPoint at, std::string_view text, const TextStyle& style) {
    return labels_->write(at, text, style, 0, width_);
  }

  bool ends_early() const {
    if (scene_.played == nullptr) return false;
    return stretch_.from <= played_end() && played_end() < stretch_.to;
  }

  std::vector<std::string> notes() const {
    std::vector<std::string> notes;
    if (ends_early()) {
      notes.push_back(fmt::format("the trace ends at {}", rounded(played_end())));
    }
    if (are_crowded_) notes.push_back("boundaries too close to draw: see --from and --to");
    bool pulses = false;
    bool levels = false;
    for (const std::optional<Shown>* const shown : {&planned_, &played_}) {
      if (!shown->has_value()) continue;
      for (const Lane& lane : (*shown)->lanes) {
        const auto is_dense = [](const auto& part) { return part.dense; };
        pulses |= std::any_of(lane.spans.begin(), lane.spans.end(), is_dense);
        levels |= std::any_of(lane.pieces.begin(), lane.pieces.end(), is_dense);
      }
    }
    if (pulses) notes.push_back("pale: pulses too close to draw, filled as high as they are on");
    if (levels) notes.push_back("pale: levels too close to draw, from the least to the largest");
    return notes;
  }

  static std::string edges_of(const ProgramTally& tally) {
    return (tally.complete ? "" : "more than ") + counted(tally.edges, "edge");
  }

  void draw_heading() {
    write({kMargin, kTitleBase}, shortened(scene_.title, width_ - 2 * kMargin, kTitle), kTitle);
    double base = kSubtitleBase;
    for (const std::string& line : heading_) {
      write({kMargin, base}, line, kSubtitle);
      base += kSubtitlePitch;
    }
  }

  /// Of the whole first, then of what is shown.
  std::vector<std::string> facts() const {
    std::vector<std::string> facts;
    if (planned_) {
      const Timeline& timeline = *scene_.planned;
      const std::size_t phases = timeline.program().phases.size();
      facts.push_back((played_ ? "planned " : "") + rounded(timeline.duration()));
      facts.push_back(counted(phases, "phase"));
      if (timeline.entry_count() > phases) {
        facts.push_back(counted(timeline.entry_count(), "phase run"));
      }
    }
    if (played_) facts.push_back("played " + rounded(played_end()));
    if (is_part()) {
      facts.push_back(fmt::format("{} to {} shown", rounded(stretch_.from), rounded(stretch_.to)));
    }
    if (planned_) facts.push_back(edges_of(planned_->tally) + (played_ ? " planned" : ""));
    if (played_) facts.push_back(edges_of(played_->tally) + (planned_ ? " played" : ""));
    return facts;
  }

  Micros played_end() const { return PlayedFrames{*scene_.played}.end(); }

  bool is_part() const {
    Micros end;
    if (scene_.planned != nullptr) end = scene_.planned->duration();
    if (scene_.played != nullptr) end = std::max(end, played_end());
    return stretch_.length() < end;
  }

  /// A band for each run of a phase; where they are too narrow, for as many as make one to see.
  void draw_phases() {
    const Timeline& timeline = *scene_.planned;
    bool shaded = true;
    const std::uint32_t count = timeline.entry_count();
    for (std::uint32_t entry = timeline.position_at(stretch_.from).entry; entry < count;) {
      const Micros start = std::max(timeline.start_of(entry), stretch_.from);
      if (start > stretch_.to) break;
      std::uint32_t next = entry + 1;
      if (x_of(timeline.start_of(next)) - x_of(start) < 3) {
        const Micros until{start.count() +
                           stretch_.length().count() * 3 / static_cast<std::int64_t>(columns_)};
        next = std::max(next, std::min(timeline.position_at(until).entry, count));
      }
      draw_band(entry, next, shaded);
      shaded = !shaded;
      entry = next;
    }
  }

  void draw_band(std::uint32_t entry, std::uint32_t next, bool shaded) {
    const Timeline& timeline = *scene_.planned;
    const double from = x_of(timeline.start_of(entry));
    const double to = x_of(timeline.start_of(next));
    if (shaded) canvas_->rectangle(from, band_top_, to - from, bottom_ - band_top_, kBand);
    if (next != entry + 1 || to - from < 3) return;
    canvas_->line({from, band_top_}, {from, bottom_}, 1, kRule);
    const std::uint16_t phase = timeline.entry(entry).phase;
    draw_band_name(phase_title(timeline.program(), phase), rounded(timeline.length_of(phase)), from,
                   to);
  }

  /// In one line, or in two where a narrow band and a space suggest it.
  void draw_band_name(const std::string& name, const std::string& time, double from, double to) {
    const double middle = (from + to) / 2;
    const double room = to - from - 6;
    const std::size_t space = name.find(' ');
    const auto put = [&](double base, const std::string& text, const TextStyle& style) {
      labels_->write({middle, band_top_ + base}, shortened(text, room, style), style, from, to);
    };
    double time_base = 32;
    if (text_width(name, kPhaseName) > room && space != std::string::npos) {
      TextStyle small = kPhaseName;
      small.size = 10;
      put(13, name.substr(0, space), small);
      put(25, name.substr(space + 1), small);
      time_base = 38;
    } else {
      put(17, name, kPhaseName);
    }
    if (text_width(time, kPhaseTime) < room) put(time_base, time, kPhaseTime);
  }

  void draw_axis() {
    const Micros tick = tick_for(stretch_.length(), right_ - left_);
    const std::int64_t first = (stretch_.from + tick - Micros{1}) / tick;
    for (Micros at = tick * first; at <= stretch_.to; at += tick) {
      const double x = x_of(at);
      canvas_->line({x, band_top_ + head_}, {x, bottom_}, 0.5, kRule);
      canvas_->line({x, bottom_}, {x, bottom_ + 5}, 1, kFaint);
      write({x, bottom_ + 19}, tick_text(at, tick), kTick);
    }
  }

  void find_boundaries() {
    constexpr double kClosest = 4;
    const Score& score = pattern()->score;
    const Micros end = std::min(stretch_.to, scene_.planned->duration());
    for (Micros at = stretch_.from; at < end;) {
      const Half half = half_at(score, at);
      const double width = width_of(half.end - half.begin);
      at = half.end;
      if (width < kClosest) {
        are_crowded_ = true;
        // On to the next rhythm, but by no less than can be seen.
        const Micros least{
            static_cast<std::int64_t>(kClosest * static_cast<double>(stretch_.length().count()) /
                                      static_cast<double>(columns_))};
        at = std::max({at, end_of_rhythm(score, half.begin), half.begin + least});
        continue;
      }
      boundaries_.push_back({half, width >= 12 && !half.look.is_dark()});
    }
  }

  /// A line where each half begins, and whose it is.
  void draw_boundaries() {
    const TextStyle letter{9, kSoft, true, Anchor::kMiddle};
    for (const auto& [half, has_room] : boundaries_) {
      const double from = x_of(half.begin);
      const double to = x_of(half.end);
      if (half.begin >= stretch_.from) {
        canvas_->line({from, band_top_ + head_ - 8}, {from, bottom_}, 0.75, kFaint);
      }
      if (!has_room) continue;
      const std::string_view whose = half.active == kBothSides  ? "L+R"
                                     : half.active == kLeftSide ? "L"
                                                                : "R";
      labels_->write({(from + to) / 2, band_top_ + head_ - 3}, whose, letter, from, to);
    }
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

  void draw_output(std::size_t output) {
    const Output& row = outputs_[output];
    double top = lane_top(output);
    const bool is_used = (planned_ && planned_->tally.outputs[output].switches > 0) ||
                         (played_ && played_->tally.outputs[output].switches > 0);
    TextStyle label = kLabel;
    if (!is_used) label.color = kFaint;
    const double room = left_ - kMargin;
    write({left_ - 12, top + 16}, shortened(printable(row.title()), room, label), label);
    if (planned_) draw_row(output, *planned_, top);
    if (planned_ && played_) {
      write({left_ - 12, top + kLaneHeight + 4}, "planned", kLabelNote);
      top += kPairPitch;
      write({left_ - 12, top + 16}, "played", kLabelNote);
    }
    if (played_) draw_row(output, *played_, top);
    if (row.kind != OutputKind::kAnalog) return;
    write({left_ - 12, top + kLaneHeight + 4}, fmt::format("0–{}", row.range), kLabelNote);
  }

  void draw_row(std::size_t output, const Shown& shown, double top) {
    const double base = top + kLaneHeight;
    canvas_->line({left_, base}, {right_, base}, 0.75, kRule);
    draw_lane(*canvas_, shown.lanes[output], outputs_[output].kind, {left_, top},
              kColors[output % kColors.size()]);
    draw_totals(outputs_[output], shown.tally.outputs[output], top);
  }

  void draw_totals(const Output& row, const OutputTally& sum, double top) {
    const double x = right_ + 14;
    const auto put = [&](double base, const std::string& text, const TextStyle& style) {
      write({x, top + base}, shortened(text, width_ - x, style), style);
    };
    if (sum.switches == 0) {
      TextStyle never = kTotalNote;
      never.color = kFaint;
      return put(16, "never on", never);
    }
    put(10, rounded(sum.on_time), kTotal);
    std::string note = fmt::format("{}×", with_commas(sum.switches));
    if (row.kind == OutputKind::kDirection) note = fmt::format("clockwise, {}", note);
    if (row.kind == OutputKind::kAnalog) note = fmt::format("{}, up to {}", note, sum.highest);
    put(24, note, kTotalNote);
  }

  const Scene& scene_;
  const Stretch stretch_;
  const std::span<const Output> outputs_;
  const double width_;
  double left_ = kMargin;
  double right_ = 0;
  double band_top_ = kBandTop;
  double head_ = 0;
  double bottom_ = 0;
  std::size_t columns_ = 0;
  std::optional<Shown> planned_;
  std::optional<Shown> played_;
  std::vector<Boundary> boundaries_;
  bool are_crowded_ = false;  ///< Somewhere, boundaries are too close to draw.
  std::vector<std::string> heading_;
  std::vector<std::string> footnotes_;
  std::unique_ptr<Canvas> canvas_;
  std::optional<Labels> labels_;
};

}  // namespace

std::string draw_picture(const Scene& scene, int width, MakeCanvas make_canvas) {
  return Picture{scene, width, make_canvas}.draw();
}

}  // namespace takt
