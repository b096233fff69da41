// SPDX-License-Identifier: Apache-2.0
#include "takt/core/memory/wrappers.h"

#include <algorithm>

namespace takt {

void* CountingAllocator::count(void* block) {
  if (block == nullptr) {
    ++failures_;
    return nullptr;
  }
  ++live_blocks_;
  live_bytes_ += below_.usable_size(block);
  peak_bytes_ = std::max(peak_bytes_, live_bytes_);
  return block;
}

void* CountingAllocator::allocate(const MemoryRequest& request) {
  ++requests_;
  return count(below_.allocate(request));
}

void CountingAllocator::free(void* block) {
  if (block == nullptr) return;
  --live_blocks_;
  live_bytes_ -= below_.usable_size(block);
  below_.free(block);
}

void* CountingAllocator::reallocate(void* block, std::size_t bytes, Placement placement,
                                    std::size_t align) {
  ++requests_;
  const std::size_t before = below_.usable_size(block);
  void* result = below_.reallocate(block, bytes, placement, align);
  if (result != nullptr) {
    --live_blocks_;
    live_bytes_ -= before;
  }
  return count(result);
}

void* CappedAllocator::allocate(const MemoryRequest& request) {
  if (request.bytes > room()) return nullptr;
  void* block = below_.allocate(request);
  if (block == nullptr) return nullptr;
  const std::size_t granted = below_.usable_size(block);
  if (granted > room()) {
    below_.free(block);
    return nullptr;
  }
  live_ += granted;
  return block;
}

void CappedAllocator::free(void* block) {
  if (block == nullptr) return;
  live_ -= below_.usable_size(block);
  below_.free(block);
}

void* CappedAllocator::reallocate(void* block, std::size_t bytes, Placement placement,
                                  std::size_t align) {
  const std::size_t before = below_.usable_size(block);
  if (bytes > before && bytes - before > room()) return nullptr;
  void* result = below_.reallocate(block, bytes, placement, align);
  if (result == nullptr) return nullptr;
  // Rounding may pass the cap by part of a size class; the block cannot be given back here, as
  // its contents may have moved already.
  live_ = live_ - before + below_.usable_size(result);
  return result;
}

void* FailingAllocator::allocate(const MemoryRequest& request) {
  return plan_.hits(++requests_) ? nullptr : below_.allocate(request);
}

void* FailingAllocator::reallocate(void* block, std::size_t bytes, Placement placement,
                                   std::size_t align) {
  return plan_.hits(++requests_) ? nullptr : below_.reallocate(block, bytes, placement, align);
}

}  // namespace takt
