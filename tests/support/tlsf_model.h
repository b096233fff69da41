// SPDX-License-Identifier: Apache-2.0
// What a heap must do, stated as a second heap: for the random tests and the fuzzer.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "takt/core/base/assert.h"
#include "takt/core/memory/tlsf.h"

namespace takt {

/// Drives a Tlsf and holds it to its laws. Each live block is filled with its own pattern over its
/// whole size, so an overlap, of blocks or with the tables, shows as a wrong byte or a failed walk.
/// A broken law fails TAKT_ASSERT: the same for GoogleTest and the fuzzer.
class TlsfModel {
 public:
  TlsfModel(std::size_t storage, std::size_t granularity)
      : bytes_(storage + 64), grain_(granularity) {
    void* start = bytes_.data();
    std::size_t space = bytes_.size();
    std::align(64, storage, start, space);
    heap_ = std::make_unique<Tlsf>(std::span(static_cast<std::byte*>(start), storage), grain_);
  }

  Tlsf& heap() { return *heap_; }
  std::size_t live() const { return blocks_.size(); }

  void allocate(std::size_t bytes, std::size_t align) {
    const auto owner = static_cast<std::uint8_t>(++stamp_ % 64);
    const std::size_t sure = heap_->largest();
    void* block = heap_->allocate_aligned(bytes, align, owner);
    if (block == nullptr) {
      TAKT_ASSERT(std::max<std::size_t>(bytes, 1) > sure || align > grain_);
      return;
    }
    TAKT_ASSERT(reinterpret_cast<std::uintptr_t>(block) % std::max(align, grain_) == 0);
    TAKT_ASSERT(heap_->size_of(block) >= bytes);
    blocks_.push_back({static_cast<std::uint8_t*>(block), heap_->size_of(block), owner, stamp_});
    fill(blocks_.back());
  }

  void free(std::size_t index) {
    Block& block = blocks_[index];
    verify(block);
    heap_->free(block.at);
    block = blocks_.back();
    blocks_.pop_back();
  }

  void resize(std::size_t index, std::size_t bytes) {
    Block& block = blocks_[index];
    const bool done = heap_->resize(block.at, bytes);
    const std::size_t size = heap_->size_of(block.at);
    TAKT_ASSERT(done ? size >= bytes : size == block.size && bytes > size);
    block.size = std::min(block.size, size);
    verify(block);
    block.size = size;
    fill(block);
  }

  void free_all() {
    while (!blocks_.empty()) free(blocks_.size() - 1);
    const Tlsf::Walk walk = heap_->check();
    TAKT_ASSERT(walk.sound && walk.used_blocks == 0 && walk.free_blocks == 1);
    TAKT_ASSERT(heap_->free_bytes() == heap_->capacity());
  }

  void check() const {
    const Tlsf::Walk walk = heap_->check();
    TAKT_ASSERT(walk.sound && walk.used_blocks == blocks_.size());
    std::size_t used = 0;
    for (const Block& block : blocks_) {
      verify(block);
      used += block.size;
    }
    const std::size_t headers = Tlsf::kHeaderBytes * (walk.used_blocks + walk.free_blocks - 1);
    TAKT_ASSERT(used + heap_->free_bytes() + headers == heap_->capacity());
  }

 private:
  struct Block {
    std::uint8_t* at;
    std::size_t size;
    std::uint8_t owner;
    std::uint32_t stamp;
  };

  static std::uint8_t pattern(const Block& block) {
    return static_cast<std::uint8_t>(block.stamp * 2'654'435'761U >> 24);
  }

  static void fill(const Block& block) { std::memset(block.at, pattern(block), block.size); }

  // All bytes are equal if the first is right and each equals its neighbour.
  void verify(const Block& block) const {
    TAKT_ASSERT(heap_->owner_of(block.at) == block.owner);
    TAKT_ASSERT(block.at[0] == pattern(block));
    TAKT_ASSERT(std::memcmp(block.at, block.at + 1, block.size - 1) == 0);
  }

  std::vector<std::byte> bytes_;
  std::size_t grain_;
  std::unique_ptr<Tlsf> heap_;
  std::vector<Block> blocks_;
  std::uint32_t stamp_ = 0;
};

}  // namespace takt
