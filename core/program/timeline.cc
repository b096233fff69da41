// SPDX-License-Identifier: Apache-2.0
#include "takt/core/program/timeline.h"

#include <algorithm>

#include "takt/core/program/limits.h"

namespace takt {
namespace {

/// A stretch of phases that run `times` times before the program goes on.
struct Block {
  std::uint16_t first = 0;
  std::uint16_t last = 0;
  std::uint32_t times = 1;

  std::uint32_t width() const { return last - first + 1U; }
  std::uint32_t entries() const { return width() * times; }
};

/// The block that begins at `phase`. Blocks are visited in order, so `phase` is never inside one.
Block block_at(const Program& program, std::size_t phase) {
  for (const Loop& loop : program.loops) {
    if (loop.first == phase) return {loop.first, loop.last, loop.times};
  }
  const auto only = static_cast<std::uint16_t>(phase);
  return {only, only, 1};
}

}  // namespace

Timeline::Timeline(const Program& program) : program_(program) {
  for (std::size_t i = 0; i < program.phases.size();) {
    const Block block = block_at(program, i);
    entries_per_pass_ += block.entries();
    for (std::uint16_t p = block.first; p <= block.last; ++p) {
      pass_length_ += length_of(p) * block.times;
    }
    i = block.last + 1U;
  }
}

Entry Timeline::entry(std::uint32_t number) const {
  TAKT_ASSERT(number < entry_count());
  Entry entry;
  entry.pass = number / entries_per_pass_;
  std::uint32_t rest = number % entries_per_pass_;
  Block block = block_at(program_, 0);
  // Bounded: by the phases, as `rest` is less than the entries of all blocks.
  while (rest >= block.entries()) {
    rest -= block.entries();
    block = block_at(program_, block.last + 1U);
  }
  entry.phase = static_cast<std::uint16_t>(block.first + rest % block.width());
  entry.loop = rest / block.width();
  return entry;
}

std::uint32_t Timeline::entry_of(std::uint16_t phase, std::uint32_t near) const {
  TAKT_ASSERT(phase < program_.phases.size());
  std::uint32_t number = near / entries_per_pass_ * entries_per_pass_;
  Block block = block_at(program_, 0);
  // Bounded: by the phases.
  while (phase > block.last) {
    number += block.entries();
    block = block_at(program_, block.last + 1U);
  }
  return number + (phase - block.first);
}

Micros length_of(const Program& program, const Phase& phase) {
  if (program.pattern != nullptr) return program.pattern->length;
  Micros longest;
  for (const Component& component : program.components_of(phase)) {
    longest = std::max(longest, component.end());
  }
  return phase.delay + longest;
}

Micros Timeline::length_of(std::uint16_t phase) const {
  return takt::length_of(program_, program_.phases[phase]);
}

Micros Timeline::start_of(std::uint32_t entry) const {
  TAKT_ASSERT(entry <= entry_count());
  Micros start = pass_length_ * (entry / entries_per_pass_);
  std::uint32_t rest = entry % entries_per_pass_;
  for (std::size_t i = 0; rest > 0;) {
    const Block block = block_at(program_, i);
    const std::uint32_t here = std::min(rest, block.entries());
    for (std::uint16_t p = block.first; p <= block.last; ++p) {
      // Of `here` entries dealt to the block's phases in turn, this many fall to p.
      const std::uint32_t runs = (here + block.last - p) / block.width();
      start += length_of(p) * runs;
    }
    rest -= here;
    i = block.last + 1U;
  }
  return start;
}

Position Timeline::position_at(Micros elapsed) const {
  TAKT_ASSERT(elapsed >= Micros{0});
  if (elapsed >= duration()) return {entry_count(), Micros{0}};
  Position position;
  position.entry = static_cast<std::uint32_t>(elapsed / pass_length_) * entries_per_pass_;
  Micros rest = elapsed % pass_length_;
  // Bounded: by the phases, as `rest` is less than a pass.
  for (std::size_t i = 0;;) {
    const Block block = block_at(program_, i);
    Micros round;
    for (std::uint16_t p = block.first; p <= block.last; ++p) round += length_of(p);
    if (rest >= round * block.times) {
      rest -= round * block.times;
      position.entry += block.entries();
      i = block.last + 1U;
      continue;
    }
    position.entry += static_cast<std::uint32_t>(rest / round) * block.width();
    rest = rest % round;
    for (std::uint16_t p = block.first; rest >= length_of(p); ++p) {
      rest -= length_of(p);
      ++position.entry;
    }
    position.offset = rest;
    return position;
  }
}

Result<Timeline> Timeline::repeated(std::uint32_t times) const {
  const std::uint64_t passes = std::uint64_t{program_.repeats} * times;
  const std::uint64_t entries = passes * entries_per_pass_;
  if (times == 0 || passes > std::numeric_limits<std::uint32_t>::max() ||
      entries >= std::numeric_limits<std::uint32_t>::max()) {
    return Status::kOutOfRange;
  }
  if (pass_length_ > Micros{0} && static_cast<std::int64_t>(passes) > kMaxRun / pass_length_) {
    return Status::kOutOfRange;
  }
  Timeline longer = *this;
  longer.program_.repeats = static_cast<std::uint32_t>(passes);
  return longer;
}

}  // namespace takt
