// SPDX-License-Identifier: Apache-2.0
#include "takt/core/bus/slot.h"

#include <algorithm>
#include <tuple>

namespace takt::bus {
namespace {

constexpr auto kBlocks = static_cast<std::uint32_t>(std::tuple_size_v<SlotDirectory::Blocks>);

}  // namespace

std::uint32_t SlotDirectory::enroll(Slot* slots, std::uint32_t count) {
  const std::uint32_t wanted = (count + kBlock - 1) / kBlock;
  std::uint32_t run = 0;
  for (std::uint32_t b = 1; b < kBlocks; ++b) {  // Slot 0 must not exist, so block 0 does not.
    if (g_blocks[b].taken.exchange(true)) {
      for (; run > 0; --run) g_blocks[b - run].taken.store(false);
      continue;
    }
    if (++run < wanted) continue;
    const std::uint32_t first = b + 1 - wanted;
    for (std::uint32_t i = 0; i < wanted; ++i) {
      g_blocks[first + i].first.store(slots + i * kBlock, std::memory_order_relaxed);
      g_blocks[first + i].count.store(std::min(kBlock, count - i * kBlock),
                                      std::memory_order_release);
    }
    return first * kBlock;
  }
  for (; run > 0; --run) g_blocks[kBlocks - run].taken.store(false);
  return Handle::kMaxSlots;
}

void SlotDirectory::dismiss(std::uint32_t first, std::uint32_t count) {
  for (std::uint32_t b = first / kBlock; b * kBlock < first + count; ++b) {
    g_blocks[b].count.store(0);
    g_blocks[b].taken.store(false);
  }
}

}  // namespace takt::bus
