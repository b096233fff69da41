// SPDX-License-Identifier: Apache-2.0
// What cage_malloc.cc, which takes the place of malloc, calls. Nothing here may allocate, take a
// lock that an allocating thread can hold, or need a constructor to have run.
#pragma once

#include <cstddef>

#include "takt/core/memory/allocator.h"

namespace takt::cage {

struct Core;

/// Which memory a thread allocates from.
struct Binding {
  Core* core;
  Tag tag;
  Placement placement;
};

/// Null: the system's allocator. In the executable's own thread-local storage, which is there
/// before the first instruction of a thread and needs no allocation to reach.
extern constinit thread_local const Binding* g_binding;

/// Null: no memory; errno is not touched.
void* allocate(const Binding& binding, std::size_t bytes, std::size_t align) noexcept;

// Of blocks for which owned() holds, from any thread:
void release(void* block) noexcept;
std::size_t usable_size(const void* block) noexcept;
bool belongs_to(const Binding& binding, const void* block) noexcept;
/// Within the binding's own memory. Null: no memory; `block` stays as it was.
void* reallocate(const Binding& binding, void* block, std::size_t bytes) noexcept;

}  // namespace takt::cage
