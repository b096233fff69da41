// SPDX-License-Identifier: Apache-2.0
// The subsystems that own memory, and what each of them has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "takt/core/memory/allocator.h"

namespace takt {

/// "other" and what a device's tag table names. A block's header has room for 64.
inline constexpr std::size_t kMaxTags = 32;

/// Names that appear in the serial log are words: printable, not empty, no space.
constexpr bool is_word(std::string_view name) {
  for (char c : name) {
    if (c <= ' ' || c == '\x7f') return false;
  }
  return !name.empty();
}

struct TagSpec {
  std::string_view name;  ///< A word in static storage.
  std::size_t limit = 0;  ///< Most bytes, headers included, that may be live at once; 0: no limit.
  bool start_only = false;  ///< A part of core: after Memory::lock() its allocations are an assert.
};

/// Bytes count whole blocks with their headers: what the region has lost.
struct TagFigures {
  std::string_view name;
  std::size_t live = 0;
  std::size_t peak = 0;
  std::size_t on_chip = 0;  ///< The part of `live` in internal and DMA regions.
  std::size_t limit = 0;
  std::uint32_t blocks = 0;    ///< Live blocks.
  std::uint32_t failures = 0;  ///< Requests refused since boot, for want of room or by the limit.
};

}  // namespace takt
