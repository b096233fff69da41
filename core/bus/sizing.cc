// SPDX-License-Identifier: Apache-2.0
#include "takt/core/bus/sizing.h"

namespace takt::bus {
namespace {

std::uint32_t entries_of(const Pool& pool, std::uint32_t payload_bytes) {
  const std::size_t index = pool.class_index(payload_bytes);
  return index == pool.class_count() ? 0 : pool.entries(index);
}

}  // namespace

Status resize(Registry& registry, std::uint32_t payload_bytes, std::uint32_t entries,
              PoolMemory& memory) {
  Pool& pool = registry.pool();
  Status status = Status::kOk;
  if (const std::uint32_t have = entries_of(pool, payload_bytes); have < entries) {
    const std::span<std::byte> piece =
        memory.take(Pool::memory_bytes(payload_bytes, entries - have));
    status = piece.empty() ? Status::kNoMemory : pool.add(payload_bytes, piece);
    if (status != Status::kOk && !piece.empty()) memory.give_back(piece);
  }
  // Bounded: by the pieces there are.
  while (entries_of(pool, payload_bytes) > entries) {
    const std::span<std::byte> piece = pool.shrink(payload_bytes, entries);
    if (piece.empty()) {
      status = Status::kBusy;
      break;
    }
    memory.give_back(piece);
  }
  registry.share_out();
  return status;
}

}  // namespace takt::bus
