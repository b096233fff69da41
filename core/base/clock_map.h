// SPDX-License-Identifier: Apache-2.0
// The line between a device's own clock and the session's, and how wrong it may be.
#pragma once

#include <cstdint>

#include "takt/core/base/time.h"

namespace takt {

/// The only conversion between local and session time: a line through one pair of instants, with a
/// bound on its error that grows with the distance from there. A plain value; the default says that
/// both clocks are the same, for certain: a device that plays alone.
///
/// core/sync maintains it; code that plans with it takes a copy. Cost: one 64-bit division for each
/// call. Times within 146,000 years of the anchors do not overflow.
struct ClockMap {
  /// No real oscillator differs by more, and both products below stay within 64 bits.
  static constexpr std::int32_t kMaxRatePpb = 1'000'000;

  LocalTime local;               ///< The anchor, by the clock of this device.
  SessionTime session;           ///< The same instant, by session time.
  std::int32_t rate_ppb = 0;     ///< Session time is faster by this; at most ±kMaxRatePpb.
  std::uint32_t growth_ppb = 0;  ///< Of the bound; at most 1,000,000,000.
  Micros bound;                  ///< Of the error at the anchor; not negative.

  constexpr bool operator==(const ClockMap&) const = default;

  /// Never goes back as `at` advances; rounds down. kNever is SessionTime::max().
  constexpr SessionTime session_at(LocalTime at) const {
    if (at == kNever) return SessionTime::max();
    const std::int64_t elapsed = (at - local).count();
    return session + Micros{elapsed + scaled(elapsed, rate_ppb)};
  }

  /// The earliest local instant at which session_at() is `at` or later; never goes back as `at`
  /// advances. So local_at(session_at(t)) is t or 1 us earlier, and session_at(local_at(s)) is s or
  /// 1 us later. SessionTime::max() is kNever.
  constexpr LocalTime local_at(SessionTime at) const {
    if (at == SessionTime::max()) return kNever;
    const std::int64_t slope = kBillion + rate_ppb;
    const std::int64_t elapsed = (at - session).count();
    const std::int64_t whole = floor_div(elapsed, slope);
    const std::int64_t rest = elapsed - whole * slope;
    return local + Micros{whole * kBillion - floor_div(-rest * kBillion, slope)};
  }

  /// True session time lies within this of session_at(at).
  constexpr Micros bound_at(LocalTime at) const {
    const std::int64_t elapsed = (at < local ? local - at : at - local).count();
    return bound - Micros{scaled(-elapsed, growth_ppb)};
  }

 private:
  static constexpr std::int64_t kBillion = 1'000'000'000;

  static constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) {
    return a / b - (a % b < 0 ? 1 : 0);
  }

  /// count · ppb / 10⁹, rounded down, without the product's overflow.
  static constexpr std::int64_t scaled(std::int64_t count, std::int64_t ppb) {
    const std::int64_t whole = floor_div(count, kBillion);
    return whole * ppb + floor_div((count - whole * kBillion) * ppb, kBillion);
  }
};

}  // namespace takt
