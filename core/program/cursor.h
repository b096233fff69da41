// SPDX-License-Identifier: Apache-2.0
// Places in a program: components that yield their next edge, merged into one stream by phase.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "takt/core/base/bits.h"
#include "takt/core/program/timeline.h"

namespace takt {

/// The levels that the components of one phase want together. Every wish is a contribution that is
/// added and taken back, so the order of edges within one instant does not matter.
class Wishes {
 public:
  void clear() { *this = {}; }

  void switch_on(std::uint8_t output) {
    if (++wanted_[output] == 1) levels_.on |= bit(output);
  }
  void switch_off(std::uint8_t output) {
    if (--wanted_[output] == 0) levels_.on &= ~bit(output);
  }
  /// Sets a motor's direction output; it holds until the next step of any of the motor's patterns.
  void turn(std::uint8_t direction, bool clockwise) {
    turned_ = clockwise ? turned_ | bit(direction) : turned_ & ~bit(direction);
  }
  void change_analog(std::uint8_t channel, std::uint16_t from, std::uint16_t to) {
    levels_.analog[channel] = static_cast<std::uint16_t>(levels_.analog[channel] - from + to);
  }

  Levels levels() const {
    Levels all = levels_;
    all.on |= turned_;
    return all;
  }

 private:
  Levels levels_;
  std::uint32_t turned_ = 0;
  std::array<std::uint8_t, kMaxOutputs> wanted_{};
};

/// The next edge of one component: a few words, whatever the component's repeats.
class ComponentCursor {
 public:
  /// Goes to the state after all edges at or before `offset` (which counts as the component's
  /// times do, so it is negative during the phase's delay) and adds its wish to `wishes`.
  /// Returns when the next edge is due; Micros::max(): there is none.
  /// Cost: O(log points), whatever the offset.
  Micros seek(const Program& program, const Component& component, Micros offset, Wishes& wishes);

  /// Executes the edge that is due, at `now`, and returns when the next one is.
  Micros step(Micros now, Wishes& wishes) {
    return component_->kind == ComponentKind::kPulses ? step_pulses(now, wishes)
                                                      : step_levels(wishes);
  }

  /// When the motor pattern's latest pulse before the last seek began, and which way it turned;
  /// {-1, false} if none did. Valid directly after seek().
  struct Turn {
    Micros at{-1};
    bool clockwise = false;
  };
  Turn last_turn(Micros offset) const;

 private:
  Micros seek_pulses(Micros since_start, Wishes& wishes);
  Micros seek_edges(Micros since_start, Wishes& wishes);
  Micros seek_ramp(Micros since_start, Wishes& wishes);
  Micros step_levels(Wishes& wishes);

  // Here rather than in cursor.cc because nearly every edge that a device plays is one of these.
  Micros step_pulses(Micros now, Wishes& wishes) {
    const Point& point = points_[index_ / 2];
    const Micros tick = component_->tick;
    if (index_ % 2 == 0) {
      if (component_->direction != kNoOutput) {
        wishes.turn(component_->direction, point.clockwise());
      }
      wishes.switch_on(component_->output);
      ++index_;
      return now + tick * point.length();
    }
    wishes.switch_off(component_->output);
    if (++index_ == 2 * component_->point_count) {
      index_ = 0;
      base_ += component_->period;
      if (--left_ == 0) return Micros::max();
    }
    return base_ + tick * points_[index_ / 2].at;
  }

  void set_level(std::uint16_t level, Wishes& wishes);
  Micros edge_time() const;
  Micros ramp_time(std::uint32_t step) const;
  std::uint16_t ramp_level(std::uint32_t step) const;

  const Component* component_ = nullptr;
  const Point* points_ = nullptr;
  Micros base_;              ///< Pulses: start of the current repeat.
  std::uint32_t left_ = 0;   ///< Pulses: repeats not yet ended.
  std::uint32_t index_ = 0;  ///< Pulses: twice the point, plus 1 while on. Others: next edge.
  std::uint16_t level_ = 0;  ///< Edges, ramps: what it wants now.
  std::uint8_t channel_ = 0;
  bool analog_ = false;
};

/// The edges of one phase in the order of time, one frame for all edges of an instant.
///
/// A binary heap of cursors by the time of their next edge. Memory: a Slot for each component, in
/// storage that the caller lends. Cost of step(): O(log components) for each edge merged.
class PhaseCursor {
 public:
  /// Place i of the heap, and the cursor of component i.
  struct Slot {
    ComponentCursor cursor;
    Micros next;                 ///< When the cursor at this place of the heap is due.
    std::uint8_t component = 0;  ///< The component of the cursor at this place of the heap.
  };

  /// `storage` serves phases of up to its size in components.
  explicit PhaseCursor(std::span<Slot> storage = {})
      : slots_(storage.data()), room_(storage.size()) {}

  /// Goes to the state after all edges at or before `offset`, which counts from the phase's start,
  /// delay included. Cost: O(components · log points), whatever the offset.
  void seek(const Program& program, const Phase& phase, Micros offset);

  Levels levels() const { return wishes_.levels(); }

  /// When the next edge is due; Micros::max(): there is none.
  Micros next() const {
    return count_ == 0 || slots_[0].next == Micros::max() ? Micros::max() : delay_ + slots_[0].next;
  }

  /// Executes all edges of the instant next(), which must exist.
  void step() {
    const Micros now = slots_[0].next;
    TAKT_ASSERT(now != Micros::max());
    // Bounded: a component has two edges at most in one instant, as check() makes sure.
    do {
      ComponentCursor& cursor = slots_[slots_[0].component].cursor;
      slots_[0].next = cursor.step(now, wishes_);
      // Most edges leave their component in front, as when a motor runs beside open valves.
      const bool in_front = (count_ < 2 || slots_[0].next <= slots_[1].next) &&
                            (count_ < 3 || slots_[0].next <= slots_[2].next);
      if (!in_front) sift_down(0);
    } while (slots_[0].next == now);
  }

 private:
  void sift_down(std::uint32_t position);
  void restore_directions(std::span<const Component> components, Micros offset);

  Slot* slots_;
  std::size_t room_;
  std::uint32_t count_ = 0;
  Micros delay_;
  Wishes wishes_;
};

}  // namespace takt
