// SPDX-License-Identifier: Apache-2.0
// Allocators that forward to another one and count, cap or refuse on the way. They compose:
// FailingAllocator over CappedAllocator over Memory. One caller at a time.
#pragma once

#include <cstddef>
#include <cstdint>

#include "takt/core/memory/allocator.h"

namespace takt {

/// Counts what passes. Live bytes are what the blocks offer, without headers.
class CountingAllocator final : public Allocator {
 public:
  explicit CountingAllocator(Allocator& below) : below_(below) {}

  void* allocate(const MemoryRequest& request) override;
  void free(void* block) override;
  void* reallocate(void* block, std::size_t bytes, Placement placement, std::size_t align) override;
  std::size_t usable_size(const void* block) const override { return below_.usable_size(block); }

  std::uint32_t requests() const { return requests_; }
  std::uint32_t failures() const { return failures_; }
  std::uint32_t live_blocks() const { return live_blocks_; }
  std::size_t live_bytes() const { return live_bytes_; }
  std::size_t peak_bytes() const { return peak_bytes_; }

 private:
  void* count(void* block);

  Allocator& below_;
  std::uint32_t requests_ = 0;
  std::uint32_t failures_ = 0;
  std::uint32_t live_blocks_ = 0;
  std::size_t live_bytes_ = 0;
  std::size_t peak_bytes_ = 0;
};

/// Refuses what would lift the live bytes over a cap: a subsystem's budget in a test, or the size
/// that a client's input may grow to.
class CappedAllocator final : public Allocator {
 public:
  CappedAllocator(Allocator& below, std::size_t cap) : below_(below), cap_(cap) {}

  void* allocate(const MemoryRequest& request) override;
  void free(void* block) override;
  void* reallocate(void* block, std::size_t bytes, Placement placement, std::size_t align) override;
  std::size_t usable_size(const void* block) const override { return below_.usable_size(block); }

  std::size_t live_bytes() const { return live_; }

 private:
  std::size_t room() const { return live_ < cap_ ? cap_ - live_ : 0; }

  Allocator& below_;
  std::size_t cap_;
  std::size_t live_ = 0;
};

/// Refuses the requests that a plan names: to run a test once for each allocation it makes.
class FailingAllocator final : public Allocator {
 public:
  FailingAllocator(Allocator& below, FaultPlan plan) : below_(below), plan_(plan) {}

  void* allocate(const MemoryRequest& request) override;
  void free(void* block) override { below_.free(block); }
  void* reallocate(void* block, std::size_t bytes, Placement placement, std::size_t align) override;
  std::size_t usable_size(const void* block) const override { return below_.usable_size(block); }

  std::uint32_t requests() const { return requests_; }

 private:
  Allocator& below_;
  FaultPlan plan_;
  std::uint32_t requests_ = 0;
};

}  // namespace takt
