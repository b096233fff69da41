// SPDX-License-Identifier: Apache-2.0
// A buffer that is used again and again instead of a heap block each time.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "takt/core/base/status.h"

namespace takt {

/// Lends one buffer, never to two at once: for JSON texts, JPEG rows and the like.
///
/// Context.  lease() and the end of a lease: any task. The bytes belong to the lease's holder.
/// Cost.     Constant; never waits.
class Scratch {
 public:
  /// Gives the buffer back when it ends. Must not outlive its Scratch.
  class Lease {
   public:
    Lease(Lease&& other) noexcept
        : owner_(std::exchange(other.owner_, nullptr)), bytes_(other.bytes_) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (owner_ != nullptr) owner_->leased_.store(false, std::memory_order_release);
    }

    std::span<std::byte> bytes() const { return bytes_; }

   private:
    friend class Scratch;
    Lease(Scratch& owner, std::span<std::byte> bytes) : owner_(&owner), bytes_(bytes) {}

    Scratch* owner_;
    std::span<std::byte> bytes_;
  };

  explicit Scratch(std::span<std::byte> storage) : storage_(storage) {}
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  /// The first `bytes` of the buffer.
  /// - kTooLarge: more than there is; high_water() then says how much would have been needed.
  /// - kBusy: lent already; counted.
  Result<Lease> lease(std::size_t bytes) {
    std::size_t seen = high_water_.load(std::memory_order_relaxed);
    // Bounded: by the tasks that ask for more at this very moment.
    while (bytes > seen && !high_water_.compare_exchange_weak(seen, bytes)) {
    }
    if (bytes > storage_.size()) return Status::kTooLarge;
    if (leased_.exchange(true, std::memory_order_acquire)) {
      refusals_.fetch_add(1, std::memory_order_relaxed);
      return Status::kBusy;
    }
    return Lease(*this, storage_.first(bytes));
  }

  std::size_t capacity() const { return storage_.size(); }
  std::size_t high_water() const { return high_water_; }  ///< The most that was ever asked for.
  std::uint32_t refusals() const { return refusals_; }    ///< Times it was lent already.

 private:
  std::span<std::byte> storage_;
  std::atomic<bool> leased_{false};
  std::atomic<std::size_t> high_water_{0};
  std::atomic<std::uint32_t> refusals_{0};
};

}  // namespace takt
