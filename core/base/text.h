// SPDX-License-Identifier: Apache-2.0
// Short texts without a heap, for messages that an interrupt or a full heap must not prevent.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace takt {

/// Up to `kCapacity` bytes of UTF-8. What does not fit is left out, and the text then ends with
/// "..." so that a reader sees the cut.
template <std::size_t kCapacity>
class FixedText {
  static_assert(kCapacity >= 4 && kCapacity <= 0xFFFF);

 public:
  FixedText() = default;
  explicit FixedText(std::string_view text) { append(text); }

  std::string_view view() const { return {bytes_.data(), size_}; }
  bool empty() const { return size_ == 0; }

  FixedText& append(std::string_view text) {
    const std::size_t room = kCapacity - size_;
    const std::size_t taken = text.size() <= room ? text.size() : room;
    if (taken > 0) std::memcpy(bytes_.data() + size_, text.data(), taken);
    size_ = static_cast<std::uint16_t>(size_ + taken);
    if (taken < text.size()) mark_cut();
    return *this;
  }

  FixedText& append(std::int64_t number) {
    std::array<char, 20> digits{};
    std::size_t first = digits.size();
    // Negated towards the negative side, because the smallest number has no positive twin.
    std::int64_t rest = number < 0 ? number : -number;
    // Bounded: by the digits of 64 bits.
    do {
      digits[--first] = static_cast<char>('0' - rest % 10);
      rest /= 10;
    } while (rest != 0);
    if (number < 0) digits[--first] = '-';
    return append(std::string_view{digits.data() + first, digits.size() - first});
  }

 private:
  void mark_cut() {
    std::size_t end = kCapacity - 3;
    // A cut inside a UTF-8 sequence would make the whole text invalid. Bounded: by the capacity.
    while (end > 0 && (static_cast<unsigned char>(bytes_[end]) & 0xC0U) == 0x80U) --end;
    std::memcpy(bytes_.data() + end, "...", 3);
    size_ = static_cast<std::uint16_t>(end + 3);
  }

  std::array<char, kCapacity> bytes_{};
  std::uint16_t size_ = 0;
};

}  // namespace takt
