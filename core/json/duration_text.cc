// SPDX-License-Identifier: Apache-2.0
#include "takt/core/json/duration_text.h"

#include <cstdint>
#include <limits>
#include <numeric>
#include <span>

namespace takt {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t size;
};

constexpr Unit kDurations[] = {
    {"us", 1}, {"ms", 1'000}, {"s", 1'000'000}, {"m", 60'000'000}, {"h", 3'600'000'000}};
constexpr Unit kRates[] = {{"mHz", 1}, {"Hz", 1'000}};

std::size_t count_digits(std::string_view text) {
  std::size_t count = 0;
  while (count < text.size() && text[count] >= '0' && text[count] <= '9') ++count;
  return count;
}

/// 0.`digits` times `unit`; nothing if that is no whole number.
std::optional<std::int64_t> fraction_of(std::int64_t unit, std::string_view digits) {
  // Bounded: by the digits.
  while (digits.ends_with('0')) digits.remove_suffix(1);
  if (digits.size() > 15) return std::nullopt;  // No unit divides so finely.
  std::int64_t numerator = 0;
  std::int64_t denominator = 1;
  for (const char digit : digits) {
    numerator = numerator * 10 + (digit - '0');
    denominator *= 10;
  }
  const std::int64_t common = std::gcd(unit, denominator);
  if (numerator % (denominator / common) != 0) return std::nullopt;
  return numerator / (denominator / common) * (unit / common);
}

/// A decimal number with a unit, in units of size 1; nothing if that is no whole number up to
/// `most`.
std::optional<std::int64_t> parse_quantity(std::string_view text, std::span<const Unit> units,
                                           std::int64_t most) {
  const std::size_t whole_digits = count_digits(text);
  if (whole_digits == 0) return std::nullopt;
  const std::string_view whole = text.substr(0, whole_digits);
  text.remove_prefix(whole_digits);
  std::string_view fraction;
  if (text.starts_with('.')) {
    const std::size_t digits = count_digits(text.substr(1));
    if (digits == 0) return std::nullopt;
    fraction = text.substr(1, digits);
    text.remove_prefix(1 + digits);
  }
  const Unit* unit = nullptr;
  for (const Unit& candidate : units) {
    if (candidate.name == text) unit = &candidate;
  }
  if (unit == nullptr) return std::nullopt;
  std::int64_t quantity = 0;
  for (const char digit : whole) {
    quantity = quantity * 10 + (digit - '0') * unit->size;
    if (quantity > most) return std::nullopt;
  }
  const std::optional<std::int64_t> part = fraction_of(unit->size, fraction);
  if (!part) return std::nullopt;
  quantity += *part;
  if (quantity > most) return std::nullopt;
  return quantity;
}

}  // namespace

std::optional<Micros> parse_duration(std::string_view text, Micros most) {
  const auto micros = parse_quantity(text, kDurations, most.count());
  if (!micros) return std::nullopt;
  return Micros{*micros};
}

std::optional<std::uint32_t> parse_rate(std::string_view text) {
  const auto millihertz = parse_quantity(text, kRates, std::numeric_limits<std::int32_t>::max());
  if (!millihertz) return std::nullopt;
  return static_cast<std::uint32_t>(*millihertz);
}

FixedText<24> format_duration(Micros duration) {
  const std::int64_t micros = duration.count();
  FixedText<24> text;
  if (micros == 0) return text.append("0s");
  if (micros % 60'000'000 == 0) return text.append(micros / 60'000'000).append("m");
  if (micros % 1'000'000 == 0) return text.append(micros / 1'000'000).append("s");
  if (micros % 1'000 == 0) return text.append(micros / 1'000).append("ms");
  return text.append(micros).append("us");
}

FixedText<24> format_rate(std::uint32_t rate_mhz) {
  FixedText<24> text;
  text.append(std::int64_t{rate_mhz / 1'000});
  std::uint32_t rest = rate_mhz % 1'000;
  if (rest > 0) text.append(".");
  for (; rest > 0; rest = rest * 10 % 1'000) text.append(std::int64_t{rest / 100});
  return text.append("Hz");
}

}  // namespace takt
