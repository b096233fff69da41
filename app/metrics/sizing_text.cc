// SPDX-License-Identifier: Apache-2.0
#include "takt/app/metrics/sizing_text.h"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace takt {
namespace {

constexpr std::string_view kBlank = " \t\r";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

// A decimal number times 10^decimals; false if it is none, or has more decimals.
bool parse(std::string_view text, unsigned decimals, std::uint32_t& number) {
  std::uint64_t value = 0;
  bool any = false;
  bool after_point = false;
  for (const char c : text) {
    if (c == '.' && !after_point) {
      after_point = true;
      continue;
    }
    if (c < '0' || c > '9') return false;
    if (after_point && decimals-- == 0) return false;
    value = 10 * value + static_cast<std::uint64_t>(c - '0');
    any = true;
    if (value > std::numeric_limits<std::uint32_t>::max()) return false;
  }
  for (; decimals > 0; --decimals) value *= 10;
  number = static_cast<std::uint32_t>(value);
  return any && value <= std::numeric_limits<std::uint32_t>::max();
}

}  // namespace

Status set_sizing(std::string_view name, std::string_view value, bus::Sizing& sizing) {
  bus::Sizing changed = sizing;
  bool good = false;
  if (name == "fanout") {
    good = parse(value, 3, changed.fanout_milli);
  } else if (name == "concurrency") {
    good = parse(value, 3, changed.concurrency_milli);
  } else if (name == "least") {
    good = parse(value, 0, changed.least);
  } else if (name == "most") {
    good = parse(value, 0, changed.most);
  } else {
    return Status::kUnsupported;
  }
  if (!good || changed.least == 0 || changed.least > changed.most) return Status::kOutOfRange;
  sizing = changed;
  return Status::kOk;
}

Status load_sizing(std::string_view file, bus::Sizing& sizing, unsigned* line) {
  bus::Sizing loaded = sizing;
  for (unsigned number = 1; !file.empty(); ++number) {
    const std::size_t end = std::min(file.find('\n'), file.size());
    const std::string_view text = trimmed(file.substr(0, end));
    file.remove_prefix(std::min(end + 1, file.size()));
    if (text.empty() || text.front() == '#') continue;
    const std::size_t equals = text.find('=');
    const Status status =
        equals == std::string_view::npos
            ? Status::kUnsupported
            : set_sizing(trimmed(text.substr(0, equals)), trimmed(text.substr(equals + 1)), loaded);
    if (status == Status::kOk) continue;
    if (line != nullptr) *line = number;
    return status;
  }
  sizing = loaded;
  return Status::kOk;
}

}  // namespace takt
