// SPDX-License-Identifier: Apache-2.0
// Blocks of one size, all made at start.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace takt {

/// Hands out equal blocks from a storage that the owner places: no header, no fragmentation.
///
/// Cost.     Constant.
/// Context.  One caller at a time.
/// Errors.   Null when all are out, which is counted. Returning what is not out fails TAKT_ASSERT.
class BlockPool {
 public:
  /// Bytes of storage for `count` blocks; `block_bytes` and `align` as for the constructor.
  static std::size_t storage_for(std::size_t count, std::size_t block_bytes, std::size_t align);

  /// As many blocks as fit, behind one bit for each. `align` is a power of two, at least 4, and
  /// that of `storage`.
  BlockPool(std::span<std::byte> storage, std::size_t block_bytes, std::size_t align);
  BlockPool(const BlockPool&) = delete;
  BlockPool& operator=(const BlockPool&) = delete;

  [[nodiscard]] void* acquire();
  void release(void* block);

  std::size_t block_bytes() const { return block_bytes_; }
  std::size_t capacity() const { return capacity_; }
  std::size_t in_use() const { return in_use_; }
  std::size_t peak() const { return peak_; }
  std::uint32_t failures() const { return failures_; }

 private:
  std::byte* block_at(std::size_t index) const { return blocks_ + index * block_bytes_; }
  bool is_out(std::size_t index) const;
  void flip(std::size_t index);

  std::byte* out_bits_;
  std::byte* blocks_ = nullptr;
  std::size_t block_bytes_;
  std::size_t capacity_ = 0;
  std::size_t in_use_ = 0;
  std::size_t peak_ = 0;
  std::size_t untouched_ = 0;   // Blocks from here on were never out, and are in no list.
  std::uint32_t free_ = kNone;  // Head of the list of returned blocks.
  std::uint32_t failures_ = 0;

  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
};

}  // namespace takt
