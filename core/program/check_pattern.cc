// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <optional>

#include "takt/core/base/bits.h"
#include "takt/core/json/duration_text.h"
#include "takt/core/pattern/palette.h"
#include "takt/core/program/bilateral_rules.h"
#include "takt/core/program/check_log.h"
#include "takt/core/program/limits.h"

namespace takt {
namespace {

/// "500ms to 2s".
MessageText range_of(std::string_view what, Micros least, Micros most) {
  return message_of(what, format_duration(least).view(), " to ", format_duration(most).view());
}

/// More than the beginnings of halves, which are rounded down to the microsecond, can be off.
constexpr Micros kRounding{3};

class PatternChecker {
 public:
  PatternChecker(const Program& program, CheckLog& log)
      : program_(program), pattern_(*program.pattern), score_(pattern_.score), log_(log) {}

  void run() {
    check_phases();
    check_times();
    check_outputs();
    if (log_.failed()) return;  // What follows indexes outputs and divides by times.
    if (pattern_.is_bilateral()) {
      check_bilateral();
    } else {
      check_segments();
    }
    if (log_.failed()) return;
    check_interlocks();
    // A bilateral light is never bright enough.
    if (!pattern_.is_bilateral() && !pattern_.flashing_acknowledged) check_flashes();
  }

 private:
  std::string_view table() const { return pattern_.is_bilateral() ? "bilateral" : "pattern"; }

  PointerText at(std::string_view field) const {
    PointerText pointer;
    return pointer.append("/").append(table()).append("/").append(field);
  }
  static PointerText at_segment(std::size_t index, std::string_view field = {}) {
    PointerText pointer = row_pointer("pattern/segments", index);
    return field.empty() ? pointer : pointer.append("/").append(field);
  }

  void check_phases() {
    const auto is_plain = [](const Phase& phase) {
      return phase.component_count == 0 && phase.delay == Micros{} && !phase.end.exists();
    };
    if (program_.phases.size() != 1 || !is_plain(program_.phases.front()) ||
        !program_.components.empty() || !program_.loops.empty()) {
      log_.error(PointerText{"/phases"},
                 "a program for two sides has one phase that holds nothing");
    }
  }

  void check_times() {
    const bool bilateral = pattern_.is_bilateral();
    const Micros most = bilateral ? kMaxSession : kMaxPatternLength;
    const Micros length = pattern_.length;
    const bool sound = length > Micros{} && length <= most;
    if (!sound || (!bilateral && score_.length != length)) {
      log_.error(at(bilateral ? "session" : "length"),
                 message_of(bilateral ? "a session" : "a pattern", " lasts longer than 0, up to ",
                            format_duration(most).view()));
    }
    if (score_.dead_time < kMinDeadTime || score_.dead_time > kMaxDeadTime) {
      log_.error(at("dead_time"), range_of("a dead time is ", kMinDeadTime, kMaxDeadTime));
    }
    if (sound) check_soft_times();
  }

  /// They belong to the run, whose passes are as many as the program repeats.
  void check_soft_times() {
    const Micros up = pattern_.soft_start;
    const Micros down = pattern_.soft_stop;
    const PointerText here = at(up > Micros{} ? "soft_start" : "soft_stop");
    if (up < Micros{} || up > kMaxDuration || down < Micros{} || down > kMaxDuration) {
      return log_.error(here, "a time is 0 to 24.8 days");
    }
    const std::int64_t passes = program_.repeats;
    // A run of more than kMaxRun is refused elsewhere.
    const Micros run = pattern_.length > kMaxRun / passes ? kMaxRun : pattern_.length * passes;
    if (up + down > run) {
      log_.error(here, "'soft_start' and 'soft_stop' together are longer than the whole run");
    }
  }

  const SideOutputs& side(std::size_t index) const { return pattern_.sides[index]; }

  static std::string_view name_of(std::size_t side) { return side == 0 ? "left" : "right"; }

  bool is_output(std::uint8_t index) const { return index < program_.outputs.size(); }

  const Output& output(std::uint8_t index) const { return program_.outputs[index]; }

