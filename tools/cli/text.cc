// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "takt/core/base/utf8.h"
#include "takt/core/json/duration_text.h"
#include "tools/cli/failure.h"

namespace takt {

std::string with_commas(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
  return text;
}

std::string counted(std::uint64_t number, std::string_view what) {
  return fmt::format("{} {}{}", with_commas(number), what, number == 1 ? "" : "s");
}

std::string readable(Micros duration) {
  const std::int64_t us = duration.count();
  const std::int64_t minute = 60'000'000;
  const std::int64_t rest = us % minute;
  std::string text;
  if (us >= 24 * 60 * minute) text += fmt::format("{} d ", us / (24 * 60 * minute));
  if (us >= 60 * minute) text += fmt::format("{} h ", us / (60 * minute) % 24);
  if (us >= minute) text += fmt::format("{} min ", us / minute % 60);
  if (rest % 1'000 == 0) {
    return text + fmt::format("{}.{:03} s", rest / 1'000'000, rest / 1'000 % 1'000);
  }
  return text + fmt::format("{}.{:06} s", rest / 1'000'000, rest % 1'000'000);
}

std::string clock_text(Micros elapsed) {
  const std::int64_t tenths = elapsed.count() / 100'000;
  const std::int64_t whole = tenths / 10;
  if (whole < 3'600) return fmt::format("{}:{:02}.{}", whole / 60, whole % 60, tenths % 10);
  return fmt::format("{}:{:02}:{:02}.{}", whole / 3'600, whole / 60 % 60, whole % 60, tenths % 10);
}

std::string readable_bytes(std::uint64_t bytes) {
  if (bytes < 10'000) return fmt::format("{} B", with_commas(bytes));
  const double kib = static_cast<double>(bytes) / 1'024;
  if (kib < 1'024) return fmt::format("{:.1f} KiB", kib);
  return fmt::format("{:.1f} MiB", kib / 1'024);
}

std::string printable(std::string_view text) {
  std::string clean;
  while (!text.empty()) clean += take_printable(text);
  return clean;
}

std::size_t cells(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

std::string_view level_glyph(unsigned eighths, bool utf8) {
  static constexpr std::array<std::string_view, 9> kBlocks{"·", "▁", "▂", "▃", "▄",
                                                           "▅", "▆", "▇", "█"};
  static constexpr std::array<std::string_view, 9> kAscii{".", "_", "_", "-", "-",
                                                          "=", "=", "#", "#"};
  return (utf8 ? kBlocks : kAscii).at(eighths);
}

std::string fitted(std::string_view text, std::size_t width) {
  const std::size_t length = cells(text);
  if (length <= width) return std::string{text} + std::string(width - length, ' ');
  std::string cut;
  for (std::size_t kept = 0; kept + 1 < width; ++kept) {
    const std::size_t bytes = std::max<std::size_t>(utf8_sequence(text), 1);
    cut += text.substr(0, bytes);
    text.remove_prefix(bytes);
  }
  return width == 0 ? cut : cut + "…";
}

}  // namespace takt
