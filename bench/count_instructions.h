// SPDX-License-Identifier: Apache-2.0
// Counts the instructions of single operations exactly, without hardware counters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace takt {

/// What runs in a child process: what it changes stays there.
struct SteppedRun {
  std::function<void()> prepare;
  std::function<void(std::size_t)> operation;  ///< Its instructions are counted, one by one.
  std::function<void(std::size_t)> then;       ///< Between operations, at full speed.
  std::size_t operations;
};

/// Where counting ends: an operation of more instructions is said to have this many.
inline constexpr std::uint64_t kMostInstructions = 20'000;

/// The instructions of each operation: those of user code only, less the cost of an empty one. A
/// debugger steps through them, which takes some microseconds for each. None: this system forbids
/// to trace a process.
std::optional<std::vector<std::uint64_t>> count_instructions(const SteppedRun& run);

}  // namespace takt
