// SPDX-License-Identifier: Apache-2.0
// The part of the pool that runs at start, when it grows or shrinks, and for metrics.
#include <algorithm>
#include <memory>
#include <new>
#include <utility>

#include "takt/core/base/assert.h"
#include "takt/core/bus/pool.h"

namespace takt::bus {

Pool::Pool(std::span<std::byte> control, Waiter* waiter) : waiter_(waiter) {
  void* place = control.data();
  std::size_t room = control.size();
  if (std::align(alignof(Slot), sizeof(Slot), place, room) == nullptr) return;
  const auto count =
      static_cast<std::uint32_t>(std::min<std::size_t>(room / sizeof(Slot), SlotDirectory::kMost));
  auto* first = static_cast<Slot*>(place);
  for (std::uint32_t i = 0; i < count; ++i) {
    new (first + i) Slot;
    first[i].extent = &extents_[0];  // For forged handles, until a size gets the slot.
  }
  first_number_ = SlotDirectory::enroll(first, count);
  if (first_number_ == Handle::kMaxSlots) return;
  for (std::uint32_t i = 0; i < count; ++i) first[i].number = first_number_ + i;
  extents_[0].pool = this;
  slots_ = {first, count};
}

SizeClass* Pool::class_of_exactly(std::uint32_t payload_bytes) {
  for (std::size_t i = 0; i < class_count_; ++i) {
    if (by_size_[i]->payload_bytes == payload_bytes) return by_size_[i];
  }
  return nullptr;
}

SizeClass& Pool::insert_class(std::uint32_t payload_bytes) {
  SizeClass& added = classes_[class_count_];
  added.payload_bytes = payload_bytes;
  std::size_t place = class_count_++;
  for (; place > 0 && by_size_[place - 1]->payload_bytes > payload_bytes; --place) {
    by_size_[place] = by_size_[place - 1];
  }
  by_size_[place] = &added;
  return added;
}

Extent* Pool::new_extent(std::uint32_t entries) {
  if (extent_count_ == kMaxExtents || entries > slots_.size() - slots_used_) return nullptr;
  Extent& extent = extents_[extent_count_++];
  extent.pool = this;
  extent.slots = &slots_[slots_used_];
  extent.capacity = entries;
  for (std::uint32_t i = 0; i < entries; ++i) extent.slots[i].extent = &extent;
  slots_used_ += entries;
  return &extent;
}

// An extent that was shrunk away serves again if it is large enough: its slots keep counting
// their generations, so handles from before stay stale.
Extent* Pool::idle_extent(SizeClass& size_class, std::uint32_t entries) {
  const std::uint32_t extent_count = size_class.extent_count.load(std::memory_order_relaxed);
  for (std::uint32_t e = 0; e < extent_count; ++e) {
    Extent* extent = size_class.extents[e].load(std::memory_order_relaxed);
    if (extent->entries.load() == 0 && extent->capacity >= entries) return extent;
  }
  return nullptr;
}

void Pool::attach(Extent& extent, SizeClass& size_class) {
  const std::uint32_t place = size_class.extent_count.load(std::memory_order_relaxed);
  extent.size_class = &size_class;
  size_class.extents[place].store(&extent, std::memory_order_relaxed);
  size_class.extent_count.store(place + 1, std::memory_order_release);
}

void Pool::fill(Extent& extent, std::byte* payload, std::uint32_t entries) {
  const std::size_t step = stride(extent.size_class->payload_bytes);
  for (std::uint32_t i = 0; i < entries; ++i) {
    extent.slots[i].payload = payload + i * step;
    extent.slots[i].next.store(i + 1 < entries ? i + 2 : 0, std::memory_order_relaxed);
  }
  extent.entries.store(entries);
  put_back(extent, 1, entries);
  extent.size_class->freed.signal(extent.pool->waiter_);
}

Status Pool::add(std::uint32_t payload_bytes, std::span<std::byte> memory) {
  if (payload_bytes == 0) return Status::kOutOfRange;
  void* place = memory.data();
  std::size_t room = memory.size();
  if (std::align(kAlignment, stride(payload_bytes), place, room) == nullptr) {
    return Status::kOutOfRange;
  }
  const auto entries = static_cast<std::uint32_t>(
      std::min<std::size_t>(room / stride(payload_bytes), Handle::kMaxSlots));

  SizeClass* size_class = class_of_exactly(payload_bytes);
  Extent* extent = size_class != nullptr ? idle_extent(*size_class, entries) : nullptr;
  if (extent == nullptr) {
    const bool full = size_class != nullptr
                          ? size_class->extent_count.load() == SizeClass::kMaxExtents
                          : class_count_ == kMaxClasses;
    if (full) return Status::kNoMemory;
    extent = new_extent(entries);
    if (extent == nullptr) return Status::kNoMemory;
    attach(*extent, size_class != nullptr ? *size_class : insert_class(payload_bytes));
  }
  extent->memory = memory;
  fill(*extent, static_cast<std::byte*>(place), entries);
  return Status::kOk;
}

std::span<std::byte> Pool::shrink(std::uint32_t payload_bytes, std::uint32_t least) {
  SizeClass* size_class = class_of_exactly(payload_bytes);
  if (size_class == nullptr) return {};
  const std::uint32_t have = entries(class_index(payload_bytes));
  for (std::uint32_t e = size_class->extent_count.load(); e-- > 1;) {
    Extent& extent = *size_class->extents[e].load();
    const std::uint32_t size = extent.entries.load();
    if (size == 0) continue;
    if (have - size < least) return {};
    // Taking the whole free list is the only proof that nothing is in use and nothing will be.
    std::uint32_t taken = 0;
    Slot* last = nullptr;
    Slot* first = pop(extent);
    for (Slot* slot = first; slot != nullptr; slot = pop(extent)) {
      if (last != nullptr) {
        last->next.store(static_cast<std::uint32_t>(slot - extent.slots) + 1);
      }
      last = slot;
      ++taken;
    }
    if (taken == size) {
      extent.entries.store(0);
      return std::exchange(extent.memory, {});
    }
    if (first != nullptr) {
      put_back(extent, static_cast<std::uint32_t>(first - extent.slots) + 1,
               static_cast<std::uint32_t>(last - extent.slots) + 1);
      size_class->freed.signal(waiter_);
    }
    return {};
  }
  return {};
}

std::uint32_t Pool::entries(std::size_t index) const {
  TAKT_ASSERT(index < class_count_);
  const SizeClass& size_class = *by_size_[index];
  std::uint32_t sum = 0;
  for (std::uint32_t e = 0; e < size_class.extent_count.load(std::memory_order_acquire); ++e) {
    sum += size_class.extents[e].load(std::memory_order_relaxed)->entries.load();
  }
  return sum;
}

Pool::ClassUsage Pool::usage(std::size_t index) const {
  TAKT_ASSERT(index < class_count_);
  const SizeClass& size_class = *by_size_[index];
  ClassUsage usage;
  usage.payload_bytes = size_class.payload_bytes;
  usage.failures = size_class.failures.load(std::memory_order_relaxed);
  usage.total = entries(index);
  const std::uint32_t extent_count = size_class.extent_count.load(std::memory_order_acquire);
  for (std::uint32_t e = 0; e < extent_count; ++e) {
    const Extent& extent = *size_class.extents[e].load(std::memory_order_relaxed);
    for (std::uint32_t i = 0; i < extent.capacity; ++i) {
      const Slot& slot = extent.slots[i];
      usage.in_use += Holders{slot.holders.load(std::memory_order_relaxed)}.count() != 0;
      // The free list is a stack: an untouched slot comes out only when all others are in use.
      usage.peak += slot.borrower.load(std::memory_order_relaxed) != Slot::kUntouched;
    }
  }
  return usage;
}

Pool::Faults Pool::faults() const {
  Faults faults;
  faults.double_releases = double_releases_.load(std::memory_order_relaxed);
  faults.stale_releases = stale_releases_.load(std::memory_order_relaxed);
  faults.stale_reads = stale_reads_.load(std::memory_order_relaxed);
  faults.late_releases = late_releases_.load(std::memory_order_relaxed);
  faults.refused_clones = refused_clones_.load(std::memory_order_relaxed);
  return faults;
}

}  // namespace takt::bus
