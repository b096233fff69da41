// SPDX-License-Identifier: Apache-2.0
// The 32-bit words of the bus: one names a message, the other counts its holders.
#pragma once

#include <cstdint>

namespace takt::bus {

/// A module as the pool knows it: the source of what it publishes and the holder of what it keeps.
/// 1 to kMaxModules; kNobody is code outside any module, for which no recovery exists.
using ModuleId = std::uint8_t;
inline constexpr ModuleId kNobody = 0;

/// Five bits of a handle, zero excepted. The largest known user has 18.
inline constexpr unsigned kMaxModules = 31;

/// Names one message: slot, generation of the slot, and the module that answers for this reference
/// (kNobody while it lies in a queue). The zero word names nothing.
///
/// A slot changes generation whenever it is freed, so a handle that outlives its message is
/// recognised, unless the slot has meanwhile been freed an exact multiple of kGenerations times.
class Handle {
 public:
  static constexpr unsigned kSlotBits = 12;
  static constexpr unsigned kGenerationBits = 15;
  /// Slot 0 is never used: that is what makes every handle of a message non-zero.
  static constexpr std::uint32_t kMaxSlots = 1U << kSlotBits;
  static constexpr std::uint32_t kGenerations = 1U << kGenerationBits;

  constexpr Handle() = default;
  constexpr explicit Handle(std::uint32_t word) : word_(word) {}
  constexpr Handle(std::uint32_t slot, std::uint32_t generation, ModuleId owner)
      : word_(slot | generation << kSlotBits |
              static_cast<std::uint32_t>(owner) << (kSlotBits + kGenerationBits)) {}

  constexpr bool operator==(const Handle&) const = default;
  constexpr explicit operator bool() const { return word_ != 0; }

  constexpr std::uint32_t word() const { return word_; }
  constexpr std::uint32_t slot() const { return word_ & (kMaxSlots - 1); }
  constexpr std::uint32_t generation() const { return word_ >> kSlotBits & (kGenerations - 1); }
  constexpr ModuleId owner() const {
    return static_cast<ModuleId>(word_ >> (kSlotBits + kGenerationBits));
  }
  constexpr Handle owned_by(ModuleId owner) const { return {slot(), generation(), owner}; }

 private:
  std::uint32_t word_ = 0;
};
static_assert(sizeof(Handle) == 4);
static_assert(Handle::kSlotBits + Handle::kGenerationBits + 5 == 32);

/// Generation and number of holders in one word, so that one compare-and-swap both proves that a
/// handle is still good and changes the count. A count of zero is a free slot.
class Holders {
 public:
  static constexpr std::uint32_t kMaxCount = (1U << (32 - Handle::kGenerationBits)) - 1;

  constexpr Holders(std::uint32_t generation, std::uint32_t count)
      : word_(generation << kCountBits | count) {}
  constexpr explicit Holders(std::uint32_t word) : word_(word) {}

  constexpr std::uint32_t word() const { return word_; }
  constexpr std::uint32_t generation() const { return word_ >> kCountBits; }
  constexpr std::uint32_t count() const { return word_ & kMaxCount; }

  /// Whether `n` holders of a message of that generation may leave. One comparison, because every
  /// delivery asks twice: another generation is further away than any count.
  constexpr bool has(std::uint32_t generation, std::uint32_t n) const {
    return word_ - (generation << kCountBits) - n <= kMaxCount - n;
  }

  constexpr Holders plus(std::uint32_t n) const { return Holders{word_ + n}; }
  /// `n` holders less; the last one out turns the generation, which makes every copy of the old
  /// handle stale. Requires n <= count().
  constexpr Holders minus(std::uint32_t n) const {
    return Holders{word_ - n + (n == count() ? 1U << kCountBits : 0)};
  }

 private:
  static constexpr unsigned kCountBits = 32 - Handle::kGenerationBits;
  std::uint32_t word_;
};

}  // namespace takt::bus
