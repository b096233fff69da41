// SPDX-License-Identifier: Apache-2.0
#include "takt/ports/virtual/datagram_link.h"

#include <algorithm>

#include "takt/core/base/assert.h"

namespace takt {

void VirtualLink::connect(VirtualLink& one, VirtualLink& other, Micros delay) {
  for (VirtualLink* const end : {&one, &other}) {
    end->other_ = end == &one ? &other : &one;
    end->delay_ = delay;
    const Status started = end->runner_.start(*end);
    TAKT_ASSERT(started == Status::kOk);
  }
}

Status VirtualLink::send(std::uint32_t /*to*/, std::span<const std::byte> bytes) {
  if (bytes.size() > kMaxBytes) return Status::kTooLarge;
  if (cut_ || other_ == nullptr || other_->coming_.size() == kQueued) return Status::kOk;
  Flight& flight = other_->coming_.emplace_back();
  flight.arrives = world_.now() + delay_;
  flight.size = bytes.size();
  std::ranges::copy(bytes, flight.bytes.begin());
  other_->runner_.wake();
  return Status::kOk;
}

std::size_t VirtualLink::receive(std::span<std::byte> bytes, LocalTime& at) {
  if (arrived_ == 0) return 0;
  const Flight& oldest = coming_.front();
  const std::size_t size = oldest.size;
  std::copy_n(oldest.bytes.begin(), size, bytes.begin());
  at = clock_.local_at(oldest.arrives);
  coming_.pop_front();
  --arrived_;
  return size;
}

LocalTime VirtualLink::run(LocalTime /*now*/) {
  const std::size_t before = arrived_;
  while (arrived_ < coming_.size() && coming_[arrived_].arrives <= world_.now()) ++arrived_;
  if (arrived_ > before) control_.wake();
  return arrived_ < coming_.size() ? clock_.local_at(coming_[arrived_].arrives) : kNever;
}

}  // namespace takt
