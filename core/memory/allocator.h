// SPDX-License-Identifier: Apache-2.0
// How memory is asked for: size, place and owner are stated at every call.
#pragma once

#include <cstddef>
#include <cstdint>

namespace takt {

/// Where a block may lie.
enum class Placement : std::uint8_t {
  kInternal,        ///< On the chip: short-lived, latency-critical, task stacks.
  kExternal,        ///< In external RAM or nowhere.
  kPreferExternal,  ///< External, and internal where there is no external RAM or it is full.
  kDma,             ///< Where the board's DMA controllers reach.
};

/// The owner of a block: an index into the tag table of a Memory. Tag{} is "other".
struct Tag {
  std::uint8_t index = 0;
  bool operator==(const Tag&) const = default;
};

struct MemoryRequest {
  std::size_t bytes;  ///< 0 asks for the smallest block.
  Placement placement;
  Tag tag;
  std::size_t align = 1;  ///< A power of two; every block is aligned to its region's granularity.
};

/// Which requests fail on purpose, counted from 1.
struct FaultPlan {
  std::uint32_t nth = 0;    ///< This one; 0: none.
  std::uint32_t every = 0;  ///< Every multiple of this one; 0: none.

  bool hits(std::uint32_t number) const {
    return number == nth || (every != 0 && number % every == 0);
  }
};

/// A source of memory. Implementations forward to another one to count, cap or refuse.
class Allocator {
 public:
  /// Null: no memory, which is an answer and not an error of the caller.
  [[nodiscard]] virtual void* allocate(const MemoryRequest& request) = 0;

  /// Takes back a block of this allocator; null is ignored.
  virtual void free(void* block) = 0;

  /// Changes the size, in place where possible, else by moving the contents to `placement`. The
  /// tag stays; `align` is that of the block. Null: no memory; `block` stays as it was. `block`
  /// must not be null.
  [[nodiscard]] virtual void* reallocate(void* block, std::size_t bytes, Placement placement,
                                         std::size_t align) = 0;

  /// What may be used of a live block: at least what was asked for.
  virtual std::size_t usable_size(const void* block) const = 0;

 protected:
  ~Allocator() = default;
};

}  // namespace takt
