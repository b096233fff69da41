// SPDX-License-Identifier: Apache-2.0
#include "takt/core/memory/adapters.h"

#include <algorithm>
#include <cstring>

#include "takt/core/base/assert.h"

namespace takt {
namespace {

constexpr std::size_t kAlign = alignof(std::max_align_t);
// In front of each block for RapidJSON: a pointer, padded so that what follows stays aligned.
constexpr std::size_t kPrefix = std::max(kAlign, sizeof(void*));

// Throws std::bad_alloc, as the standard library was built to, from code built without exceptions.
void* raise(std::size_t bytes) { return std::pmr::null_memory_resource()->allocate(bytes, 1); }

void* start_of(void* block) { return static_cast<std::byte*>(block) - kPrefix; }

void* with_prefix(void* start, Allocator* owner) {
  std::memcpy(start, &owner, sizeof(void*));
  return static_cast<std::byte*>(start) + kPrefix;
}

}  // namespace

void PmrResource::operator delete(void*) { TAKT_ASSERT(false && "a resource on a heap"); }

void* PmrResource::do_allocate(std::size_t bytes, std::size_t align) {
  void* block = below_.allocate({bytes, placement_, tag_, align});
  return block != nullptr ? block : raise(bytes);
}

void PmrResource::do_deallocate(void* block, std::size_t, std::size_t) { below_.free(block); }

void* RapidJsonAllocator::Malloc(std::size_t bytes) {
  TAKT_ASSERT(below_ != nullptr);
  if (bytes == 0) return nullptr;
  void* start = below_->allocate({bytes + kPrefix, placement_, tag_, kAlign});
  return start != nullptr ? with_prefix(start, below_) : raise(bytes);
}

void* RapidJsonAllocator::Realloc(void* block, std::size_t, std::size_t bytes) {
  if (block == nullptr) return Malloc(bytes);
  if (bytes == 0) {
    Free(block);
    return nullptr;
  }
  void* start = below_->reallocate(start_of(block), bytes + kPrefix, placement_, kAlign);
  return start != nullptr ? with_prefix(start, below_) : raise(bytes);
}

void RapidJsonAllocator::Free(void* block) {
  if (block == nullptr) return;
  Allocator* owner = nullptr;
  std::memcpy(&owner, start_of(block), sizeof(void*));
  owner->free(start_of(block));
}

}  // namespace takt
