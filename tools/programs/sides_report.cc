// SPDX-License-Identifier: Apache-2.0
#include "tools/programs/sides_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "takt/core/json/duration_text.h"
#include "takt/core/pattern/palette.h"
#include "tools/cli/text.h"

namespace takt {
namespace {

constexpr std::array<std::string_view, 4> kSides{"alternate", "both", "left", "right"};

std::size_t rhythm_count(const Pattern& pattern) {
  return std::max<std::size_t>(pattern.score.segments.size(), 1);
}

std::uint32_t most_flashes_mhz(const Pattern& pattern) {
  std::uint32_t most = 0;
  for (std::size_t i = 0; i < rhythm_count(pattern); ++i) {
    most = std::max(most, rhythm_of(pattern, i).flashes_mhz);
  }
  return most;
}

std::string per_second(std::uint32_t rate_mhz) {
  return fmt::format("{:g}", static_cast<double>(rate_mhz) / 1'000);
}

/// "motor 60 %, light 20 % white".
std::string text_of(const Look& look) {
  std::string text;
  if (look.intensity > 0) text += fmt::format("motor {} %", look.intensity);
  if (look.brightness > 0) {
    text += fmt::format("{}light {} % {}", text.empty() ? "" : ", ", look.brightness,
                        kPalette[look.colour].name);
  }
  return text.empty() ? "dark" : text;
}

}  // namespace

Rhythm rhythm_of(const Pattern& pattern, std::size_t index) {
  const Score& score = pattern.score;
  Rhythm rhythm;
  if (pattern.is_bilateral()) {
    rhythm.rate_mhz = static_cast<std::uint32_t>(
        (1'000'000'000 + score.bilateral.cycle.count() / 2) / score.bilateral.cycle.count());
    rhythm.look = score.bilateral.look;
    rhythm.sides = kSides[0];
  } else {
    const Segment& segment = score.segments[index];
    rhythm.at = millis(segment.at_ms);
    rhythm.rate_mhz = segment.rate_mhz;
    rhythm.fade = millis(segment.fade_ms);
    rhythm.look = segment.look;
    rhythm.sides = kSides[static_cast<std::size_t>(segment.mode)];
  }
  const Half half = half_at(score, rhythm.at);
  rhythm.half = half.end - half.begin;
  rhythm.pulse = half.off - half.begin;
  if (rhythm.look.brightness > 0 && half.off < half.end) rhythm.flashes_mhz = 2 * rhythm.rate_mhz;
  return rhythm;
}

void print_sides(const Program& program) {
  const Pattern& pattern = *program.pattern;
  fmt::print("{:<12} {:>12} {:>12} {:>12} {:>9}  {:<10} {}\n", "Cycles from", "Rate", "Half",
             "Pulse", "Flashes/s", "Sides", "Shows");
  for (std::size_t i = 0; i < rhythm_count(pattern); ++i) {
    const Rhythm rhythm = rhythm_of(pattern, i);
    std::string shows = text_of(rhythm.look);
    if (rhythm.fade > Micros{}) shows += fmt::format(", fading for {}", readable(rhythm.fade));
    fmt::print("{:<12} {:>12} {:>12} {:>12} {:>9}  {:<10} {}\n", readable(rhythm.at),
               format_rate(rhythm.rate_mhz).view(), readable(rhythm.half), readable(rhythm.pulse),
               per_second(rhythm.flashes_mhz), rhythm.sides, shows);
  }
  fmt::print("\nDead time  {} between sides that alternate{}\n", readable(pattern.score.dead_time),
             pattern.score.exclusive ? "; never on together" : "");
  fmt::print("Passes     {} of {}\n", with_commas(program.repeats), readable(pattern.length));
  if (pattern.soft_start + pattern.soft_stop > Micros{}) {
    fmt::print("Softly     {} up, {} down\n", readable(pattern.soft_start),
               readable(pattern.soft_stop));
  }
  fmt::print("Flashes    at most {} a second{}\n\n", per_second(most_flashes_mhz(pattern)),
             pattern.flashing_acknowledged ? ", acknowledged" : "");
}

void json_sides(JsonOut& out, const Program& program) {
  const Pattern& pattern = *program.pattern;
  out.begin_object("sides");
  out.field("kind", pattern.is_bilateral() ? "bilateral" : "pattern");
  out.field("passes", program.repeats);
  out.field("pass_us", pattern.length);
  out.field("dead_time_us", pattern.score.dead_time);
  out.field("exclusive", pattern.score.exclusive);
  out.field("soft_start_us", pattern.soft_start);
  out.field("soft_stop_us", pattern.soft_stop);
  out.field("flashes_mhz", most_flashes_mhz(pattern));
  out.field("flashing_acknowledged", pattern.flashing_acknowledged);
  out.begin_array("segments");
  for (std::size_t i = 0; i < rhythm_count(pattern); ++i) {
    const Rhythm rhythm = rhythm_of(pattern, i);
    out.begin_object();
    out.field("at_us", rhythm.at);
    out.field("rate_mhz", rhythm.rate_mhz);
    out.field("half_us", rhythm.half);
    out.field("pulse_us", rhythm.pulse);
    out.field("fade_us", rhythm.fade);
    out.field("flashes_mhz", rhythm.flashes_mhz);
    out.field("sides", rhythm.sides);
    out.field("intensity", rhythm.look.intensity);
    out.field("brightness", rhythm.look.brightness);
    out.field("colour", kPalette[rhythm.look.colour].name);
    out.end_object();
  }
  out.end_array();
  out.end_object();
}

}  // namespace takt
