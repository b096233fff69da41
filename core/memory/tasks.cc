// SPDX-License-Identifier: Apache-2.0
#include "takt/core/memory/tasks.h"

#include <algorithm>

#include "takt/core/base/assert.h"
#include "takt/core/memory/tags.h"

namespace takt {
namespace {

constexpr std::byte kPaint{0xA5};  // FreeRTOS's own, so that a debugger for it reads ours.

}  // namespace

void paint_stack(std::span<std::byte> stack) { std::ranges::fill(stack, kPaint); }

// The bytes may belong to a task that is running: a race by design, harmless because a byte that
// was painted over counts as used whichever value is seen.
__attribute__((no_sanitize("address", "thread"))) std::size_t stack_margin(
    std::span<const std::byte> stack) {
  std::size_t margin = 0;
  const volatile std::byte* bytes = stack.data();
  while (margin < stack.size() && bytes[margin] == kPaint) ++margin;
  return margin;
}

bool TaskTable::add(const TaskSpec& spec, std::span<const std::byte> stack) {
  TAKT_ASSERT(is_word(spec.name));
  Exclusive held(exclusion_);
  if (count_ == kMaxTasks) return false;
  entries_[count_++] = {{spec.name, spec.priority, spec.core, spec.stack_bytes, 0}, stack};
  return true;
}

void TaskTable::remove(std::span<const std::byte> stack) {
  Exclusive held(exclusion_);
  for (std::size_t i = 0; i < count_; ++i) {
    if (entries_[i].stack.data() != stack.data()) continue;
    entries_[i] = entries_[--count_];
    return;
  }
  TAKT_ASSERT(false && "not a task of this table");
}

std::size_t TaskTable::worst(std::span<TaskFigures> out) const {
  Exclusive held(exclusion_);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    TaskFigures figures = entries_[i].figures;
    figures.stack_rem = stack_margin(entries_[i].stack);
    std::size_t at = std::min(kept, out.size());
    // Insertion into the sorted front of `out`; the last one falls off when it is full. Bounded: by
    // the length of `out`.
    while (at > 0 && figures.stack_rem < out[at - 1].stack_rem) {
      if (at < out.size()) out[at] = out[at - 1];
      --at;
    }
    if (at < out.size()) out[at] = figures;
    kept = std::min(kept + 1, out.size());
  }
  return count_;
}

}  // namespace takt
