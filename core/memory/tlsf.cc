// SPDX-License-Identifier: Apache-2.0
#include "takt/core/memory/tlsf.h"

#include <algorithm>
#include <bit>
#include <type_traits>

#include "takt/core/base/assert.h"
#include "takt/core/base/bits.h"

namespace takt {
namespace {

// A header: owner in the top bits, size in the middle (a multiple of 4), two flags below.
constexpr std::uint32_t kFree = 1;
constexpr std::uint32_t kPrevFree = 2;
constexpr unsigned kOwnerShift = 32 - Tlsf::kOwnerBits;
constexpr std::uint32_t kSizeMask = (1U << kOwnerShift) - 4;

constexpr std::uint32_t kHeader = Tlsf::kHeaderBytes;
constexpr std::uint32_t kMinBlock = Tlsf::kMinBlockBytes;
// The least that can be split off: a header and the smallest block.
constexpr std::uint32_t kMinSpan = kHeader + kMinBlock;

constexpr std::uint32_t kGrainLog2 = 2;  // ESP-IDF's classes are counted in steps of 4 bytes.

std::uint32_t floor_log2(std::uint32_t value) {
  return static_cast<std::uint32_t>(std::bit_width(value)) - 1;
}

template <typename Word>
constexpr Word round_up(Word value, std::type_identity_t<Word> step) {
  return (value + step - 1) & ~(step - 1);
}

std::uint32_t owner_bits(std::uint8_t owner) {
  TAKT_ASSERT(owner < (1U << Tlsf::kOwnerBits));
  return std::uint32_t{owner} << kOwnerShift;
}

// ESP-IDF's choice: the smaller the heap, the coarser its classes, the smaller its tables.
std::uint32_t second_log2_for(std::size_t bytes) {
  if (bytes <= 16 * 1024) return 3;
  return bytes <= 256 * 1024 ? 4 : 5;
}

}  // namespace

Tlsf::Tlsf(std::span<std::byte> storage, std::size_t granularity)
    : base_(storage.data()), grain_(static_cast<std::uint32_t>(granularity)) {
  TAKT_ASSERT(std::has_single_bit(granularity) && granularity >= 4 && granularity <= 64);
  TAKT_ASSERT(storage.size() <= kMaxStorage);
  const auto address = reinterpret_cast<std::uintptr_t>(base_);
  TAKT_ASSERT(address % 4 == 0);
  const auto bytes = static_cast<std::uint32_t>(storage.size());
  second_log2_ = second_log2_for(bytes);
  const std::uint32_t shift = second_log2_ + kGrainLog2;
  TAKT_ASSERT(bytes > 0 && floor_log2(bytes) + 1 >= shift);
  first_count_ = floor_log2(bytes) + 2 - shift;
  const std::uint32_t table_bytes = 4 * first_count_ * (1 + (1U << second_log2_));
  const std::uintptr_t payload = round_up(address + table_bytes + kHeader, granularity);
  first_ = static_cast<Offset>(payload - address);
  TAKT_ASSERT(first_ + kMinSpan <= bytes);
  // The payload that the sentinel would have; only its header exists.
  const Offset sentinel = first_ + ((bytes - first_) & ~(grain_ - 1));
  TAKT_ASSERT(sentinel >= first_ + kMinSpan);
  end_ = sentinel;
  capacity_ = sentinel - kHeader - first_;
  std::memset(base_, 0, table_bytes);
  set_header(sentinel, 0);
  put_free(first_, static_cast<std::uint32_t>(capacity_));
}

std::uint32_t Tlsf::size_at(Offset b) const { return header(b) & kSizeMask; }

std::uint8_t Tlsf::owner_of(const void* block) const {
  return static_cast<std::uint8_t>(header(offset_of(block)) >> kOwnerShift);
}

Tlsf::Offset Tlsf::offset_of(const void* block) const {
  TAKT_ASSERT(contains(block));
  const auto offset = static_cast<Offset>(static_cast<const std::byte*>(block) - base_);
  TAKT_ASSERT(offset >= first_ && ((offset - first_) & (grain_ - 1)) == 0 && !is_free(offset));
  return offset;
}

// The size that a request takes: good fit rounds it up to the next class, so that the first block
// of a class that is found is large enough without a search along its list.
std::uint32_t Tlsf::round_to_class(std::uint32_t size) const {
  size = std::max(round_up(size, 4U), kMinBlock);
  if (size < (1U << (second_log2_ + kGrainLog2))) return size;
  return round_up(size, 1U << (floor_log2(size) - second_log2_));
}

// All blocks, header included, are multiples of the granularity.
std::uint32_t Tlsf::round_to_grain(std::uint32_t size) const {
  return round_up(size + kHeader, grain_) - kHeader;
}

Tlsf::Class Tlsf::class_of(std::uint32_t size) const {
  const std::uint32_t shift = second_log2_ + kGrainLog2;
  if (size < (1U << shift)) return {0, size >> kGrainLog2};
  const std::uint32_t log2 = floor_log2(size);
  return {log2 - (shift - 1), (size >> (log2 - second_log2_)) ^ (1U << second_log2_)};
}

Tlsf::Offset Tlsf::head_of(Class c) const {
  return second_level(first_count_) + 4 * ((c.first << second_log2_) + c.second);
}

std::size_t Tlsf::largest() const {
  if (first_bitmap_ == 0) return 0;
  const std::uint32_t first = floor_log2(first_bitmap_);
  const std::uint32_t second = floor_log2(word(second_level(first)));
  if (first == 0) return std::size_t{second} << kGrainLog2;
  const std::uint32_t step_log2 = first - 1 + kGrainLog2;
  return std::size_t{(1U << second_log2_) + second} << step_log2;
}

void Tlsf::insert(Offset b, std::uint32_t size) {
  const Class c = class_of(size);
  const Offset head = head_of(c);
  const Offset old = word(head);
  set_word(b, old);
  set_word(b + 4, 0);
  if (old != 0) set_word(old + 4, b);
  set_word(head, b);
  first_bitmap_ |= bit(c.first);
  const Offset level = second_level(c.first);
  set_word(level, word(level) | bit(c.second));
  free_bytes_ += size;
}

// Makes `after` the head of its list, or the list empty.
void Tlsf::set_head(Class c, Offset after) {
  set_word(head_of(c), after);
  if (after != 0) return set_word(after + 4, 0);
  const Offset level = second_level(c.first);
  const std::uint32_t map = word(level) & ~bit(c.second);
  set_word(level, map);
  if (map == 0) first_bitmap_ &= ~bit(c.first);
}

void Tlsf::remove(Offset b, std::uint32_t size) {
  const Offset before = prev_in_list(b);
  const Offset after = next_in_list(b);
  free_bytes_ -= size;
  if (before == 0) return set_head(class_of(size), after);
  set_word(before, after);
  if (after != 0) set_word(after + 4, before);
}

// Removes from its list a block of at least `size`, which round_to_class() has rounded; 0: none.
Tlsf::Offset Tlsf::take(std::uint32_t size) {
  Class c = class_of(size);
  if (c.first >= first_count_) return 0;
  std::uint32_t map = word(second_level(c.first)) & (~0U << c.second);
  if (map == 0) {
    const std::uint32_t above = first_bitmap_ & (~0U << c.first << 1);
    if (above == 0) return 0;
    c.first = lowest(above);
    map = word(second_level(c.first));
  }
  c.second = lowest(map);
  const Offset b = word(head_of(c));
  set_head(c, next_in_list(b));
  free_bytes_ -= size_at(b);
  return b;
}

// Makes a free block of bytes that are in no list, between two used blocks. The one behind learns
// of it in its header, and where it starts in the word before that.
void Tlsf::put_free(Offset b, std::uint32_t size) {
  set_header(b, size | kFree);
  const Offset after = b + size + kHeader;
  set_word(after - 8, b);
  set_header(after, header(after) | kPrevFree);
  insert(b, size);
}

// Makes a used block of `size` out of one of `whole` that take() returned; what is over goes back.
// `flags`: owner, and kPrevFree if the block in front is free.
void* Tlsf::give(Offset b, std::uint32_t whole, std::uint32_t size, std::uint32_t flags) {
  if (whole >= size + kMinSpan) {
    set_header(b, size | flags);
    put_free(b + size + kHeader, whole - size - kHeader);
  } else {
    set_header(b, whole | flags);
    const Offset after = b + whole + kHeader;
    set_header(after, header(after) & ~kPrevFree);
  }
  return base_ + b;
}

void* Tlsf::allocate(std::size_t bytes, std::uint8_t owner) {
  if (bytes > capacity_) return nullptr;
  const std::uint32_t size = round_to_class(static_cast<std::uint32_t>(bytes));
  const Offset b = take(size);
  if (b == 0) return nullptr;
  return give(b, size_at(b), round_to_grain(size), owner_bits(owner));
}

void* Tlsf::allocate_aligned(std::size_t bytes, std::size_t align, std::uint8_t owner) {
  TAKT_ASSERT((align & (align - 1)) == 0);  // std::has_single_bit may be a call of the library.
  if (align <= grain_) return allocate(bytes, owner);
  if (bytes > capacity_ || align > capacity_) return nullptr;
  const auto step = static_cast<std::uint32_t>(align);
  const std::uint32_t size = round_to_grain(std::max(static_cast<std::uint32_t>(bytes), kMinBlock));
  // Room for the worst gap that is large enough to become a block of its own.
  const Offset b = take(round_to_class(round_up(size + step + kMinSpan, step)));
  if (b == 0) return nullptr;
  const std::uint32_t whole = size_at(b);
  const std::uint32_t flags = owner_bits(owner);
  const auto address = reinterpret_cast<std::uintptr_t>(base_ + b);
  auto gap = static_cast<std::uint32_t>(round_up(address, align) - address);
  if (gap == 0) return give(b, whole, size, flags);
  if (gap < kMinSpan) gap += round_up(kMinSpan - gap, step);
  set_header(b + gap, 0);
  put_free(b, gap - kHeader);
  return give(b + gap, whole - gap, size, flags | kPrevFree);
}

void Tlsf::free(void* block) {
  Offset b = offset_of(block);
  std::uint32_t size = size_at(b);
  if (is_prev_free(b)) {
    b = prev(b);
    const std::uint32_t more = size_at(b);
    remove(b, more);
    size += kHeader + more;
  }
  put_free(b, size + absorb(b + size + kHeader));
}

// If `b` is free, takes it off its list; returns what the block in front of it gains.
std::uint32_t Tlsf::absorb(Offset b) {
  if (!is_free(b)) return 0;
  const std::uint32_t size = size_at(b);
  remove(b, size);
  return size + kHeader;
}

bool Tlsf::resize(void* block, std::size_t bytes) {
  const Offset b = offset_of(block);
  if (bytes > capacity_) return false;
  const std::uint32_t size = round_to_grain(std::max(static_cast<std::uint32_t>(bytes), kMinBlock));
  const std::uint32_t old = size_at(b);
  const Offset after = next(b);
  const std::uint32_t room = old + (is_free(after) ? size_at(after) + kHeader : 0);
  if (size > room) return false;
  // What is too small for a block of its own stays with this one.
  if (size <= old && old - size < kMinSpan) return true;
  absorb(after);
  give(b, room, size, header(b) & ~kSizeMask);
  return true;
}

bool Tlsf::list_is_sound(Class c, std::uint32_t& blocks) const {
  Offset before = 0;
  for (Offset b = word(head_of(c)); b != 0; b = next_in_list(b)) {
    const Class own = class_of(size_at(b));
    if (!is_free(b) || prev_in_list(b) != before) return false;
    if (own.first != c.first || own.second != c.second) return false;
    before = b;
    ++blocks;
  }
  return true;
}

bool Tlsf::lists_hold(std::uint32_t free_blocks) const {
  std::uint32_t listed = 0;
  for (std::uint32_t first = 0; first < first_count_; ++first) {
    const std::uint32_t map = word(second_level(first));
    if ((map != 0) != has(first_bitmap_, first)) return false;
    for (std::uint32_t second = 0; second < (1U << second_log2_); ++second) {
      const Class c{first, second};
      if ((word(head_of(c)) != 0) != has(map, second)) return false;
      if (!list_is_sound(c, listed)) return false;
    }
  }
  return listed == free_blocks;
}

Tlsf::Walk Tlsf::check() const {
  Walk walk{false, 0, 0};
  std::size_t free_sum = 0;
  bool before_free = false;
  Offset before = 0;
  Offset b = first_;
  for (; b < end_; b = next(b)) {
    if (size_at(b) < kMinBlock || is_prev_free(b) != before_free) return walk;
    if (before_free && (prev(b) != before || is_free(b))) return walk;  // Neighbours must merge.
    before = b;
    before_free = is_free(b);
    if (before_free) free_sum += size_at(b);
    ++(before_free ? walk.free_blocks : walk.used_blocks);
  }
  walk.sound = b == end_ && size_at(end_) == 0 && is_prev_free(end_) == before_free &&
               free_sum == free_bytes_ && lists_hold(walk.free_blocks);
  return walk;
}

}  // namespace takt
