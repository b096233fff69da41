// SPDX-License-Identifier: Apache-2.0
// Where newlib's malloc takes its memory from, in programs that have one: what internal RAM is left.
#include <cerrno>
#include <cstddef>

extern "C" {
extern char takt_heap_begin[], takt_heap_end[];

void* _sbrk(std::ptrdiff_t bytes) {
  static char* end = takt_heap_begin;
  if (bytes > takt_heap_end - end) {
    errno = ENOMEM;
    return reinterpret_cast<void*>(-1);
  }
  char* const block = end;
  end += bytes;
  return block;
}
}
