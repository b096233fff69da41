// SPDX-License-Identifier: Apache-2.0
#include "core/program/duration_text.h"

#include <cstdint>
#include <numeric>

#include "core/program/limits.h"

namespace takt {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t micros;
};

constexpr Unit kUnits[] = {
    {"us", 1}, {"ms", 1'000}, {"s", 1'000'000}, {"m", 60'000'000}, {"h", 3'600'000'000}};

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

}  // namespace

std::optional<Micros> parse_duration(std::string_view text) {
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
  for (const Unit& candidate : kUnits) {
    if (candidate.name == text) unit = &candidate;
  }
  if (unit == nullptr) return std::nullopt;
  std::int64_t micros = 0;
  for (const char digit : whole) {
    micros = micros * 10 + (digit - '0') * unit->micros;
    if (micros > kMaxDuration.count()) return std::nullopt;
  }
  const std::optional<std::int64_t> part = fraction_of(unit->micros, fraction);
  if (!part) return std::nullopt;
  micros += *part;
  if (micros > kMaxDuration.count()) return std::nullopt;
  return Micros{micros};
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

}  // namespace takt
