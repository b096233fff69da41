// SPDX-License-Identifier: Apache-2.0
// UTF-8 as Unicode defines it: no overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once

#include <cstddef>
#include <string_view>

namespace takt {

/// Bytes of the valid sequence that `text` begins with, 1 to 4; 0: none, or nothing at all.
constexpr std::size_t utf8_sequence(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto within = [&](std::size_t i, unsigned low, unsigned high) {
    return byte(i) >= low && byte(i) <= high;
  };
  const auto rest = [&](std::size_t from, std::size_t length) {
    for (std::size_t i = from; i < length; ++i) {
      if (!within(i, 0x80, 0xBF)) return std::size_t{0};
    }
    return length;
  };
  if (text.empty()) return 0;
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return rest(1, 2);
  if (first >= 0xE0 && first <= 0xEF) {
    const bool second = within(1, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF);
    return second ? rest(2, 3) : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool second = within(1, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF);
    return second ? rest(2, 4) : 0;
  }
  return 0;
}

/// Takes the first character off `text`, which must not be empty. The character, or "?" in place of
/// what is no UTF-8 or steers a terminal.
constexpr std::string_view take_printable(std::string_view& text) {
  const std::size_t length = utf8_sequence(text);
  const std::string_view character = text.substr(0, length == 0 ? 1 : length);
  text.remove_prefix(character.size());
  const auto first = static_cast<unsigned char>(character[0]);
  // The control characters U+0080 to U+009F begin with 0xC2.
  const bool control =
      first < 0x20 || first == 0x7F ||
      (length == 2 && first == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0);
  return length == 0 || control ? std::string_view{"?"} : character;
}

constexpr bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace takt
