// SPDX-License-Identifier: Apache-2.0
// The address space of cages: one range, reserved once and cut into equal slots, so that a pointer
// tells its cage by one subtraction, without a lock, from any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "takt/core/base/status.h"

namespace takt::cage {

inline constexpr std::size_t kSlotBytes = std::size_t{64} << 20;  ///< Half regions, half stacks.
inline constexpr std::size_t kSlots = sizeof(void*) == 8 ? 64 : 4;
inline constexpr std::size_t kRangeBytes = kSlots * kSlotBytes;

/// Start of the range. Until it is reserved no address lies in it: an address minus this is then
/// at least kRangeBytes. Constant-initialised, because malloc runs before any constructor.
inline constinit std::atomic<std::uintptr_t> g_base{UINTPTR_MAX - kRangeBytes};

inline bool owned(const void* address) {
  const auto offset =
      reinterpret_cast<std::uintptr_t>(address) - g_base.load(std::memory_order_relaxed);
  return offset < kRangeBytes;
}

/// The slot of an owned address.
inline std::size_t slot_of(const void* address) {
  return (reinterpret_cast<std::uintptr_t>(address) - g_base.load(std::memory_order_relaxed)) /
         kSlotBytes;
}

std::byte* start_of(std::size_t slot);

/// Held while slots come and go, and across fork().
std::mutex& slots_mutex();

/// A slot without pages, with one reference. Call with slots_mutex() held.
/// - kNoMemory: no address space, or all slots are in use.
Result<std::size_t> acquire_slot();

/// Gives pages to a part of a slot; both ends are rounded out to pages. Fresh pages are zero.
Status open_pages(std::byte* start, std::size_t bytes);

/// A slot lives as long as its cage or any block in it, whichever is longer: libraries keep blocks
/// in static variables, and free them from anywhere or never.
void add_reference(std::size_t slot);

/// Undoes acquire_slot(), with slots_mutex() still held.
void abandon_slot(std::size_t slot);

/// Dropping the last one returns the slot's pages. Never with slots_mutex() held.
void drop_reference(std::size_t slot);

std::uint32_t references(std::size_t slot);
std::uint32_t slots_in_use();

}  // namespace takt::cage
