// SPDX-License-Identifier: Apache-2.0
#include "takt/core/program/cursor.h"

#include <algorithm>

#include "takt/core/program/limits.h"

namespace takt {
namespace {

/// Steps of a ramp to or from `value` within `length`: at least one, at most one for each unit of
/// the value and each tick.
std::uint32_t ramp_steps(std::uint16_t value, Micros length) {
  const std::int64_t ticks = std::max<std::int64_t>(1, length / kRampTick);
  return static_cast<std::uint32_t>(std::min<std::int64_t>(value, ticks));
}

}  // namespace

Micros ComponentCursor::seek(const Program& program, const Component& component, Micros offset,
                             Wishes& wishes) {
  const Output& output = program.outputs[component.output];
  *this = {};
  component_ = &component;
  points_ = program.points_of(component).data();
  analog_ = output.kind == OutputKind::kAnalog;
  channel_ = output.channel;
  if (!component.plays()) return Micros::max();
  const Micros since_start = offset - component.start;
  switch (component.kind) {
    case ComponentKind::kPulses: return seek_pulses(since_start, wishes);
    case ComponentKind::kEdges: return seek_edges(since_start, wishes);
    case ComponentKind::kRamp: return seek_ramp(since_start, wishes);
  }
  return Micros::max();
}

Micros ComponentCursor::step_levels(Wishes& wishes) {
  if (component_->kind == ComponentKind::kEdges) {
    set_level(static_cast<std::uint16_t>(points_[index_].value), wishes);
  } else {
    set_level(ramp_level(index_), wishes);
  }
  ++index_;
  return edge_time();
}

Micros ComponentCursor::seek_pulses(Micros since_start, Wishes& wishes) {
  const Component& c = *component_;
  left_ = c.repeats;
  base_ = c.start;
  if (since_start >= Micros{0}) {
    const std::int64_t over = std::min<std::int64_t>(since_start / c.period, c.repeats);
    left_ -= static_cast<std::uint32_t>(over);
    base_ += c.period * over;
    if (left_ == 0) return Micros::max();
  }
  const Micros into = c.start + since_start - base_;
  const Point* const end = points_ + c.point_count;
  // The first pulse that has not begun yet; the one before it may still be on.
  const Point* const coming = std::upper_bound(
      points_, end, into, [&c](Micros t, const Point& p) { return t < c.tick * p.at; });
  if (coming != points_ && into < c.tick * (coming[-1].at + std::int64_t{coming[-1].length()})) {
    index_ = static_cast<std::uint32_t>(coming - 1 - points_) * 2 + 1;
    wishes.switch_on(c.output);
    return base_ + c.tick * (coming[-1].at + std::int64_t{coming[-1].length()});
  }
  index_ = static_cast<std::uint32_t>(coming - points_) * 2;
  if (coming == end) {
    index_ = 0;
    base_ += c.period;
    if (--left_ == 0) return Micros::max();
  }
  return base_ + c.tick * points_[index_ / 2].at;
}

ComponentCursor::Turn ComponentCursor::last_turn(Micros offset) const {
  const Component& c = *component_;
  if (c.direction == kNoOutput || !c.plays()) return {};
  const Micros first = c.start + c.tick * points_[0].at;
  if (offset < first) return {};
  const std::uint32_t last = c.point_count - 1;
  // Of a pattern that has ended, or is between two repeats, the last point turned it.
  std::uint32_t index = left_ == 0 || index_ == 0 ? last : (index_ - 1) / 2;
  Micros repeat = base_;
  if (left_ == 0) {
    repeat = c.start + c.period * (c.repeats - std::int64_t{1});
  } else if (index_ == 0) {
    repeat = base_ - c.period;
  }
  return {repeat + c.tick * points_[index].at, points_[index].clockwise()};
}

Micros ComponentCursor::seek_edges(Micros since_start, Wishes& wishes) {
  const Component& c = *component_;
  const Point* const coming =
      std::upper_bound(points_, points_ + c.point_count, since_start,
                       [&c](Micros t, const Point& p) { return t < c.tick * p.at; });
  index_ = static_cast<std::uint32_t>(coming - points_);
  if (index_ > 0) set_level(static_cast<std::uint16_t>(coming[-1].value), wishes);
  return edge_time();
}

Micros ComponentCursor::seek_ramp(Micros since_start, Wishes& wishes) {
  const Component& c = *component_;
  const std::uint32_t up = ramp_steps(c.value, c.ramp_in);
  const std::uint32_t steps = up + ramp_steps(c.value, c.ramp_out);
  // Step times never fall, so the steps that are over can be counted by halving.
  std::uint32_t low = 0;
  std::uint32_t high = steps;
  // Bounded: by the bits of `steps`.
  while (low < high) {
    const std::uint32_t middle = low + (high - low) / 2;
    if (ramp_time(middle) - c.start <= since_start) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  index_ = low;
  if (index_ > 0) set_level(ramp_level(index_ - 1), wishes);
  return edge_time();
}

Micros ComponentCursor::edge_time() const {
  const Component& c = *component_;
  if (c.kind == ComponentKind::kEdges) {
    return index_ < c.point_count ? c.start + c.tick * points_[index_].at : Micros::max();
  }
  const std::uint32_t steps = ramp_steps(c.value, c.ramp_in) + ramp_steps(c.value, c.ramp_out);
  return index_ < steps ? ramp_time(index_) : Micros::max();
}

/// Step k of n on the way up ends at ramp_in · k/n; on the way down likewise, counted from where
/// the way down begins. k = 1..n, so the top is reached at the end of the ramp.
Micros ComponentCursor::ramp_time(std::uint32_t step) const {
  const Component& c = *component_;
  const std::uint32_t up = ramp_steps(c.value, c.ramp_in);
  if (step < up) return c.start + c.ramp_in * (step + std::int64_t{1}) / std::int64_t{up};
  const std::uint32_t down = ramp_steps(c.value, c.ramp_out);
  return c.start + c.period - c.ramp_out +
         c.ramp_out * (step - up + std::int64_t{1}) / std::int64_t{down};
}

std::uint16_t ComponentCursor::ramp_level(std::uint32_t step) const {
  const Component& c = *component_;
  const std::uint32_t up = ramp_steps(c.value, c.ramp_in);
  if (step < up) return static_cast<std::uint16_t>(c.value * std::uint64_t{step + 1} / up);
  const std::uint32_t down = ramp_steps(c.value, c.ramp_out);
  const std::uint32_t left = down - (step - up + 1);
  return static_cast<std::uint16_t>(c.value * std::uint64_t{left} / down);
}

void ComponentCursor::set_level(std::uint16_t level, Wishes& wishes) {
  if (analog_) {
    wishes.change_analog(channel_, level_, level);
  } else if (level != 0 && level_ == 0) {
    wishes.switch_on(component_->output);
  } else if (level == 0 && level_ != 0) {
    wishes.switch_off(component_->output);
  }
  level_ = level;
}

void PhaseCursor::seek(const Program& program, const Phase& phase, Micros offset) {
  const std::span<const Component> components = program.components_of(phase);
  TAKT_ASSERT(components.size() <= room_);
  count_ = static_cast<std::uint32_t>(components.size());
  delay_ = phase.delay;
  wishes_.clear();
  for (std::uint32_t i = 0; i < count_; ++i) {
    slots_[i].next = slots_[i].cursor.seek(program, components[i], offset - delay_, wishes_);
    slots_[i].component = static_cast<std::uint8_t>(i);
  }
  for (std::uint32_t i = count_ / 2; i-- > 0;) sift_down(i);
  restore_directions(components, offset - delay_);
}

void PhaseCursor::restore_directions(std::span<const Component> components, Micros offset) {
  std::array<Micros, kMaxOutputs> latest;
  latest.fill(Micros{-1});
  for (std::uint32_t i = 0; i < count_; ++i) {
    const ComponentCursor::Turn turn = slots_[i].cursor.last_turn(offset);
    if (turn.at < Micros{0} || turn.at <= latest[components[i].direction]) continue;
    latest[components[i].direction] = turn.at;
    wishes_.turn(components[i].direction, turn.clockwise);
  }
}

void PhaseCursor::sift_down(std::uint32_t position) {
  const Micros moving_next = slots_[position].next;
  const std::uint8_t moving = slots_[position].component;
  // Bounded: by the height of the heap.
  for (;;) {
    std::uint32_t child = 2 * position + 1;
    if (child >= count_) break;
    if (child + 1 < count_ && slots_[child + 1].next < slots_[child].next) ++child;
    if (moving_next <= slots_[child].next) break;
    slots_[position].next = slots_[child].next;
    slots_[position].component = slots_[child].component;
    position = child;
  }
  slots_[position].next = moving_next;
  slots_[position].component = moving;
}

}  // namespace takt
