// SPDX-License-Identifier: Apache-2.0
// Sets of small numbers in one word: outputs of a program, queues of a message, fields of an
// object.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>

namespace takt {

/// The set of `index` alone. Requires index < 32.
constexpr std::uint32_t bit(std::size_t index) { return std::uint32_t{1} << index; }

/// Whether `index` is in the set. Requires an index below the bits of the word.
template <std::unsigned_integral Set>
constexpr bool has(Set set, std::size_t index) {
  return (set >> index & 1U) != 0;
}

/// The smallest member. Requires that the set is not empty.
constexpr std::uint8_t lowest(std::uint32_t set) {
  return static_cast<std::uint8_t>(std::countr_zero(set));
}

/// The set without its smallest member; empty if `set` is.
constexpr std::uint32_t without_lowest(std::uint32_t set) { return set & (set - 1); }

/// The members of a set, in rising order: `for (const std::uint8_t output : Members{on})`.
class Members {
 public:
  class Iterator {
   public:
    constexpr explicit Iterator(std::uint32_t rest) : rest_(rest) {}
    constexpr bool operator==(const Iterator&) const = default;
    constexpr std::uint8_t operator*() const { return lowest(rest_); }
    constexpr Iterator& operator++() {
      rest_ = without_lowest(rest_);
      return *this;
    }

   private:
    std::uint32_t rest_;
  };

  constexpr explicit Members(std::uint32_t set) : set_(set) {}
  constexpr Iterator begin() const { return Iterator{set_}; }
  constexpr Iterator end() const { return Iterator{0}; }

 private:
  std::uint32_t set_;
};

/// How many members, by as many steps: the sets counted here have one or two, and small processors
/// have no instruction for it.
constexpr unsigned count_few(std::uint32_t set) {
  unsigned count = 0;
  for (; set != 0; set = without_lowest(set)) ++count;
  return count;
}

}  // namespace takt
