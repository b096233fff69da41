// SPDX-License-Identifier: Apache-2.0
#include "takt/core/memory/arena.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "takt/core/base/assert.h"

namespace takt {
namespace {

// In front of each block: its size, which reallocate() needs to know what to copy.
constexpr std::size_t kHeader = sizeof(std::uint32_t);

}  // namespace

void* Arena::allocate(const MemoryRequest& request) {
  const std::size_t align = std::max(request.align, kHeader);
  TAKT_ASSERT(std::has_single_bit(align));
  const auto base = reinterpret_cast<std::uintptr_t>(storage_.data());
  const std::uintptr_t start = (base + used_ + kHeader + align - 1) & ~(align - 1);
  const std::size_t offset = start - base;
  if (offset > storage_.size() || request.bytes > storage_.size() - offset) {
    ++failures_;
    return nullptr;
  }
  const auto size = static_cast<std::uint32_t>(request.bytes);
  std::memcpy(storage_.data() + offset - kHeader, &size, sizeof size);
  newest_ = offset;
  used_ = offset + request.bytes;
  high_water_ = std::max(high_water_, used_);
  return storage_.data() + offset;
}

std::size_t Arena::offset_of(const void* block) const {
  const auto* byte = static_cast<const std::byte*>(block);
  TAKT_ASSERT(byte >= storage_.data() + kHeader && byte <= storage_.data() + used_);
  return static_cast<std::size_t>(byte - storage_.data());
}

std::size_t Arena::usable_size(const void* block) const {
  std::uint32_t size = 0;
  std::memcpy(&size, storage_.data() + offset_of(block) - kHeader, sizeof size);
  return size;
}

void Arena::free(void* block) {
  if (block == nullptr) return;
  const std::size_t offset = offset_of(block);
  if (newest_ != 0 && offset == newest_) {
    used_ = offset - kHeader;
    newest_ = 0;
  }
}

void* Arena::reallocate(void* block, std::size_t bytes, Placement placement, std::size_t align) {
  const std::size_t offset = offset_of(block);
  const std::size_t old = usable_size(block);
  if (offset == newest_ && bytes <= storage_.size() - offset) {
    const auto size = static_cast<std::uint32_t>(bytes);
    std::memcpy(storage_.data() + offset - kHeader, &size, sizeof size);
    used_ = offset + bytes;
    high_water_ = std::max(high_water_, used_);
    return block;
  }
  if (bytes <= old) return block;
  void* moved = allocate({bytes, placement, Tag{}, align});
  if (moved != nullptr) std::memcpy(moved, block, old);
  return moved;
}

}  // namespace takt
