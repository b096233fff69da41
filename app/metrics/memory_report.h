// SPDX-License-Identifier: Apache-2.0
// Memory made visible: snapshots, the tripwire's report and refusals, as lines and as events.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "takt/core/base/text.h"
#include "takt/core/memory/memory.h"
#include "takt/core/memory/tasks.h"

namespace takt {

/// A point in a device's life, as one word. Spaces and control characters become '_'; a longer text
/// ends in "...", so that no two long names look complete and alike.
class Word {
 public:
  static constexpr std::size_t kMaxLength = 31;  ///< Keeps a [Mem] line under the harness's 127.

  Word() = default;
  /// The two joined: Word("lvgl_switch_pre_", screen).
  explicit Word(std::string_view text, std::string_view rest = {});

  std::string_view view() const { return text_.view(); }

 private:
  FixedText<kMaxLength> text_;
};

/// A plain value that owns all it says, for one message on the bus.
struct MemoryEvent {
  enum class Kind : std::uint8_t { kSnapshot, kTripwire, kRefusal };
  Kind kind;
  Word point;  ///< Of a snapshot: where; of the others: the tag concerned.
  MemorySnapshot snapshot;
};
static_assert(std::is_trivially_copyable_v<MemoryEvent>);

/// Where lines and events go: the console, a bus, a test.
///
/// Called in the context that took the snapshot or, for a tripwire or refusal, in that of the
/// allocation. Must not allocate, and must not take a lock that is held while something allocates.
class MemorySink {
 public:
  /// One line without its end, to appear at column 0 whatever blocks are open.
  virtual void line(std::string_view text) = 0;
  virtual void event(const MemoryEvent& event) = 0;

 protected:
  ~MemorySink() = default;
};

/// Writes the serial grammar of docs/memory.md. Allocates nothing; takes under 1 KiB of stack.
class MemoryReporter final : public MemoryObserver {
 public:
  static constexpr std::size_t kMaxDump = 24;  ///< Tasks in one dump, as the grammar has it.
  static constexpr std::size_t kTopTags = 5;

  /// Becomes the observer of `memory`, which it must outlive.
  MemoryReporter(Memory& memory, const TaskTable& tasks, MemorySink& sink);
  MemoryReporter(const MemoryReporter&) = delete;
  MemoryReporter& operator=(const MemoryReporter&) = delete;

  /// Prints and publishes the figures of this moment, then the tripwire's report if it is due.
  MemorySnapshot snapshot(Word point);

  /// Switches all points but boot, setup and hb while the device runs; on at start.
  void set_detail(bool on) { detail_ = on; }
  bool wants(std::string_view point) const;

  /// The report of a tripwire on request: tasks, tags and last allocations.
  void print_all(Word point);

  void on_trip(const Trip& trip) override;
  void on_refusal(const RefusedRequest& refused) override;

 private:
  void fire(std::string_view point, const Trip& trip);
  void print_tasks(std::string_view point);
  void print_top_tags();
  void print_recent();

  Memory& memory_;
  const TaskTable& tasks_;
  MemorySink& sink_;
  std::atomic<bool> detail_{true};
  std::atomic<bool> dumping_{false};
  std::array<TaskFigures, kMaxDump> dump_;  // Of the one dump at a time: too large for a stack.
};

}  // namespace takt
