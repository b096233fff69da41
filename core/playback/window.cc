// SPDX-License-Identifier: Apache-2.0
#include "takt/core/playback/window.h"

#include <algorithm>
#include <bit>

namespace takt {

Window::Window(std::span<Slot> slots, std::span<std::uint16_t> analog, std::size_t analog_outputs)
    : slots_(slots.data()),
      analog_(analog.data()),
      mask_(static_cast<std::uint32_t>(slots.size() - 1)),
      analog_outputs_(static_cast<std::uint32_t>(analog_outputs)) {
  TAKT_ASSERT(analog_outputs <= kMaxAnalogOutputs);
  TAKT_ASSERT(std::has_single_bit(slots.size()));
  TAKT_ASSERT(slots.size() >= kMinFrames && slots.size() <= kMaxFrames);
  TAKT_ASSERT(analog.size() >= slots.size() * analog_outputs);
}

std::uint32_t Window::room() {
  const std::uint32_t used = head_ - taken() + kReservedForCuts;
  room_ = used < capacity() ? capacity() - used : 0;
  return room_;
}

std::uint32_t Window::queued() const { return std::min(head_ - taken(), head_ - cut_); }

LocalTime Window::newest_but(std::uint32_t back) const {
  TAKT_ASSERT(back < capacity());
  return slots_[index(head_ - 1 - back)].at;
}

void Window::publish() {
  // The consumer is beyond anything that lies more than the capacity back.
  if (head_ - cut_ > capacity()) cut_ = head_ - capacity();
  published_.store(head_ << 16U | (cut_ & 0xFFFFU), std::memory_order_release);
}

void Window::cut_to(const Frame& frame) {
  TAKT_ASSERT(can_cut());
  cut_ = head_;
  room_ = 0;  // Until asked again: the reserve shrank.
  store(frame);
  publish();
}

}  // namespace takt