  void check_outputs() {
    std::uint32_t used = 0;
    for (std::size_t i = 0; i < 2; ++i) {
      const SideOutputs& row = side(i);
      check_output(i, "motor", row.motor, OutputKind::kSwitch, used);
      check_output(i, "drive", row.drive, OutputKind::kAnalog, used);
      check_output(i, "light", row.light, OutputKind::kSwitch, used);
      check_output(i, "brightness", row.brightness, OutputKind::kAnalog, used);
      check_output(i, "colour", row.colour, OutputKind::kAnalog, used);
      const PointerText here = at(name_of(i));
      if (row.drive != kNoOutput && row.motor == kNoOutput) {
        log_.error(here, "'drive' goes with 'motor'");
      }
      if ((row.brightness != kNoOutput || row.colour != kNoOutput) && row.light == kNoOutput) {
        log_.error(here, "'brightness' and 'colour' go with 'light'");
      }
    }
    if (pattern_.is_bilateral() && ((side(0).motor == kNoOutput) != (side(1).motor == kNoOutput) ||
                                    (side(0).light == kNoOutput) != (side(1).light == kNoOutput))) {
      log_.error(at("right"), "left and right must have the same: a motor, a light, or both");
    }
    const bool fades = side(0).drive != kNoOutput || side(0).brightness != kNoOutput ||
                       side(1).drive != kNoOutput || side(1).brightness != kNoOutput;
    if (!fades && (pattern_.soft_start > Micros{} || pattern_.soft_stop > Micros{})) {
      log_.error(at(pattern_.soft_start > Micros{} ? "soft_start" : "soft_stop"),
                 "there is no 'drive' and no 'brightness' that could change softly");
    }
  }

  void check_output(std::size_t side, std::string_view field, std::uint8_t index, OutputKind kind,
                    std::uint32_t& used) {
    if (index == kNoOutput) return;
    const PointerText here = at(name_of(side)).append("/").append(field);
    if (!is_output(index)) return log_.error(here, "there is no such output");
    if (output(index).kind != kind) {
      log_.error(here, message_of("a '", field, "' is an output of kind '",
                                  kind == OutputKind::kAnalog ? "analog" : "switch", "'"));
    }
    if (has(used, index)) {
      log_.error(here, message_of("output ", Quoted{output(index).id}, " is used twice"));
    }
    used |= bit(index);
  }

  void check_bilateral() {
    const Bilateral& setting = score_.bilateral;
    if (!score_.exclusive) log_.error(at("exclusive"), "a bilateral session is exclusive");
    if (const auto refusal = refusal_of(setting, program_)) {
      log_.error(at(refusal->field), refusal->reason);
      return;
    }
    if (pattern_.length < setting.cycle) {
      log_.error(at("session"), "a session lasts at least one cycle");
    }
    check_look(setting.look, kBothSides, at("intensity"), at("brightness"), at("colour"));
    for (std::size_t i = 0; i < 2 && setting.alternate_direction; ++i) {
      const std::uint8_t motor = side(i).motor;
      if (motor != kNoOutput && output(motor).direction != kNoOutput) continue;
      log_.error(at("alternate_direction"),
                 message_of("the ", name_of(i), " side has no motor with a direction output"));
    }
  }

  void check_segments() {
    const std::span<const Segment> all = score_.segments;
    if (all.size() > kMaxSegments) {
      log_.error(at("segments"),
                 message_of(all.size(), " are more than the limit of ", kMaxSegments));
    }
    if (all.front().at_ms != 0) log_.error(at_segment(0, "at"), "the first segment begins at 0");
    for (std::size_t i = 0; i + 1 < all.size(); ++i) {
      if (all[i + 1].at_ms > all[i].at_ms) continue;
      log_.error(at_segment(i + 1, "at"), "every segment must begin later than the one before it");
    }
    if (millis(all.back().at_ms) >= pattern_.length) {
      log_.error(at("length"), "the pattern ends before its last segment begins");
    }
    if (log_.failed()) return;
    for (std::size_t i = 0; i < all.size(); ++i) check_segment(i);
  }

  Micros length_of(std::size_t index) const {
    const std::span<const Segment> all = score_.segments;
    const Micros end = index + 1 < all.size() ? millis(all[index + 1].at_ms) : score_.length;
    return end - millis(all[index].at_ms);
  }

