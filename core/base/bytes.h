// SPDX-License-Identifier: Apache-2.0
// Numbers as bytes, least significant first: what goes over a wire or into a file.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include "takt/core/base/assert.h"

namespace takt {

/// Writes numbers into `bytes` from front to back. Requires room for all that is written.
class ByteWriter {
 public:
  constexpr explicit ByteWriter(std::span<std::byte> bytes) : bytes_(bytes) {}

  template <std::integral Number>
  constexpr void number(Number value) {
    const auto bits = static_cast<std::make_unsigned_t<Number>>(value);
    for (std::size_t i = 0; i < sizeof(Number); ++i) put(static_cast<std::byte>(bits >> (8 * i)));
  }
  constexpr void blob(std::span<const std::byte> from) {
    for (const std::byte byte : from) put(byte);
  }

  /// Bytes written.
  constexpr std::size_t size() const { return used_; }

  /// As ByteReader::ok(), for code that serves both directions.
  static constexpr bool ok() { return true; }

 private:
  constexpr void put(std::byte byte) {
    TAKT_ASSERT(used_ < bytes_.size());
    bytes_[used_++] = byte;
  }

  std::span<std::byte> bytes_;
  std::size_t used_ = 0;
};

/// Reads from front to back what a ByteWriter wrote. Behind the end, and after fail(), everything
/// reads as zero, so callers need to ask only once whether all was well.
class ByteReader {
 public:
  constexpr explicit ByteReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  template <std::integral Number>
  constexpr void number(Number& value) {
    std::make_unsigned_t<Number> bits = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i) {
      const auto byte = std::to_integer<std::make_unsigned_t<Number>>(get());
      bits = static_cast<std::make_unsigned_t<Number>>(bits | byte << (8 * i));
    }
    value = static_cast<Number>(bits);
  }
  template <std::integral Number>
  constexpr Number number() {
    Number value = 0;
    number(value);
    return value;
  }
  constexpr void blob(std::span<std::byte> to) {
    for (std::byte& byte : to) byte = get();
  }

  /// Notes that what was read makes no sense.
  constexpr void fail() { ok_ = false; }
  constexpr bool ok() const { return ok_; }
  /// Whether all was well and nothing is left.
  constexpr bool at_end() const { return ok_ && used_ == bytes_.size(); }

 private:
  constexpr std::byte get() {
    if (used_ == bytes_.size()) ok_ = false;
    return ok_ ? bytes_[used_++] : std::byte{0};
  }

  std::span<const std::byte> bytes_;
  std::size_t used_ = 0;
  bool ok_ = true;
};

}  // namespace takt
