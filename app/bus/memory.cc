// SPDX-License-Identifier: Apache-2.0
#include "takt/app/bus/memory.h"

#include <utility>

namespace takt {

std::span<std::byte> RegionPoolMemory::take(std::size_t bytes) {
  void* const block = memory_.allocate({bytes, placement_, tag_, alignof(std::max_align_t)});
  if (block == nullptr) return {};
  return {static_cast<std::byte*>(block), bytes};
}

void MemoryPublisher::event(const MemoryEvent& event) {
  console_.event(event);
  Result<bus::Loan<MemoryEvent>> loan = bus_.try_alloc(topic_, bus::kNobody);
  if (!loan.ok()) {
    unpublished_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  *loan.value() = event;
  // A subscriber whose queue is full finds it in its own figures.
  static_cast<void>(bus_.publish(topic_, std::move(loan.value()), clock_.now()));
}

}  // namespace takt
