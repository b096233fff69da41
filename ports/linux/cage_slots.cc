// SPDX-License-Identifier: Apache-2.0
#include "takt/ports/linux/cage_slots.h"

#include <sys/mman.h>
#include <unistd.h>

#include <array>

namespace takt::cage {
namespace {

constinit std::array<std::atomic<std::uint32_t>, kSlots> g_references{};
constinit std::byte* g_range = nullptr;  // As g_base, once it is reserved.

// MAP_NORESERVE and no access: address space only, which costs neither memory nor commit charge.
void* map_nothing(void* at, std::size_t bytes, int flags) {
  return mmap(at, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | flags, -1, 0);
}

Status reserve_range() {
  if (g_range != nullptr) return Status::kOk;
  void* range = map_nothing(nullptr, kRangeBytes, 0);
  if (range == MAP_FAILED) return Status::kNoMemory;
  g_range = static_cast<std::byte*>(range);
  g_base.store(reinterpret_cast<std::uintptr_t>(range));
  return Status::kOk;
}

}  // namespace

std::byte* start_of(std::size_t slot) { return g_range + slot * kSlotBytes; }

std::mutex& slots_mutex() {
  static constinit std::mutex mutex;
  return mutex;
}

Result<std::size_t> acquire_slot() {
  if (const Status status = reserve_range(); status != Status::kOk) return status;
  for (std::size_t slot = 0; slot < kSlots; ++slot) {
    std::uint32_t none = 0;
    if (g_references[slot].compare_exchange_strong(none, 1)) return slot;
  }
  return Status::kNoMemory;
}

Status open_pages(std::byte* start, std::size_t bytes) {
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  const std::uintptr_t into_page = reinterpret_cast<std::uintptr_t>(start) % page;
  // The kernel rounds up the end.
  const int failed = mprotect(start - into_page, into_page + bytes, PROT_READ | PROT_WRITE);
  return failed == 0 ? Status::kOk : Status::kNoMemory;
}

void add_reference(std::size_t slot) { g_references[slot].fetch_add(1); }

void abandon_slot(std::size_t slot) {
  map_nothing(start_of(slot), kSlotBytes, MAP_FIXED);
  g_references[slot].store(0);
}

void drop_reference(std::size_t slot) {
  // Not to zero before the pages are gone: at zero the slot may be given to the next cage.
  std::uint32_t count = g_references[slot].load();
  while (count > 1) {
    if (g_references[slot].compare_exchange_weak(count, count - 1)) return;
  }
  // The last reference is ours, so nobody can add one: a cage would have to exist for that.
  const std::scoped_lock held(slots_mutex());
  abandon_slot(slot);
}

std::uint32_t references(std::size_t slot) { return g_references[slot].load(); }

std::uint32_t slots_in_use() {
  std::uint32_t count = 0;
  for (std::size_t slot = 0; slot < kSlots; ++slot) count += references(slot) != 0;
  return count;
}

}  // namespace takt::cage
