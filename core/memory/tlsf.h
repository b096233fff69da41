// SPDX-License-Identifier: Apache-2.0
// The heap of one region: two-level segregated fit. Background: docs/memory.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace takt {

/// Good-fit allocator over a span of bytes, with constant time for every operation.
///
/// It has the size classes, the rounding, the splitting and the merging of the TLSF in ESP-IDF, and
/// on a 64-bit host the same layout to the byte as on a 32-bit device: links are 32-bit offsets,
/// a header is 4 bytes, a block at least 12. So fragmentation on the host is that of the device.
///
/// Cost.     No loop: bounded by a few dozen instructions more than a hundred, however many blocks
///           are live. check() alone walks.
/// Context.  One caller at a time; Memory adds the exclusion.
/// Errors.   Null means that no class large enough has a free block. A pointer that is not a live
///           block of this heap fails TAKT_ASSERT where that can be seen from its header.
class Tlsf {
 public:
  static constexpr std::size_t kHeaderBytes = 4;     ///< What each block costs beside its size.
  static constexpr std::size_t kMinBlockBytes = 12;  ///< Two links and the size for the neighbour.
  static constexpr std::size_t kMaxStorage = std::size_t{64} << 20;  ///< 26 bits of the header.
  static constexpr unsigned kOwnerBits = 6;                          ///< The rest of the header.

  struct Walk {
    bool sound;  ///< Every header, link, list and bitmap agrees with the others.
    std::uint32_t used_blocks;
    std::uint32_t free_blocks;
  };

  /// Manages `storage`, aligned to 4, whose front holds the tables. Blocks are aligned to
  /// `granularity` (a power of two, 4 to 64): 4 as on a 32-bit device, 16 where a 64-bit C library
  /// expects malloc.
  Tlsf(std::span<std::byte> storage, std::size_t granularity);
  Tlsf(const Tlsf&) = delete;
  Tlsf& operator=(const Tlsf&) = delete;

  /// A block of at least `bytes` whose header remembers `owner`.
  [[nodiscard]] void* allocate(std::size_t bytes, std::uint8_t owner);

  /// The same at a multiple of `align`, a power of two.
  [[nodiscard]] void* allocate_aligned(std::size_t bytes, std::size_t align, std::uint8_t owner);

  void free(void* block);

  /// Shrinks, or grows into the free neighbour behind. False: no room there, nothing changed.
  bool resize(void* block, std::size_t bytes);

  std::size_t size_of(const void* block) const { return size_at(offset_of(block)); }
  std::uint8_t owner_of(const void* block) const;

  bool contains(const void* address) const {
    const auto* byte = static_cast<const std::byte*>(address);
    return byte >= base_ && byte < base_ + end_;
  }

  std::size_t capacity() const { return capacity_; }  ///< Size of the one block of an empty heap.
  std::size_t free_bytes() const { return free_bytes_; }  ///< Sum of the sizes of free blocks.

  /// The largest request that is sure to succeed: the lower end of the highest class in use.
  std::size_t largest() const;

  /// Walks the whole heap: for tests and for a crash dump, not for a running device.
  Walk check() const;

 private:
  using Offset = std::uint32_t;  // Of a payload from base_; 0, where the tables are, means none.

  struct Class {
    std::uint32_t first;
    std::uint32_t second;
  };

  std::uint32_t word(Offset at) const {
    std::uint32_t value = 0;
    std::memcpy(&value, base_ + at, sizeof value);
    return value;
  }
  void set_word(Offset at, std::uint32_t value) { std::memcpy(base_ + at, &value, sizeof value); }

  std::uint32_t header(Offset b) const { return word(b - 4); }
  void set_header(Offset b, std::uint32_t value) { set_word(b - 4, value); }
  std::uint32_t size_at(Offset b) const;
  bool is_free(Offset b) const { return (header(b) & 1U) != 0; }
  bool is_prev_free(Offset b) const { return (header(b) & 2U) != 0; }
  Offset next(Offset b) const { return b + size_at(b) + 4; }
  Offset prev(Offset b) const { return word(b - 8); }
  Offset next_in_list(Offset b) const { return word(b); }
  Offset prev_in_list(Offset b) const { return word(b + 4); }

  Offset offset_of(const void* block) const;

  std::uint32_t round_to_class(std::uint32_t size) const;
  std::uint32_t round_to_grain(std::uint32_t size) const;
  Class class_of(std::uint32_t size) const;
  Offset second_level(std::uint32_t first) const { return 4 * first; }
  Offset head_of(Class c) const;

  void insert(Offset b, std::uint32_t size);
  void set_head(Class c, Offset after);
  void remove(Offset b, std::uint32_t size);
  Offset take(std::uint32_t size);
  void put_free(Offset b, std::uint32_t size);
  void* give(Offset b, std::uint32_t whole, std::uint32_t size, std::uint32_t flags);
  std::uint32_t absorb(Offset b);
  bool lists_hold(std::uint32_t free_blocks) const;
  bool list_is_sound(Class c, std::uint32_t& blocks) const;

  std::byte* base_;  // At the front: second-level bitmaps, then the heads of the lists.
  Offset first_;
  Offset end_;
  std::uint32_t grain_;
  std::uint32_t second_log2_;
  std::uint32_t first_count_;
  std::uint32_t first_bitmap_ = 0;
  std::size_t capacity_;
  std::size_t free_bytes_ = 0;
};

}  // namespace takt
