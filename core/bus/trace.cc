// SPDX-License-Identifier: Apache-2.0
#include "takt/core/bus/trace.h"

namespace takt::bus {
namespace {

// A finished entry's turn says which instant it holds; 0 is one being written.
constexpr std::uint32_t turn_of(std::uint32_t number) { return number << 1 | 1; }

}  // namespace

void Trace::record(const Instant& instant) {
  const std::uint32_t number = next_.fetch_add(1, std::memory_order_relaxed);
  Entry& entry = entries_[number % entries_.size()];
  entry.turn.store(0, std::memory_order_relaxed);
  const auto time = static_cast<std::uint64_t>(instant.time.since_zero().count());
  const std::uint32_t what = static_cast<std::uint32_t>(instant.kind) |
                             static_cast<std::uint32_t>(instant.place) << 8 |
                             static_cast<std::uint32_t>(instant.source) << 16;
  // Released one by one: a reader that sees any of these words also sees the turn gone to 0.
  entry.words[0].store(what, std::memory_order_release);
  entry.words[1].store(instant.handle.word(), std::memory_order_release);
  entry.words[2].store(static_cast<std::uint32_t>(time), std::memory_order_release);
  entry.words[3].store(static_cast<std::uint32_t>(time >> 32), std::memory_order_release);
  entry.turn.store(turn_of(number), std::memory_order_release);
}

bool Trace::read(std::uint32_t number, Instant& instant) const {
  const Entry& entry = entries_[number % entries_.size()];
  if (entry.turn.load(std::memory_order_acquire) != turn_of(number)) return false;
  const std::uint32_t what = entry.words[0].load(std::memory_order_acquire);
  const std::uint32_t handle = entry.words[1].load(std::memory_order_acquire);
  const std::uint64_t low = entry.words[2].load(std::memory_order_acquire);
  const std::uint64_t high = entry.words[3].load(std::memory_order_acquire);
  if (entry.turn.load(std::memory_order_relaxed) != turn_of(number)) return false;
  instant.kind = static_cast<Kind>(what & 0xFF);
  instant.place = static_cast<std::uint8_t>(what >> 8);
  instant.source = static_cast<ModuleId>(what >> 16);
  instant.handle = Handle{handle};
  instant.time = LocalTime{Micros{static_cast<std::int64_t>(high << 32 | low)}};
  return true;
}

}  // namespace takt::bus
