// SPDX-License-Identifier: Apache-2.0
// The ring of coming frames between the control half, which fills it, and the realtime half.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>

#include "core/base/levels.h"
#include "core/base/time.h"

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
/// found the new one never an old one again.
///
/// Memory. A frame takes 16 bytes, plus 2 for each analog output rounded up to 4, in storage that
/// the caller lends: on/off programs pay nothing for analog outputs they do not have.
///
/// Context. room(), push(), can_cut(), cut_to(), queued() and newest_but() belong to the producer
/// (one task); the others to the consumer (timer interrupt or realtime thread). None waits, none
/// allocates.
class Window {
 public:
  static constexpr std::uint32_t kDefaultFrames = 64;
  static constexpr std::uint32_t kMinFrames = 16;
  /// Positions are 16 bits wide, and half of that tells before from after.
  static constexpr std::uint32_t kMaxFrames = 16'384;
  /// Places that push() leaves free, so that as many cuts find room in a full ring even when the
  /// consumer has not run in between.
  static constexpr std::uint32_t kReservedForCuts = 4;

  static constexpr std::size_t words_per_frame(std::size_t analog_outputs) {
    return 4 + (analog_outputs + 1) / 2;
  }

  /// `frames`: a power of two from kMinFrames to kMaxFrames; `storage` holds words_per_frame()
  /// words for each.
  Window(std::span<std::uint32_t> storage, std::uint32_t frames, std::size_t analog_outputs);
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;

  std::uint32_t capacity() const { return capacity_; }
  std::size_t analog_outputs() const { return analog_outputs_; }

  /// How many frames push() will take now.
  std::uint32_t room() const;

  /// Frames that the consumer has not taken, without those that a cut has voided.
  std::uint32_t queued() const;

  /// When the frame pushed `back` frames before the newest is due; `back` < queued().
  LocalTime newest_but(std::uint32_t back) const;

  /// Appends a frame; room() must not be 0.
  void push(const Frame& frame);

  /// Whether cut_to() has room; not while kReservedForCuts cuts in a row await the consumer.
  bool can_cut() const { return head_ - taken() < capacity_; }

  /// Voids all queued frames and queues this one instead; can_cut() must be true.
  void cut_to(const Frame& frame);

  /// Whether a frame waits, and which. Drops voided frames on the way.
  bool front(Frame& frame);

  /// Takes the frame that front() found.
  void pop();

 private:
  std::uint32_t* slot(std::uint32_t position) const {
    return words_ + (position & (capacity_ - 1)) * words_per_frame_;
  }
  std::uint32_t taken() const;
  void store(const Frame& frame);
  void publish();

  std::uint32_t* const words_;
  const std::uint32_t capacity_;
  const std::uint16_t words_per_frame_;
  const std::uint16_t analog_outputs_;

  // The producer's own: the position behind the newest frame, and of the first that is not void.
  std::uint32_t head_ = 0;
  std::uint32_t cut_ = 0;

  /// The low halves of head_ (upper 16 bits) and cut_ (lower 16 bits), changed together. The cut
  /// is brought up to the consumer's position at every change, so it never lags by more than the
  /// capacity and wrapping cannot make an old cut look new.
  std::atomic<std::uint32_t> published_{0};
  std::atomic<std::uint16_t> tail_{0};  ///< The consumer's position.
};

}  // namespace takt
