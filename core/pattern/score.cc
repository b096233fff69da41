// SPDX-License-Identifier: Apache-2.0
#include "takt/core/pattern/score.h"

#include <algorithm>

namespace takt {
namespace {

/// A cycle: two halves. Of every two cycles of odd length, one gives its odd microsecond to the
/// first half and one to the second, so both sides get the same.
struct Cycle {
  Micros begin;
  Micros end;
  bool odd = false;  ///< By its number.

  Micros middle() const {
    const Micros length = end - begin;
    return begin + (odd ? length - length / 2 : length / 2);
  }
};

SideSet sides_of(SideMode mode, bool second, bool flipped) {
  switch (mode) {
    case SideMode::kAlternate: return second != flipped ? kRightSide : kLeftSide;
    case SideMode::kBoth: return kBothSides;
    case SideMode::kLeft: return flipped ? kRightSide : kLeftSide;
    case SideMode::kRight: return flipped ? kLeftSide : kRightSide;
  }
  return 0;
}

/// The half of `cycle` in which `at` lies. `shortest` is the shortest of all halves of its rhythm,
/// on which every pulse is measured, so that all are equally long.
Half half_of(const Cycle& cycle, Micros at, unsigned duty_percent, Micros shortest) {
  Half half;
  half.odd = cycle.odd;
  half.second = at >= cycle.middle();
  half.begin = half.second ? cycle.middle() : cycle.begin;
  half.end = half.second ? cycle.end : cycle.middle();
  half.off = duty_percent == 100 ? half.end : half.begin + shortest * duty_percent / 100;
  return half;
}

/// Keeps a pulse off what must not touch it: whatever the duty, the last moments before the next
/// half are the dead time.
void part(Half& half, bool before, bool after, Micros shortest, Micros dead_time) {
  half.begins_apart = before;
  half.ends_apart = after;
  if (!after) return;
  half.off = std::max(half.begin, std::min(half.off, half.begin + shortest - dead_time));
}

Half bilateral_half_at(const Score& score, Micros at) {
  const Bilateral& setting = score.bilateral;
  const std::int64_t number = at / setting.cycle;
  const Cycle cycle{setting.cycle * number, setting.cycle * (number + 1), number % 2 != 0};
  const Micros shortest = setting.cycle / 2;
  Half half = half_of(cycle, at, setting.duty_percent, shortest);
  part(half, true, true, shortest, score.dead_time);
  half.active = sides_of(SideMode::kAlternate, half.second, score.flipped);
  half.reversed = setting.alternate_direction && cycle.odd;
  half.look = setting.look;
  return half;
}

Micros begin_of(const Segment& segment) { return millis(segment.at_ms); }

/// The cycle in which `at` lies, both counted from the beginning of a segment that lasts `length`
/// and holds `cycles`. Cycle c begins at the floor of c · length / cycles: rounding never adds up.
Cycle cycle_at(Micros length, std::int64_t cycles, Micros at) {
  const std::int64_t number = (cycles * (at.count() + 1) + length.count() - 1) / length.count() - 1;
  return {length * number / cycles, length * (number + 1) / cycles, number % 2 != 0};
}

/// Whether nothing may touch the halves of `segment`.
bool parts(const Score& score, const Segment& segment) {
  return segment.mode == SideMode::kAlternate || score.exclusive;
}

Half segment_half_at(const Score& score, Micros at) {
  const std::int64_t pass = at / score.length;
  const Micros place = at % score.length;
  const auto after = std::upper_bound(
      score.segments.begin(), score.segments.end(), place,
      [](Micros time, const Segment& segment) { return time < begin_of(segment); });
  const Segment& segment = *(after - 1);
  const Micros end = after == score.segments.end() ? score.length : begin_of(*after);
  const Micros length = end - begin_of(segment);
  const std::int64_t cycles = length.count() * segment.rate_mhz / 1'000'000'000;
  const Cycle cycle = cycle_at(length, cycles, place - begin_of(segment));

  const Micros shortest = length / cycles / 2;
  Half half = half_of(cycle, place - begin_of(segment), segment.duty_percent, shortest);
  // The halves before and after may be those of other segments, or of other passes.
  const bool first_half = half.begin == Micros{0};
  const bool last_half = half.end == length;
  const Segment& before =
      after - 1 == score.segments.begin() ? score.segments.back() : *(after - 2);
  const Segment& next = after == score.segments.end() ? score.segments.front() : *after;
  const bool parted = parts(score, segment);
  part(half, parted || (first_half && parts(score, before)),
       parted || (last_half && parts(score, next)), shortest, score.dead_time);
  const Micros base = score.length * pass + begin_of(segment);
  half.begin += base;
  half.end += base;
  half.off += base;
  half.active = sides_of(segment.mode, half.second, segment.flipped != score.flipped);
  half.look = segment.look;
  half.fade_begin = base;
  half.fade_end = base + millis(segment.fade_ms);
  const bool first = &segment == &score.segments.front();
  if (!first) half.from = (&segment - 1)->look;
  if (first && pass > 0) half.from = score.segments.back().look;
  return half;
}

std::uint8_t between(std::uint8_t from, std::uint8_t to, Micros part, Micros whole) {
  return static_cast<std::uint8_t>(from + (to - from) * part.count() / whole.count());
}

}  // namespace

Look Half::look_at(Micros at) const {
  if (!fades_at(at)) return look;
  const Micros part = at - fade_begin;
  const Micros whole = fade_end - fade_begin;
  return {between(from.intensity, look.intensity, part, whole),
          between(from.brightness, look.brightness, part, whole), look.colour};
}

Half half_at(const Score& score, Micros at) {
  return score.segments.empty() ? bilateral_half_at(score, at) : segment_half_at(score, at);
}

Micros lead_in(Micros cycle, bool second, bool odd) {
  const Cycle first{odd ? cycle : Micros{0}, odd ? cycle * 2 : cycle, odd};
  return second ? first.middle() : first.begin;
}

}  // namespace takt
