// SPDX-License-Identifier: Apache-2.0
// A virtual device inside the memory of a real board. Background: docs/memory.md.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>

#include "takt/core/base/status.h"
#include "takt/core/memory/memory.h"
#include "takt/core/memory/tasks.h"
#include "takt/ports/linux/cage_hooks.h"

namespace takt {

/// A task in a cage: a thread whose libraries get the board's memory, and no other. Joins when it
/// ends, so its body must come to an end before its cage does.
class CagedTask {
 public:
  CagedTask(CagedTask&&) noexcept;
  CagedTask& operator=(CagedTask&&) = delete;
  ~CagedTask();

  /// Waits for the body to return, then gives the stack back to internal memory.
  void join();

 private:
  friend class Cage;
  struct State;
  explicit CagedTask(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

/// Arenas of a board's sizes, and the tasks that live in them.
///
/// Whatever a caged task calls, malloc and its kin, operator new and the C library's own
/// allocations come from the board's regions, by the task's placement and tag, in blocks like those
/// of the board but aligned to 16. All other threads keep the system's allocator. A block may be
/// freed or resized from any thread; it returns where it came from.
///
/// Stacks.   A task's budget is taken from internal memory while it runs. The thread itself runs on
///           a larger stack in the same slot, because glibc needs 16 KiB before main; its first
///           `stack_bytes` are painted, and what the task reached of them is its high water.
/// Fork.     Safe: the child has a copy of every cage.
/// Context.  Any thread. Not usable from a signal handler, as malloc is not.
class Cage {
 public:
  struct Config {
    std::span<const RegionSpec> regions;
    std::size_t tripwire_bytes = 0;  ///< 0: never.
    FaultPlan faults{};              ///< Requests to refuse, counted from the start.
  };

  /// - kTooLarge: the regions exceed what a cage can hold (32 MiB).
  /// - kNoMemory: the host has no memory or address space, or 64 cages exist.
  static Result<std::unique_ptr<Cage>> create(const Config& config);

  /// All tasks have been joined. Blocks that are still live stay valid and can be freed; the
  /// address space is kept until the last one is.
  ~Cage();
  Cage(const Cage&) = delete;
  Cage& operator=(const Cage&) = delete;

  /// False in a program without cage_malloc.cc, as under a sanitizer: then only stacks are caged.
  static bool intercepts();

  /// Starts `body` on a new thread.
  /// - kNoMemory: internal memory has no room for the stack, or 16 tasks are running.
  /// - kTooLarge: the budget exceeds 128 KiB.
  /// - kIo: the host refused a thread.
  Result<CagedTask> start(const TaskSpec& spec, Tag tag, std::function<void()> body);

  /// For what the device allocates by name; return it before the cage ends.
  Memory& memory();
  TaskTable& tasks();

  /// Whether an address is this cage's, blocks and stacks alike.
  bool owns(const void* address) const;

 private:
  friend class CagedScope;
  explicit Cage(cage::Core& core) : core_(core) {}

  cage::Core& core_;
};

/// While it lives, the current thread allocates as a task of the cage: for a device's main thread.
class CagedScope {
 public:
  CagedScope(Cage& cage, Tag tag, Placement placement);
  ~CagedScope();
  CagedScope(const CagedScope&) = delete;
  CagedScope& operator=(const CagedScope&) = delete;

 private:
  cage::Binding binding_;
  const cage::Binding* before_;
};

/// While it lives, the current thread has the system's allocator: for what a real device would not
/// have, such as the simulator's own logs.
class UncagedScope {
 public:
  UncagedScope();
  ~UncagedScope();
  UncagedScope(const UncagedScope&) = delete;
  UncagedScope& operator=(const UncagedScope&) = delete;

 private:
  const cage::Binding* before_;
};

}  // namespace takt
