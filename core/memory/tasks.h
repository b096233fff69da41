// SPDX-License-Identifier: Apache-2.0
// The tasks of a device and how near each has been to the end of its stack.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "takt/core/base/exclusion.h"
#include "takt/core/memory/allocator.h"

namespace takt {

/// The core that an unpinned task prints, as FreeRTOS has it.
inline constexpr int kAnyCore = 2'147'483'647;

/// One row of a board's task table.
struct TaskSpec {
  std::string_view name;  ///< A word in static storage.
  unsigned priority;      ///< As in FreeRTOS: the larger, the sooner.
  int core;               ///< kAnyCore: not pinned.
  std::size_t stack_bytes;
  Placement placement;  ///< Where libraries allocate on this task.
};

/// Fills a stack with the pattern by which stack_margin() knows what was never used.
void paint_stack(std::span<std::byte> stack);

/// Bytes at the low end that still hold the pattern: what a downward-growing stack never reached.
/// May be called while its task runs. Cost: linear in the margin.
std::size_t stack_margin(std::span<const std::byte> stack);

struct TaskFigures {
  std::string_view name;
  unsigned priority = 0;
  int core = 0;
  std::size_t stack_bytes = 0;
  std::size_t stack_rem = 0;  ///< The margin: the smallest free stack since the task started.
};

/// The running tasks. Any task may call; holds its own exclusion while it reads stacks, so that
/// none disappears under it.
class TaskTable {
 public:
  static constexpr std::size_t kMaxTasks = 32;

  explicit TaskTable(Exclusion& exclusion) : exclusion_(exclusion) {}
  TaskTable(const TaskTable&) = delete;
  TaskTable& operator=(const TaskTable&) = delete;

  /// `stack` is painted and belongs to the task until remove(). False: the table is full.
  bool add(const TaskSpec& spec, std::span<const std::byte> stack);
  void remove(std::span<const std::byte> stack);

  /// The tasks with the smallest margins, worst first; returns how many tasks there are in all.
  std::size_t worst(std::span<TaskFigures> out) const;

 private:
  struct Entry {
    TaskFigures figures;
    std::span<const std::byte> stack;
  };

  Exclusion& exclusion_;
  std::array<Entry, kMaxTasks> entries_;
  std::size_t count_ = 0;
};

}  // namespace takt
