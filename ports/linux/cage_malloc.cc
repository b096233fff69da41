// SPDX-License-Identifier: Apache-2.0
// Takes the place of malloc and its kin in the whole program: glibc and libstdc++ call these too,
// so strdup, getaddrinfo and operator new follow. Linked as an object, never under a sanitizer,
// which has its own malloc.
//
// The system's allocator is reached by glibc's second names for it. dlsym would do for other
// libraries, but it allocates, and malloc is called before it may be.
#include <dlfcn.h>
#include <malloc.h>

#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "takt/ports/linux/cage_hooks.h"
#include "takt/ports/linux/cage_slots.h"

// NOLINTBEGIN(readability-identifier-naming): glibc's names.
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);
}
// NOLINTEND(readability-identifier-naming)

namespace {

using takt::cage::Binding;
using takt::cage::g_binding;
using takt::cage::owned;

constexpr std::size_t kPage = 4'096;

void* or_enomem(void* block) {
  if (block == nullptr) errno = ENOMEM;
  return block;
}

void* caged(const Binding& binding, std::size_t bytes, std::size_t align) {
  return or_enomem(takt::cage::allocate(binding, bytes, align));
}

// This one has no second name. Only reached when a block moves between owners, so long after
// start-up; dlsym allocates on failure at the most, and then with what is defined below.
std::size_t system_usable_size(void* block) {
  using Function = std::size_t (*)(void*);
  static const auto kFunction = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "malloc_usable_size"));
  return kFunction(block);
}

std::size_t any_usable_size(void* block) {
  return owned(block) ? takt::cage::usable_size(block) : system_usable_size(block);
}

// Allocation follows the calling thread, whoever owns the old block.
void* move(void* block, std::size_t bytes) {
  const std::size_t old = any_usable_size(block);
  void* moved = malloc(bytes);
  if (moved == nullptr) return nullptr;
  std::memcpy(moved, block, old < bytes ? old : bytes);
  free(block);
  return moved;
}

}  // namespace

extern "C" {

// Only there to be found by Cage::intercepts().
void takt_malloc_is_caged() {}

void* malloc(std::size_t bytes) noexcept {
  const Binding* binding = g_binding;
  return binding == nullptr ? __libc_malloc(bytes) : caged(*binding, bytes, 1);
}

void free(void* block) noexcept {
  if (!owned(block)) return __libc_free(block);
  const int before = errno;  // POSIX: free leaves it alone.
  takt::cage::release(block);
  errno = before;
}

void* calloc(std::size_t count, std::size_t bytes) noexcept {
  const Binding* binding = g_binding;
  if (binding == nullptr) return __libc_calloc(count, bytes);
  std::size_t product = 0;
  if (__builtin_mul_overflow(count, bytes, &product)) return or_enomem(nullptr);
  void* block = caged(*binding, product, 1);
  if (block != nullptr) std::memset(block, 0, product);
  return block;
}

void* realloc(void* block, std::size_t bytes) noexcept {
  if (block == nullptr) return malloc(bytes);
  if (bytes == 0) {  // As in glibc.
    free(block);
    return nullptr;
  }
  const Binding* binding = g_binding;
  const bool from_cage = owned(block);
  if (binding == nullptr && !from_cage) return __libc_realloc(block, bytes);
  if (binding != nullptr && from_cage && takt::cage::belongs_to(*binding, block)) {
    return or_enomem(takt::cage::reallocate(*binding, block, bytes));
  }
  return move(block, bytes);
}

void* memalign(std::size_t align, std::size_t bytes) noexcept {
  const Binding* binding = g_binding;
  if (binding == nullptr) return __libc_memalign(align, bytes);
  if (align > PTRDIFF_MAX) return or_enomem(nullptr);
  return caged(*binding, bytes, std::bit_ceil(align));  // glibc, too, rounds up.
}

void* aligned_alloc(std::size_t align, std::size_t bytes) noexcept {
  return memalign(align, bytes);
}

int posix_memalign(void** block, std::size_t align, std::size_t bytes) noexcept {
  if (!std::has_single_bit(align) || align % sizeof(void*) != 0) return EINVAL;
  const int before = errno;
  void* got = memalign(align, bytes);
  errno = before;
  if (got == nullptr) return ENOMEM;
  *block = got;
  return 0;
}

void* valloc(std::size_t bytes) noexcept { return memalign(kPage, bytes); }

void* pvalloc(std::size_t bytes) noexcept {
  std::size_t rounded = 0;
  if (__builtin_add_overflow(bytes, kPage - 1, &rounded)) return or_enomem(nullptr);
  return memalign(kPage, rounded & ~(kPage - 1));
}

std::size_t malloc_usable_size(void* block) noexcept {
  return block == nullptr ? 0 : any_usable_size(block);
}

}  // extern "C"
