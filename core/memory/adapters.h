// SPDX-License-Identifier: Apache-2.0
// Lets std::pmr containers and RapidJSON allocate from an Allocator, placed and tagged.
#pragma once

#include <cstddef>
#include <memory_resource>

#include "takt/core/memory/allocator.h"

namespace takt {

/// For std::pmr containers.
///
/// Errors.   The interface has no null: no memory throws std::bad_alloc, and where the standard
///           library was built without exceptions it ends the program. A device caps what it
///           parses before it parses it.
class PmrResource final : public std::pmr::memory_resource {
 public:
  PmrResource(Allocator& below, Placement placement, Tag tag)
      : below_(below), placement_(placement), tag_(tag) {}

  /// The base's virtual destructor asks for one, and without this a device would link a heap for
  /// it. Fails TAKT_ASSERT: there is no operator new to go with it.
  static void operator delete(void* resource);

 private:
  void* do_allocate(std::size_t bytes, std::size_t align) override;
  void do_deallocate(void* block, std::size_t bytes, std::size_t align) override;
  bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
    return this == &other;
  }

  Allocator& below_;
  Placement placement_;
  Tag tag_;
};

/// RapidJSON's allocator concept, for documents, buffers and parse stacks. A value: copies
/// allocate from the same place. RapidJSON frees through a static function, so each block starts
/// with the Allocator it returns to.
///
/// Errors.   As PmrResource: RapidJSON uses what it gets without a look.
class RapidJsonAllocator {
 public:
  static const bool kNeedFree = true;

  /// RapidJSON compiles a path that makes its own allocator; using such a one fails TAKT_ASSERT.
  RapidJsonAllocator() = default;
  RapidJsonAllocator(Allocator& below, Placement placement, Tag tag)
      : below_(&below), placement_(placement), tag_(tag) {}

  // The names are RapidJSON's.
  void* Malloc(std::size_t bytes);
  void* Realloc(void* block, std::size_t old_bytes, std::size_t bytes);
  static void Free(void* block);

 private:
  Allocator* below_ = nullptr;
  Placement placement_ = Placement::kInternal;
  Tag tag_;
};

}  // namespace takt
