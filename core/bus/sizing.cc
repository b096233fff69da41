// SPDX-License-Identifier: Apache-2.0
#include "takt/core/bus/sizing.h"

#include <algorithm>
#include <limits>

namespace takt::bus {
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

std::uint32_t entries_of(const Pool& pool, std::uint32_t payload_bytes) {
  const std::size_t index = pool.class_index(payload_bytes);
  return index == pool.class_count() ? 0 : pool.entries(index);
}

}  // namespace

Status Sizing::set(std::string_view name, std::string_view value) {
  Sizing changed = *this;
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
  *this = changed;
  return Status::kOk;
}

Status Sizing::load(std::string_view file, unsigned* line) {
  Sizing loaded = *this;
  for (unsigned number = 1; !file.empty(); ++number) {
    const std::size_t end = std::min(file.find('\n'), file.size());
    const std::string_view text = trimmed(file.substr(0, end));
    file.remove_prefix(std::min(end + 1, file.size()));
    if (text.empty() || text.front() == '#') continue;
    const std::size_t equals = text.find('=');
    const Status status =
        equals == std::string_view::npos
            ? Status::kUnsupported
            : loaded.set(trimmed(text.substr(0, equals)), trimmed(text.substr(equals + 1)));
    if (status == Status::kOk) continue;
    if (line != nullptr) *line = number;
    return status;
  }
  *this = loaded;
  return Status::kOk;
}

Status resize(Bus& bus, std::uint32_t payload_bytes, std::uint32_t entries, PoolMemory& memory) {
  Pool& pool = bus.pool();
  Status status = Status::kOk;
  if (const std::uint32_t have = entries_of(pool, payload_bytes); have < entries) {
    const std::span<std::byte> piece =
        memory.take(Pool::memory_bytes(payload_bytes, entries - have));
    status = piece.empty() ? Status::kNoMemory : pool.add(payload_bytes, piece);
    if (status != Status::kOk && !piece.empty()) memory.give_back(piece);
  }
  // Bounded: by the pieces there are.
  while (entries_of(pool, payload_bytes) > entries) {
    const std::span<std::byte> piece = pool.shrink(payload_bytes, entries);
    if (piece.empty()) {
      status = Status::kBusy;
      break;
    }
    memory.give_back(piece);
  }
  bus.share_out();
  return status;
}

}  // namespace takt::bus
