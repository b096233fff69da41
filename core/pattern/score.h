// SPDX-License-Identifier: Apache-2.0
// What two sides do, half-cycle after half-cycle, as a function of time.
#pragma once

#include <cstdint>
#include <span>

#include "takt/core/base/time.h"

namespace takt {

enum class Side : std::uint8_t { kLeft, kRight };

/// One bit for each side.
using SideSet = std::uint8_t;
inline constexpr SideSet kLeftSide = 1;
inline constexpr SideSet kRightSide = 2;
inline constexpr SideSet kBothSides = kLeftSide | kRightSide;

/// Which sides are active in a half-cycle.
enum class SideMode : std::uint8_t {
  kAlternate,  ///< Left in even halves, right in odd ones.
  kBoth,       ///< Both, mirrored, in every half.
  kLeft,       ///< Left in every half.
  kRight,
};

/// What an active side shows, in percent and by index into a palette.
struct Look {
  std::uint8_t intensity = 0;   ///< Of the motor; 0: light only.
  std::uint8_t brightness = 0;  ///< Of the light; 0: motor only.
  std::uint8_t colour = 0;

  bool is_dark() const { return intensity == 0 && brightness == 0; }
  bool operator==(const Look&) const = default;
};

/// A stretch of a pattern with one rhythm. It lasts until the next segment or the pattern's end,
/// which is a whole number of cycles.
struct Segment {
  std::uint32_t at_ms = 0;        ///< From the pattern's epoch.
  std::uint16_t rate_mhz = 0;     ///< Cycles (pairs of halves) per 1,000 seconds: 500 is 0.5 Hz.
  std::uint16_t fade_ms = 0;      ///< From the look before, at the segment's beginning.
  std::uint8_t duty_percent = 0;  ///< Time on, of the active half.
  Look look;
  SideMode mode = SideMode::kAlternate;
  bool flipped = false;  ///< Begins with the other side.

  bool operator==(const Segment&) const = default;
};

/// What a therapist sets; may change at any boundary.
struct Bilateral {
  Micros cycle = seconds(1);  ///< Left and right together: half of it each.
  std::uint8_t duty_percent = 100;
  Look look;
  bool alternate_direction = false;  ///< Motors turn the other way in every second cycle.

  bool operator==(const Bilateral&) const = default;
};

/// Either a bilateral cycle without end, or segments that repeat without end.
struct Score {
  std::span<const Segment> segments;  ///< Empty: `bilateral` counts.
  Micros length;                      ///< Of all segments together.
  Bilateral bilateral;
  /// All off at the end of each half in which sides alternate, or which such a half follows; of
  /// every half, if exclusive.
  Micros dead_time = millis(1);
  bool exclusive = false;  ///< The sides are never on together.
  bool flipped = false;  ///< Right plays where it says left: for a score that takes over mid-cycle.
};

/// One half-cycle: what happens between two boundaries. Times count from the score's beginning.
struct Half {
  Micros begin;
  Micros end;
  Micros off;  ///< Until then the active sides are on.
  SideSet active = 0;
  bool begins_apart = false;  ///< The pulse before must not touch it.
  bool ends_apart = false;    ///< The pulse after must not touch it.
  bool second = false;        ///< It is the second half of its cycle.
  bool odd = false;           ///< The number of its cycle is odd.
  bool reversed = false;      ///< Motors turn counter-clockwise.
  Look look;                  ///< What the active sides show after the fade.
  Look from;                  ///< What they show before the fade.
  Micros fade_begin;          ///< Equal to fade_end: there is no fade.
  Micros fade_end;

  bool fades_at(Micros at) const { return at < fade_end; }
  Look look_at(Micros at) const;
};

/// The half-cycle in which `at` (not negative) lies; at a boundary, the one that begins there.
/// A pure function: seeking equals playing. Cost: O(log segments).
Half half_at(const Score& score, Micros at);

/// How long after the beginning of bilateral cycles the first half of that kind begins: for a score
/// that takes over from another without changing the beat.
Micros lead_in(Micros cycle, bool second, bool odd);

}  // namespace takt
