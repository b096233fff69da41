// SPDX-License-Identifier: Apache-2.0
// Memory that is given back all at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "takt/core/memory/allocator.h"

namespace takt {

/// Takes blocks one behind the other from a storage that the owner placed: for what is built up
/// and dropped together, such as a parsed document. The placement and tag of requests are those
/// of the storage, so they are ignored. free() gives memory back only for the newest block.
///
/// Cost.     Constant, but for a reallocate() that moves.
/// Context.  One caller at a time.
class Arena final : public Allocator {
 public:
  explicit Arena(std::span<std::byte> storage) : storage_(storage) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  void* allocate(const MemoryRequest& request) override;
  void free(void* block) override;
  void* reallocate(void* block, std::size_t bytes, Placement placement, std::size_t align) override;
  std::size_t usable_size(const void* block) const override;

  /// Drops everything. What was handed out must no longer be used.
  void reset() { used_ = newest_ = 0; }

  std::size_t used() const { return used_; }
  std::size_t high_water() const { return high_water_; }  ///< Maximum of used(); survives reset().
  std::uint32_t failures() const { return failures_; }

 private:
  std::size_t offset_of(const void* block) const;

  std::span<std::byte> storage_;
  std::size_t used_ = 0;
  std::size_t newest_ = 0;  // Offset of the newest block, if any is live.
  std::size_t high_water_ = 0;
  std::uint32_t failures_ = 0;
};

}  // namespace takt
