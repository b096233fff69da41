// SPDX-License-Identifier: Apache-2.0
#include "takt/core/program/point_row.h"

#include <limits>
#include <numeric>

namespace takt {
namespace {

constexpr std::int64_t kLargestAt = std::numeric_limits<std::uint32_t>::max();
constexpr std::int64_t kLargestLength = Point::kClockwise - 1;

}  // namespace

bool PointRow::add_pulse(Micros on, Micros pause, bool clockwise) {
  pulses_ = true;
  bool fits = true;
  if (on > Micros{}) {
    fits = refine(end_, on);
    const std::uint32_t direction = clockwise ? Point::kClockwise : 0;
    if (fits) add(end_, static_cast<std::uint32_t>(on / tick_) | direction);
  }
  end_ += on + pause;
  return fits;
}

bool PointRow::add_edge(Micros at, std::uint16_t value) {
  end_ = at;
  const bool fits = refine(at, Micros{});
  if (fits) add(at, value);
  return fits;
}

bool PointRow::refine(Micros at, Micros length) {
  const std::int64_t old = tick_.count();
  const std::int64_t tick = std::gcd(std::gcd(old, at.count()), length.count());
  last_at_ = at;
  if (length > longest_) longest_ = length;
  if (tick != 0 &&
      (last_at_.count() / tick > kLargestAt || longest_.count() / tick > kLargestLength))
    return false;
  tick_ = Micros{tick};
  if (builder_ == nullptr || old == 0 || old == tick) return true;
  const auto factor = static_cast<std::uint32_t>(old / tick);
  for (Point& point : builder_->points().last(count_)) {
    point.at *= factor;
    if (pulses_) point.value = (point.value & Point::kClockwise) | point.length() * factor;
  }
  return true;
}

void PointRow::add(Micros at, std::uint32_t value) {
  count_ += 1;
  if (builder_ == nullptr) return;
  Point& point = builder_->add_point();
  point.at = tick_ == Micros{} ? 0 : static_cast<std::uint32_t>(at / tick_);
  point.value = value;
}

}  // namespace takt
