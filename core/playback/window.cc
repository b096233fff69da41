// SPDX-License-Identifier: Apache-2.0
#include "core/playback/window.h"

#include <algorithm>
#include <bit>

#include "core/base/assert.h"

namespace takt {

Window::Window(std::span<std::uint32_t> storage, std::uint32_t frames, std::size_t analog_outputs)
    : words_(storage.data()),
      capacity_(frames),
      words_per_frame_(static_cast<std::uint16_t>(words_per_frame(analog_outputs))),
      analog_outputs_(static_cast<std::uint16_t>(analog_outputs)) {
  TAKT_ASSERT(analog_outputs <= kMaxAnalogOutputs);
  TAKT_ASSERT(std::has_single_bit(frames) && frames >= kMinFrames && frames <= kMaxFrames);
  TAKT_ASSERT(storage.size() >= frames * words_per_frame(analog_outputs));
}

/// The consumer's position as a full-width one: it is at most the capacity behind the head.
std::uint32_t Window::taken() const {
  const std::uint16_t tail = tail_.load(std::memory_order_acquire);
  return head_ - static_cast<std::uint16_t>(static_cast<std::uint16_t>(head_) - tail);
}

std::uint32_t Window::room() const {
  const std::uint32_t used = head_ - taken() + kReservedForCuts;
  return used < capacity_ ? capacity_ - used : 0;
}

std::uint32_t Window::queued() const { return std::min(head_ - taken(), head_ - cut_); }

LocalTime Window::newest_but(std::uint32_t back) const {
  TAKT_ASSERT(back < capacity_);
  const std::uint32_t* const words = slot(head_ - 1 - back);
  const std::uint64_t at = words[0] | std::uint64_t{words[1]} << 32U;
  return LocalTime{Micros{static_cast<std::int64_t>(at)}};
}

void Window::store(const Frame& frame) {
  std::uint32_t* const words = slot(head_);
  const auto at = static_cast<std::uint64_t>(frame.at.since_zero().count());
  words[0] = static_cast<std::uint32_t>(at);
  words[1] = static_cast<std::uint32_t>(at >> 32U);
  words[2] = frame.entry;
  words[3] = frame.levels.on;
  for (std::size_t i = 0; i < analog_outputs_; i += 2) {
    words[4 + i / 2] = frame.levels.analog[i] | std::uint32_t{frame.levels.analog[i + 1]} << 16U;
  }
  ++head_;
}

void Window::publish() {
  const std::uint32_t cut = head_ - cut_ > head_ - taken() ? taken() : cut_;
  published_.store(head_ << 16U | (cut & 0xFFFFU), std::memory_order_release);
}

void Window::push(const Frame& frame) {
  TAKT_ASSERT(room() > 0);
  store(frame);
  publish();
}

void Window::cut_to(const Frame& frame) {
  TAKT_ASSERT(can_cut());
  cut_ = head_;
  store(frame);
  publish();
}

bool Window::front(Frame& frame) {
  const std::uint32_t published = published_.load(std::memory_order_acquire);
  const auto head = static_cast<std::uint16_t>(published >> 16U);
  const auto cut = static_cast<std::uint16_t>(published);
  std::uint16_t tail = tail_.load(std::memory_order_relaxed);
  if (static_cast<std::int16_t>(cut - tail) > 0) {
    tail = cut;
    tail_.store(tail, std::memory_order_release);
  }
  if (tail == head) return false;
  const std::uint32_t* const words = slot(tail);
  const std::uint64_t at = words[0] | std::uint64_t{words[1]} << 32U;
  frame.at = LocalTime{Micros{static_cast<std::int64_t>(at)}};
  frame.entry = words[2];
  frame.levels.on = words[3];
  for (std::size_t i = 0; i < analog_outputs_; i += 2) {
    frame.levels.analog[i] = static_cast<std::uint16_t>(words[4 + i / 2]);
    frame.levels.analog[i + 1] = static_cast<std::uint16_t>(words[4 + i / 2] >> 16U);
  }
  return true;
}

void Window::pop() {
  const auto tail = tail_.load(std::memory_order_relaxed);
  tail_.store(static_cast<std::uint16_t>(tail + 1), std::memory_order_release);
}

}  // namespace takt
