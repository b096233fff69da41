// SPDX-License-Identifier: Apache-2.0
// A table of boards: their memory, tasks, pins and acceptance limits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "takt/core/base/time.h"
#include "takt/core/memory/memory.h"
#include "takt/core/memory/tasks.h"

namespace takt {

/// What a run on the board must meet, whatever it did; docs/memory.md says how to get there.
struct Acceptance {
  std::size_t internal_min_bytes;  ///< Free internal memory must never have been less.
  int fragmentation_below_percent;
};

/// Pins of a chip by number; bit i is GPIO i.
using PinSet = std::uint64_t;

constexpr PinSet pin(int number) { return PinSet{1} << static_cast<unsigned>(number); }
constexpr PinSet pins(int first, int last) {
  PinSet set = 0;
  for (int number = first; number <= last; ++number) set |= pin(number);
  return set;
}

/// All in static storage.
struct Board {
  std::string_view name;
  std::span<const RegionSpec> regions;
  std::span<const TaskSpec> tasks;  ///< Stack budgets are charged to internal memory.
  PinSet pins;  ///< Pins that a program may name: brought out, and used by nothing on the board.
  PinSet strapping;       ///< Of those: the chip reads them at a reset, to choose how it starts.
  PinSet usb;             ///< Of those: the chip's own USB, which is lost while they are outputs.
  PinSet console;         ///< Of those: the serial console speaks there from the reset on.
  Micros refill_latency;  ///< How late the control task may come, at worst.
  Micros lateness;        ///< How late the realtime half may come, as its port states.
  std::size_t tripwire_bytes;  ///< A fall of free internal memory below this is reported; 0: never.
  Acceptance acceptance;
  bool limited;  ///< False: a host, whose memory takt may not divide, so nothing is caged.

  /// Null: the board has no such task.
  const TaskSpec* find_task(std::string_view task) const;
  std::size_t bytes_of(RegionKind kind) const;
  std::size_t stack_bytes() const;  ///< Sum of all budgets.

  /// What a program and its playback may take, in external memory where there is any: a quarter, so
  /// that the next program can be loaded while one plays. 0: as much as there is.
  std::size_t program_bytes() const;
};

/// esp32-c3, cycleoptima, jc3636w518, esp32-c6, mps2-an385, linux.
std::span<const Board> all_boards();

/// Null: no such board.
const Board* find_board(std::string_view name);

}  // namespace takt
