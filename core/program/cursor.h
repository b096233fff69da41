// SPDX-License-Identifier: Apache-2.0
// Places in a program: components that yield their next edge, merged into one stream by phase.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "core/program/timeline.h"

namespace takt {

/// The levels that the components of one phase want together. Every wish is a contribution that is
/// added and taken back, so the order of edges within one instant does not matter.
class Wishes {
 public:
  void clear() { *this = {}; }

  void switch_on(std::uint8_t output) {
    if (++wanted_[output] == 1) levels_.on |= 1U << output;
  }
  void switch_off(std::uint8_t output) {
    if (--wanted_[output] == 0) levels_.on &= ~(1U << output);
  }
  /// Of a motor's direction output; holds until the next step of any of the motor's patterns.
  void turn(std::uint8_t direction, bool clockwise) {
    const std::uint32_t bit = 1U << direction;
    turned_ = clockwise ? turned_ | bit : turned_ & ~bit;
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
  /// Cost: O(log points), whatever the offset.
  void seek(const Program& program, const Component& component, Micros offset, Wishes& wishes);

  /// When the next edge is due; Micros::max(): there is none.
  Micros next() const { return next_; }

  /// Executes the edge at next().
  void step(Wishes& wishes);

  /// When the motor pattern's latest pulse before the last seek began, and which way it turned;
  /// {-1, false} if none did. Valid directly after seek().
  struct Turn {
    Micros at{-1};
    bool clockwise = false;
  };
  Turn last_turn(Micros offset) const;

 private:
  void seek_pulses(Micros since_start, Wishes& wishes);
  void seek_edges(Micros since_start, Wishes& wishes);
  void seek_ramp(Micros since_start, Wishes& wishes);
  void step_pulses(Wishes& wishes);
  void set_level(std::uint16_t level, Wishes& wishes);
  Micros edge_time() const;
  Micros ramp_time(std::uint32_t step) const;
  std::uint16_t ramp_level(std::uint32_t step) const;

  const Component* component_ = nullptr;
  const Point* points_ = nullptr;
  Micros next_ = Micros::max();
  Micros base_;              ///< Pulses: start of the current repeat.
  std::uint32_t left_ = 0;   ///< Pulses: repeats not yet ended.
  std::uint32_t index_ = 0;  ///< Pulses: twice the point, plus 1 while on. Others: next edge.
  std::uint16_t level_ = 0;  ///< Edges, ramps: what it wants now.
  std::uint8_t channel_ = 0;
  bool analog_ = false;
};

/// The edges of one phase in the order of time, one frame for all edges of an instant.
///
/// Memory: one ComponentCursor and one heap slot for each component, in storage that the caller
/// lends. Cost of next(): O(log components) for each edge merged.
class PhaseCursor {
 public:
  struct Slot {
    ComponentCursor cursor;
    std::uint8_t heap = 0;
  };

  /// `storage` serves phases of up to its size in components.
  explicit PhaseCursor(std::span<Slot> storage = {}) : slots_(storage) {}

  /// Goes to the state after all edges at or before `offset`, which counts from the phase's start,
  /// delay included. Cost: O(components · log points), whatever the offset.
  void seek(const Program& program, const Phase& phase, Micros offset);

  Levels levels() const { return wishes_.levels(); }

  /// When the next edge is due; Micros::max(): there is none.
  Micros next() const {
    return count_ == 0 || top() == Micros::max() ? Micros::max() : delay_ + top();
  }

  /// Executes all edges of the instant next(), which must exist.
  void step();

 private:
  Micros key(std::uint32_t position) const { return slots_[slots_[position].heap].cursor.next(); }
  Micros top() const { return key(0); }
  void sift_down(std::uint32_t position);
  void restore_directions(Micros offset);

  std::span<Slot> slots_;
  std::uint32_t count_ = 0;
  std::span<const Component> components_;
  Micros delay_;
  Wishes wishes_;
};

}  // namespace takt
