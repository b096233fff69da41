// SPDX-License-Identifier: Apache-2.0
// What the pool knows about one message, and how a handle finds it.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "takt/core/base/time.h"
#include "takt/core/bus/handle.h"

namespace takt::bus {

/// Words that different processors write stay this far apart. Small processors have no such
/// lines, and no memory to spare for them.
inline constexpr std::size_t kCacheLine = sizeof(void*) == 8 ? 64 : sizeof(void*);

/// What travels with a payload. Written by the publisher while it owns the slot alone.
struct Header {
  LocalTime published;
  std::uint32_t length = 0;   ///< Bytes of payload in use.
  std::uint32_t targets = 0;  ///< Addressees, one bit each; 0: all that subscribed to the topic.
  std::uint8_t topic = 0;
  ModuleId source = kNobody;
};

/// A budget of slots that several allocations share.
struct Tally {
  std::atomic<std::uint32_t> in_use{0};
  std::atomic<std::uint32_t> refused{0};
  std::uint32_t limit = 0;  ///< 0: no budget.
};

struct Extent;

/// The control word and header of one entry. Lies in the pool's control memory, apart from the
/// payload: some boards have no atomic instructions on external memory.
struct alignas(kCacheLine) Slot {
  /// `borrower` before the first allocation: such slots show how far the pool was ever used.
  static constexpr std::uint8_t kUntouched = 0xFF;

  std::atomic<std::uint32_t> holders{0};  ///< A Holders.
  std::atomic<std::uint32_t> next{0};     ///< In the free list: number in the extent, plus 1.
  std::byte* payload = nullptr;
  Extent* extent = nullptr;
  Tally* tally = nullptr;  ///< What to give back when the slot is freed.
  Header header;
  std::uint32_t number = 0;  ///< In all handles of this slot.
  /// The module that holds the loan of this slot; kNobody if no module does.
  std::atomic<std::uint8_t> borrower{kUntouched};

  /// Names the message that is in the slot now. For a holder, whose message cannot change.
  Handle handle() const {
    return {number, Holders{holders.load(std::memory_order_relaxed)}.generation(), kNobody};
  }
};

/// Up to SlotDirectory::kBlock slots with consecutive numbers.
struct SlotBlock {
  std::atomic<std::uint32_t> count{0};
  std::atomic<Slot*> first{nullptr};
  std::atomic<bool> taken{false};
};

/// Slots of all pools of the process by number: 4 bytes are too few for a pointer.
class SlotDirectory {
 public:
  static constexpr std::uint32_t kBlock = 64;
  /// Slots that there are numbers for.
  static constexpr std::uint32_t kMost = Handle::kMaxSlots - kBlock;
  using Blocks = std::array<SlotBlock, Handle::kMaxSlots / kBlock>;

  /// Null if no slot has this number. Any context.
  static Slot* find(Handle handle) {
    const SlotBlock& block = g_blocks[handle.slot() / kBlock];
    const std::uint32_t index = handle.slot() % kBlock;
    if (index >= block.count.load(std::memory_order_acquire)) return nullptr;
    return block.first.load(std::memory_order_relaxed) + index;
  }

  /// Gives `count` slots consecutive numbers and returns the first, or kMaxSlots if there is no
  /// such run left. At start; safe against other pools doing the same.
  static std::uint32_t enroll(Slot* slots, std::uint32_t count);

  /// Takes back the numbers of enroll(). No handle of these slots may be in use any more.
  static void dismiss(std::uint32_t first, std::uint32_t count);

 private:
  inline static constinit Blocks g_blocks{};
};

}  // namespace takt::bus
