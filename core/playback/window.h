// SPDX-License-Identifier: Apache-2.0
// The ring of coming frames between the control half, which fills it, and the realtime half.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>

#include "takt/core/base/assert.h"
#include "takt/core/base/levels.h"
#include "takt/core/base/time.h"

namespace takt {

/// The complete levels of all outputs from one instant on.
struct Frame {
  LocalTime at;
  /// The phase run that it belongs to; Timeline::entry_count() for the frame that ends the program.
  std::uint32_t entry = 0;
  Levels levels;
};

/// A lock-free ring with one producer and one consumer.
///
/// Cutting. The producer can void everything it has queued and put one frame in its place, in a
/// single atomic store: the consumer finds either the old frames or only the new one, and after it
/// found the new one never an old one again. take_cut() tells it that it has come to such a frame.
///
/// Memory. A frame takes a Slot of 16 bytes, and 2 bytes for each analog output, in storage that
/// the caller lends: on/off programs pay nothing for analog outputs they do not have.
///
/// Context. room(), push(), publish(), can_cut(), cut_to(), queued() and newest_but() belong to the
/// producer (one task); front_at(), pop() and take_cut() to the consumer (timer
/// interrupt or realtime thread). None waits, none allocates.
class Window {
 public:
  static constexpr std::uint32_t kDefaultFrames = 64;
  static constexpr std::uint32_t kMinFrames = 16;
  /// Positions are 16 bits wide, and half of that tells before from after.
  static constexpr std::uint32_t kMaxFrames = 16'384;
  /// Places that push() leaves free, so that as many cuts find room in a full ring even when the
  /// consumer has not run in between.
  static constexpr std::uint32_t kReservedForCuts = 4;

  struct Slot {
    LocalTime at;
    std::uint32_t entry;
    std::uint32_t on;
  };

  /// Holds as many frames as `slots`, a power of two from kMinFrames to kMaxFrames; `analog` has
  /// `analog_outputs` levels for each.
  Window(std::span<Slot> slots, std::span<std::uint16_t> analog, std::size_t analog_outputs);
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;

  std::uint32_t capacity() const { return mask_ + 1; }
  std::size_t analog_outputs() const { return analog_outputs_; }

  /// How many frames push() will take until room() is asked again.
  std::uint32_t room();

  /// Frames that the consumer has not taken, without those that a cut has voided.
  std::uint32_t queued() const;

  /// When the frame pushed `back` frames before the newest is due; `back` < queued().
  LocalTime newest_but(std::uint32_t back) const;

  /// Appends a frame, for which room() must have found a place. The consumer sees it from the next
  /// publish() on.
  void push(const Frame& frame) {
    TAKT_ASSERT(room_ > 0);
    --room_;
    store(frame);
  }

  /// Shows the consumer all that was pushed.
  void publish();

  /// Whether cut_to() has room; not while kReservedForCuts cuts in a row await the consumer.
  bool can_cut() const { return head_ - taken() < capacity(); }

  /// Voids all queued frames and shows the consumer this one instead; can_cut() must be true.
  void cut_to(const Frame& frame);

  /// When the frame that waits is due; kNever: none waits. Drops voided frames on the way.
  LocalTime front_at() {
    const std::uint32_t published = published_.load(std::memory_order_acquire);
    seen_head_ = static_cast<std::uint16_t>(published >> 16U);
    const auto cut = static_cast<std::uint16_t>(published);
    std::uint16_t tail = tail_.load(std::memory_order_relaxed);
    // Never equal without a cut: publish() keeps the position of an old one behind the consumer.
    if (static_cast<std::int16_t>(cut - tail) >= 0) {
      at_cut_ = true;
      tail = cut;
      tail_.store(tail, std::memory_order_release);
    }
    return tail == seen_head_ ? kNever : slots_[index(tail)].at;
  }

  /// Takes the frame that front_at() found, and says the same of the next one, as of that moment.
  /// Of the frame's analog levels only those that the window holds are written.
  LocalTime pop(Frame& frame) {
    std::uint16_t tail = tail_.load(std::memory_order_relaxed);
    const Slot& slot = slots_[index(tail)];
    frame.at = slot.at;
    frame.entry = slot.entry;
    frame.levels.on = slot.on;
    for (std::size_t i = 0; i < analog_outputs_; ++i) frame.levels.analog[i] = analog(tail)[i];
    tail_.store(++tail, std::memory_order_release);
    return tail == seen_head_ ? kNever : slots_[index(tail)].at;
  }

  /// Whether cut_to() put the frame that front_at() found, or one before it that was not asked
  /// about. Then forgets it.
  bool take_cut() {
    const bool at_cut = at_cut_;
    at_cut_ = false;
    return at_cut;
  }

 private:
  std::uint32_t index(std::uint32_t position) const { return position & mask_; }
  std::uint16_t* analog(std::uint32_t position) const {
    return analog_ + index(position) * analog_outputs_;
  }

  /// The consumer's position as a full-width one: it is at most the capacity behind the head.
  std::uint32_t taken() const {
    const std::uint16_t tail = tail_.load(std::memory_order_acquire);
    return head_ - static_cast<std::uint16_t>(static_cast<std::uint16_t>(head_) - tail);
  }

  void store(const Frame& frame) {
    slots_[index(head_)] = {frame.at, frame.entry, frame.levels.on};
    for (std::size_t i = 0; i < analog_outputs_; ++i) analog(head_)[i] = frame.levels.analog[i];
    ++head_;
  }

  Slot* const slots_;
  std::uint16_t* const analog_;
  const std::uint32_t mask_;  ///< Places less one, all bits set.
  const std::uint32_t analog_outputs_;

  // The producer's own: the position behind the newest frame, that of the first which is not void,
  // and the places that push() may still fill.
  std::uint32_t head_ = 0;
  std::uint32_t cut_ = 0;
  std::uint32_t room_ = 0;

  /// The low halves of head_ (upper 16 bits) and cut_ (lower 16 bits), changed together. The cut
  /// never lags by more than the capacity, so wrapping cannot make an old cut look new.
  std::atomic<std::uint32_t> published_{0};
  std::atomic<std::uint16_t> tail_{0};  ///< The consumer's position.
  // The consumer's own: the head as front_at() found it, and whether it found a cut.
  std::uint16_t seen_head_ = 0;
  bool at_cut_ = false;
};

}  // namespace takt