  void check_segment(std::size_t index) {
    const Segment& row = score_.segments[index];
    const Micros length = length_of(index);
    if (row.rate_mhz < kMinRateMhz || row.rate_mhz > kMaxRateMhz) {
      log_.error(at_segment(index, "rate"),
                 message_of("a rate is ", kMinRateMhz, " mHz to ", kMaxRateMhz / 1'000, " Hz"));
      return;
    }
    if (length.count() * row.rate_mhz % 1'000'000'000 != 0) {
      log_.error(at_segment(index), message_of("it lasts ", format_duration(length).view(),
                                               ", which is not a whole number of cycles at ",
                                               format_rate(row.rate_mhz).view()));
      return;
    }
    if (row.duty_percent < 1 || row.duty_percent > 100) {
      log_.error(at_segment(index, "duty"), "a duty is 1 to 100 %");
    } else if (const Half last = half_at(score_, millis(row.at_ms) + length - Micros{1});
               last.off <= last.begin) {
      log_.error(at_segment(index), "the dead time leaves nothing of its halves");
    }
    if (millis(row.fade_ms) > length) {
      log_.error(at_segment(index, "fade"), "the fade is longer than the segment");
    }
    if (row.mode == SideMode::kBoth && score_.exclusive) {
      log_.error(at_segment(index, "sides"), "the sides of an exclusive pattern are never both on");
    }
    if (row.flipped && row.mode != SideMode::kAlternate) {
      log_.error(at_segment(index, "begin"), "'begin' goes with sides that alternate");
    }
    const SideSet active = row.mode == SideMode::kLeft    ? kLeftSide
                           : row.mode == SideMode::kRight ? kRightSide
                                                          : kBothSides;
    check_look(row.look, active, at_segment(index, "intensity"), at_segment(index, "brightness"),
               at_segment(index, "colour"));
  }

  /// `active`: the sides that show the look.
  void check_look(const Look& look, SideSet active, const PointerText& at_intensity,
                  const PointerText& at_brightness, const PointerText& at_colour) {
    if (look.intensity > 100) return log_.error(at_intensity, "an intensity is 0 to 100 %");
    if (look.brightness > 100) return log_.error(at_brightness, "a brightness is 0 to 100 %");
    if (look.colour >= kColourCount) {
      return log_.error(at_colour, message_of("a colour is 0 to ", kColourCount - 1));
    }
    bool motor = look.intensity == 0;
    bool light = look.brightness == 0;
    for (std::size_t i = 0; i < 2; ++i) {
      if (!has(active, i)) continue;
      const SideOutputs& row = side(i);
      motor = motor || row.motor != kNoOutput;
      light = light || row.light != kNoOutput;
      check_level(row.motor, row.drive, "drive", look.intensity, at_intensity);
      check_level(row.light, row.brightness, "brightness", look.brightness, at_brightness);
      check_colour(row, look, at_colour);
    }
    if (!motor) log_.error(at_intensity, "no side that is active has a motor");
    if (!light) log_.error(at_brightness, "no side that is active has a light");
  }

  void check_level(std::uint8_t power, std::uint8_t analog, std::string_view field,
                   unsigned percent, const PointerText& here) {
    if (!is_output(power) || percent == 0) return;
    if (!is_output(analog)) {
      if (percent == 100) return;
      log_.error(here, message_of("output ", Quoted{output(power).id}, " has no '", field,
                                  "' beside it, so it is 0 or 100 %"));
      return;
    }
    const Output& row = output(analog);
    const unsigned level = row.range * percent / 100;
    if (level >= 1 && level <= row.most()) return;
    log_.error(here, message_of("this is level ", level, " of output ", Quoted{row.id},
                                ", which takes 1 to ", row.most()));
  }

  void check_colour(const SideOutputs& row, const Look& look, const PointerText& here) {
    if (!is_output(row.light) || look.brightness == 0) return;
    const unsigned most = is_output(row.colour) ? output(row.colour).most() : 0;
    if (look.colour <= most) return;
    const std::uint8_t named = is_output(row.colour) ? row.colour : row.light;
    log_.error(here, message_of("'", kPalette[look.colour].name, "' is colour ", look.colour,
                                ", but output ", Quoted{output(named).id},
                                most > 0 ? " takes 0 to " : " has no 'colour' beside it",
                                most > 0 ? FixedText<24>{}.append(std::int64_t{most}).view() : ""));
  }

  void check_interlocks() {
    if (!score_.exclusive) return;
    check_exclusion(side(0).motor, side(1).motor);
    check_exclusion(side(0).light, side(1).light);
  }

  void check_exclusion(std::uint8_t left, std::uint8_t right) {
    if (left == kNoOutput || right == kNoOutput) return;
    const std::uint32_t pair = bit(left) | bit(right);
    std::optional<std::size_t> strictest;
    for (std::size_t i = 0; i < program_.interlocks.size(); ++i) {
      const Interlock& row = program_.interlocks[i];
      if (row.kind != InterlockKind::kNeverTogether || (row.outputs & pair) != pair) continue;
      if (!strictest || row.dead_time > program_.interlocks[*strictest].dead_time) strictest = i;
      if (row.dead_time > score_.dead_time) {
        log_.error(row_pointer("interlocks", i),
                   message_of("its dead time is longer than that between the sides, ",
                              format_duration(score_.dead_time).view()));
      }
    }
    if (strictest) {
      if (program_.interlocks[*strictest].dead_time >= kMinDeadTime) return;
      return log_.error(row_pointer("interlocks", *strictest),
                        message_of("it parts the sides, so its dead time is at least ",
                                   format_duration(kMinDeadTime).view()));
    }
    PointerText here;
    here.append("/").append(table());
    log_.error(here, message_of("it needs the interlock {\"never_together\": [\"", output(left).id,
                                "\", \"", output(right).id, "\"], \"dead_time\": \"",
                                format_duration(score_.dead_time).view(), "\"}"));
  }

  /// A light flashes with each half, unless it stays on; there it does at most where the look
  /// changes. Of a segment with many halves,
  /// the first and the last show all that there is: between them it goes on evenly.
  void check_flashes() {
    const std::span<const Segment> all = score_.segments;
    // As many passes as a second can touch, besides the first.
    const auto passes = static_cast<std::size_t>(seconds(1) / score_.length) + 2;
    for (std::size_t n = 0; n < passes * all.size(); ++n) {
      const std::size_t i = n % all.size();
      const Segment& row = all[i];
      const Segment& before = all[(n + all.size() - 1) % all.size()];
      const auto pass = static_cast<std::int64_t>(n / all.size());
      const Micros begin = score_.length * pass + millis(row.at_ms);
      const Micros end = begin + length_of(i);
      const Half first = half_at(score_, begin);
      if (first.off == first.end) {
        const bool same = row.look == before.look && row.mode == before.mode;
        if (!same && flashes_too_often(first, i)) return;
        continue;
      }
      const std::int64_t halves = length_of(i).count() * row.rate_mhz / 500'000'000;
      Half half = first;
      for (std::int64_t k = 0; k < std::min(halves, kEnough); ++k) {
        if (flashes_too_often(half, i)) return;
        half = half_at(score_, half.end);
      }
      if (halves <= kEnough) continue;
      const std::int64_t rest = std::min(halves - kEnough, kEnough);
      half = half_at(score_, std::max(half.begin, end - length_of(i) * rest / halves));
      for (; half.begin < end; half = half_at(score_, half.end)) {
        if (flashes_too_often(half, i)) return;
      }
    }
  }

  /// Counts a flash where `half` of segment `index` begins, if it is bright. True: it is one too
  /// many within a second, and said.
  bool flashes_too_often(const Half& half, std::size_t index) {
    const unsigned brightest =
        std::max(half.look_at(half.begin).brightness, half.look_at(half.off).brightness);
    if (brightest <= kFlashBrightness) return false;
    const Micros oldest = flashes_[flash_count_ % flashes_.size()];
    const bool is_full = flash_count_ >= flashes_.size();
    flashes_[flash_count_++ % flashes_.size()] = half.begin;
    if (!is_full || half.begin - oldest >= seconds(1) - kRounding) return false;
    log_.error(at_segment(index),
               message_of(kMaxFlashesPerSecond + 1, " flashes of up to ", brightest, " % within ",
                          format_duration(half.begin - oldest).view(), ": more than ",
                          kMaxFlashesPerSecond, " in a second above ", kFlashBrightness,
                          " % can start a seizure; whoever means it writes "
                          "\"acknowledge_flashing\": true into the pattern"));
    return true;
  }

  /// Halves at either end of a segment that are looked at: a second may begin or end with any.
  static constexpr std::int64_t kEnough = kMaxFlashesPerSecond + 1;

  const Program& program_;
  const Pattern& pattern_;
  const Score& score_;
  CheckLog& log_;
  std::array<Micros, kMaxFlashesPerSecond> flashes_;  ///< When the latest bright ones began.
  std::size_t flash_count_ = 0;
};

}  // namespace

void check_pattern(const Program& program, CheckLog& log) { PatternChecker{program, log}.run(); }

}  // namespace takt
