// SPDX-License-Identifier: Apache-2.0
#include "takt/core/memory/pool.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "takt/core/base/assert.h"

namespace takt {
namespace {

std::size_t round_up(std::size_t value, std::size_t step) {
  return (value + step - 1) & ~(step - 1);
}

std::size_t bits_bytes(std::size_t count, std::size_t align) {
  return round_up((count + 7) / 8, align);
}

std::size_t rounded_block(std::size_t bytes, std::size_t align) {
  return round_up(std::max(bytes, sizeof(std::uint32_t)), align);
}

}  // namespace

std::size_t BlockPool::storage_for(std::size_t count, std::size_t block_bytes, std::size_t align) {
  return bits_bytes(count, align) + count * rounded_block(block_bytes, align);
}

BlockPool::BlockPool(std::span<std::byte> storage, std::size_t block_bytes, std::size_t align)
    : out_bits_(storage.data()), block_bytes_(rounded_block(block_bytes, align)) {
  TAKT_ASSERT(std::has_single_bit(align) && align >= 4);
  TAKT_ASSERT(reinterpret_cast<std::uintptr_t>(out_bits_) % align == 0);
  capacity_ = storage.size() * 8 / (block_bytes_ * 8 + 1);
  // Bounded: what rounding adds to the bits is less than two blocks.
  while (capacity_ > 0 && storage_for(capacity_, block_bytes, align) > storage.size()) {
    --capacity_;
  }
  TAKT_ASSERT(capacity_ > 0);
  const std::size_t front = bits_bytes(capacity_, align);
  std::memset(out_bits_, 0, front);
  blocks_ = out_bits_ + front;
}

bool BlockPool::is_out(std::size_t index) const {
  return (out_bits_[index / 8] >> (index % 8) & std::byte{1}) != std::byte{0};
}

void BlockPool::flip(std::size_t index) { out_bits_[index / 8] ^= std::byte{1} << (index % 8); }

void* BlockPool::acquire() {
  if (in_use_ == capacity_) {
    ++failures_;
    return nullptr;
  }
  std::size_t index = free_;
  if (free_ != kNone) {
    std::memcpy(&free_, block_at(index), sizeof free_);
  } else {
    index = untouched_++;
  }
  flip(index);
  peak_ = std::max(peak_, ++in_use_);
  return block_at(index);
}

void BlockPool::release(void* block) {
  const auto* byte = static_cast<std::byte*>(block);
  TAKT_ASSERT(byte >= blocks_ && byte < block_at(capacity_));
  const auto distance = static_cast<std::size_t>(byte - blocks_);
  const std::size_t index = distance / block_bytes_;
  TAKT_ASSERT(distance % block_bytes_ == 0 && is_out(index));
  flip(index);
  --in_use_;
  std::memcpy(block, &free_, sizeof free_);
  free_ = static_cast<std::uint32_t>(index);
}

}  // namespace takt
