// SPDX-License-Identifier: Apache-2.0
#include "takt/core/bus/pool.h"

#include "takt/core/base/assert.h"

namespace takt::bus {
namespace {

void count(std::atomic<std::uint32_t>& counter) { counter.fetch_add(1, std::memory_order_relaxed); }

}  // namespace

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

}  // namespace takt::bus
