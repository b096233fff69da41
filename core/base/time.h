// SPDX-License-Identifier: Apache-2.0
// Durations and the two clocks. Nothing here can ask what time it is: time is an argument.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

namespace takt {

/// A duration in microseconds, signed, 64 bits: ±292,000 years, so sums of checked program times
/// cannot overflow.
class Micros {
 public:
  constexpr Micros() = default;
  constexpr explicit Micros(std::int64_t count) : count_(count) {}

  static constexpr Micros max() { return Micros{std::numeric_limits<std::int64_t>::max()}; }

  constexpr std::int64_t count() const { return count_; }

  constexpr auto operator<=>(const Micros&) const = default;
  constexpr Micros operator-() const { return Micros{-count_}; }
  constexpr Micros& operator+=(Micros b) { return count_ += b.count_, *this; }
  constexpr Micros& operator-=(Micros b) { return count_ -= b.count_, *this; }

  friend constexpr Micros operator+(Micros a, Micros b) { return a += b; }
  friend constexpr Micros operator-(Micros a, Micros b) { return a -= b; }
  friend constexpr Micros operator*(Micros a, std::int64_t k) { return Micros{a.count_ * k}; }
  friend constexpr Micros operator*(std::int64_t k, Micros a) { return a * k; }
  /// How many whole `b` fit into `a`; `b` must not be zero.
  friend constexpr std::int64_t operator/(Micros a, Micros b) { return a.count_ / b.count_; }
  friend constexpr Micros operator/(Micros a, std::int64_t k) { return Micros{a.count_ / k}; }
  friend constexpr Micros operator%(Micros a, Micros b) { return Micros{a.count_ % b.count_}; }

 private:
  std::int64_t count_ = 0;
};

constexpr Micros millis(std::int64_t count) { return Micros{count * 1'000}; }
constexpr Micros seconds(std::int64_t count) { return Micros{count * 1'000'000}; }

/// An instant of one clock. Instants of different clocks neither compare nor subtract.
template <typename Clock>
class TimePoint {
 public:
  constexpr TimePoint() = default;
  constexpr explicit TimePoint(Micros since_zero) : since_zero_(since_zero) {}

  static constexpr TimePoint max() { return TimePoint{Micros::max()}; }

  constexpr Micros since_zero() const { return since_zero_; }

  constexpr auto operator<=>(const TimePoint&) const = default;
  constexpr TimePoint& operator+=(Micros d) { return since_zero_ += d, *this; }

  friend constexpr TimePoint operator+(TimePoint t, Micros d) { return t += d; }
  friend constexpr TimePoint operator-(TimePoint t, Micros d) { return t += -d; }
  friend constexpr Micros operator-(TimePoint a, TimePoint b) {
    return a.since_zero_ - b.since_zero_;
  }

 private:
  Micros since_zero_;
};

/// The device's own monotonic clock; zero is its start.
struct LocalClock;
/// The clock that devices of one session share; only a ClockMap converts.
struct SessionClock;

using LocalTime = TimePoint<LocalClock>;
using SessionTime = TimePoint<SessionClock>;

/// The deadline of something that is not going to happen.
inline constexpr LocalTime kNever = LocalTime::max();

/// Stands for the last time of an event that has not happened yet: longer ago than any wait, and
/// far from where subtraction would overflow.
inline constexpr LocalTime kLongAgo{Micros{-(std::int64_t{1} << 61)}};

}  // namespace takt
