// SPDX-License-Identifier: Apache-2.0
// Where newlib's malloc takes its memory from, in programs that have one: what internal RAM is
// left.
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <new>

#include "takt/core/base/assert.h"

extern "C" {
extern char g_heap_begin[], g_heap_end[];

void* _sbrk(std::ptrdiff_t bytes) {
  static char* end = g_heap_begin;
  if (bytes > g_heap_end - end) {
    errno = ENOMEM;
    return reinterpret_cast<void*>(-1);
  }
  char* const block = end;
  end += bytes;
  return block;
}
}

// Those of the library throw.
void* operator new(std::size_t bytes) {
  void* const block = std::malloc(bytes);
  TAKT_ASSERT(block != nullptr);
  return block;
}
void* operator new(std::size_t bytes, const std::nothrow_t& /*tag*/) noexcept {
  return std::malloc(bytes);
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t /*bytes*/) noexcept { std::free(block); }
