// SPDX-License-Identifier: Apache-2.0
#include "takt/core/bus/pool.h"

#include <algorithm>
#include <memory>
#include <new>
#include <utility>

#include "takt/core/base/assert.h"

namespace takt::bus {
namespace {

void count(std::atomic<std::uint32_t>& counter) { counter.fetch_add(1, std::memory_order_relaxed); }

}  // namespace

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

Pool::~Pool() {
  for (const Slot& slot : slots_) TAKT_ASSERT(Holders{slot.holders.load()}.count() == 0);
  SlotDirectory::dismiss(first_number_, static_cast<std::uint32_t>(slots_.size()));
}

void Pool::put_back(Extent& extent, std::uint32_t first, std::uint32_t last) {
  std::uint32_t head = extent.free_head.load(std::memory_order_relaxed);
  // Bounded: another round means that another caller was faster; there are as few as tasks.
  do {
    extent.slots[last - 1].next.store(FreeHead{head}.top(), std::memory_order_relaxed);
  } while (!extent.free_head.compare_exchange_weak(
      head, FreeHead{head}.with_top(first), std::memory_order_seq_cst, std::memory_order_relaxed));
}

void Pool::push(Extent& extent, Slot& slot) {
  const auto number = static_cast<std::uint32_t>(&slot - extent.slots) + 1;
  put_back(extent, number, number);
}

std::size_t Pool::class_index(std::uint32_t bytes) const {
  std::size_t index = 0;
  // Bounded: by the classes.
  while (index < class_count_ && by_size_[index]->payload_bytes < bytes) ++index;
  return index;
}

inline Slot* Pool::take(SizeClass& size_class, ModuleId source, Tally* tally) {
  const std::uint32_t extent_count = size_class.extent_count.load(std::memory_order_acquire);
  for (std::uint32_t e = 0; e < extent_count; ++e) {
    Slot* slot = pop(*size_class.extents[e].load(std::memory_order_relaxed));
    if (slot == nullptr) continue;
    // Only the new owner writes now: whoever holds an old handle fails on the generation.
    const Holders holders{slot->holders.load(std::memory_order_relaxed)};
    slot->holders.store(holders.plus(1).word(), std::memory_order_relaxed);
    slot->borrower.store(source, std::memory_order_relaxed);
    slot->tally = tally;
    return slot;
  }
  return nullptr;
}

bool Pool::looks_free(const SizeClass& size_class) {
  const std::uint32_t extent_count = size_class.extent_count.load(std::memory_order_acquire);
  for (std::uint32_t e = 0; e < extent_count; ++e) {
    const Extent& extent = *size_class.extents[e].load(std::memory_order_relaxed);
    if (FreeHead{extent.free_head.load(std::memory_order_seq_cst)}.top() != 0) return true;
  }
  return false;
}

Slot* Pool::take_within(SizeClass& size_class, ModuleId source, Tally& tally) {
  // Or those who wait for a slot would wake each other for ever, each with a budget it gives back.
  if (!looks_free(size_class)) return nullptr;
  // Sequentially consistent for alloc_for(), which waits for the budget as well: see Event.
  std::uint32_t in_use = tally.in_use.load(std::memory_order_seq_cst);
  // Bounded: another round means that another caller was faster; there are as few as tasks.
  do {
    if (in_use >= tally.limit) {
      count(tally.refused);
      return nullptr;
    }
  } while (!tally.in_use.compare_exchange_weak(in_use, in_use + 1, std::memory_order_seq_cst));
  Slot* slot = take(size_class, source, &tally);
  if (slot == nullptr) give_back(tally);
  return slot;
}

void Pool::give_back(Tally& tally) {
  // Only at its limit can the budget have kept somebody waiting, in whatever size that was.
  if (tally.in_use.fetch_sub(1, std::memory_order_seq_cst) != tally.limit) return;
  for (std::size_t i = 0; i < class_count_; ++i) classes_[i].freed.signal(waiter_);
}

Slot* Pool::try_alloc(std::uint32_t bytes, ModuleId source, Tally* tally, Status& why) {
  const std::size_t index = class_index(bytes);
  if (index == class_count_) {
    why = Status::kTooLarge;
    return nullptr;
  }
  SizeClass& size_class = *by_size_[index];
  Slot* slot = tally == nullptr ? take(size_class, source, nullptr)
                                : take_within(size_class, source, *tally);
  if (slot != nullptr) return slot;
  count(size_class.failures);
  why = Status::kNoMemory;
  return nullptr;
}

Slot* Pool::alloc_for(std::uint32_t bytes, ModuleId source, Tally* tally, LocalTime now,
                      Micros timeout, Status& why) {
  TAKT_ASSERT(waiter_ != nullptr);
  const LocalTime deadline = deadline_after(now, timeout);
  const std::size_t index = class_index(bytes);
  if (index == class_count_) {
    why = Status::kTooLarge;
    return nullptr;
  }
  SizeClass& size_class = *by_size_[index];
  // Bounded: by the deadline.
  for (bool in_time = true;;) {
    const std::uint32_t ticket = size_class.freed.enter();
    Slot* slot = tally == nullptr ? take(size_class, source, nullptr)
                                  : take_within(size_class, source, *tally);
    const bool wait = slot == nullptr && in_time;
    if (wait) in_time = size_class.freed.wait(*waiter_, ticket, deadline);
    size_class.freed.leave();
    if (slot != nullptr) return slot;
    if (!wait) break;
  }
  count(size_class.failures);
  why = Status::kTimeout;
  return nullptr;
}

bool Pool::share(Handle handle, std::uint32_t n) {
  Slot* slot = SlotDirectory::find(handle);
  if (slot == nullptr) return false;
  std::uint32_t word = slot->holders.load(std::memory_order_relaxed);
  // Bounded: another round means that another caller was faster; there are as few as tasks.
  for (;;) {
    const Holders holders{word};
    if (!holders.has(handle.generation(), 1) || n > Holders::kMaxCount - holders.count()) {
      count(slot->extent->pool->refused_clones_);
      return false;
    }
    if (slot->holders.compare_exchange_weak(word, holders.plus(n).word(),
                                            std::memory_order_relaxed)) {
      return true;
    }
  }
}

void Pool::count_bad_release(const Slot& slot, Handle handle, std::uint32_t word) {
  const Holders holders{word};
  const bool just_freed =
      holders.count() == 0 && holders.word() == Holders{handle.generation(), 1}.minus(1).word();
  Pool& pool = *slot.extent->pool;
  count(just_freed ? pool.double_releases_ : pool.stale_releases_);
}

void Pool::free_slot(Slot& slot) {
  Extent& extent = *slot.extent;
  Tally* tally = slot.tally;
  Event& freed = extent.size_class->freed;
  push(extent, slot);
  freed.signal(extent.pool->waiter_);
  if (tally != nullptr) extent.pool->give_back(*tally);
}

void Pool::release_owned(Handle handle) {
  Slot* slot = SlotDirectory::find(handle);
  if (slot == nullptr) return;
  Pool& pool = *slot->extent->pool;
  if (!pool.ledger(handle.owner()).strike(handle)) {
    count(pool.late_releases_);
    return;
  }
  release(handle);
}

Handle Pool::keep(Handle handle, ModuleId owner) {
  const Handle unowned = handle.owned_by(kNobody);
  if (!share(unowned, 1)) return Handle{};
  if (owner == kNobody) return unowned;
  Pool& pool = *SlotDirectory::find(handle)->extent->pool;
  const Handle owned = handle.owned_by(owner);
  if (pool.ledger(owner).enter(owned)) return owned;
  release(unowned);
  count(pool.refused_clones_);
  return Handle{};
}

void Pool::count_stale_read(const Slot& slot) { count(slot.extent->pool->stale_reads_); }

unsigned Pool::reclaim(ModuleId owner) {
  unsigned returned = 0;
  for (Handle kept = ledgers_[owner].strike_any(); kept; kept = ledgers_[owner].strike_any()) {
    release(kept);
    ++returned;
  }
  for (Slot& slot : slots_) {
    const Holders holders{slot.holders.load(std::memory_order_relaxed)};
    if (slot.borrower.load(std::memory_order_relaxed) != owner || holders.count() == 0) continue;
    drop(slot, slot.handle());
    ++returned;
  }
  return returned;
}

// At start, when it grows or shrinks, and for metrics.

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
