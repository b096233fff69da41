// SPDX-License-Identifier: Apache-2.0
// What a process that cannot go on does before it ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace takt {

/// Something to be done before this process dies of a fault of its own or of a signal that does not
/// wait: a segmentation fault, an assertion, an exception that nobody caught.
///
/// An act runs in a signal handler, in any thread, while the others go on: it may call what is
/// async-signal-safe, and neither allocates nor locks. It may run more than once.
///
/// Context: arm() and disarm() belong to one thread at a time.
class LastAct {
 public:
  /// All acts of one turn come before those of the next.
  enum class Turn : std::uint8_t { kOutputs, kTerminal };
  using Function = void (*)(void* context);

  explicit LastAct(Turn turn) : turn_(turn) {}
  ~LastAct() { disarm(); }
  LastAct(const LastAct&) = delete;
  LastAct& operator=(const LastAct&) = delete;

  /// At most kMostArmed in the process at a time.
  void arm(Function act, void* context);
  void disarm();

  /// Runs all that are armed. Async-signal-safe.
  static void run_all();

  /// From now on the signals of faults run them first, and then end the process as they would have.
  /// Once, at the start of main().
  static void catch_faults();

  /// Where a handler of this thread works if the thread's own stack is used up, unless it has such
  /// a place. `stack` must outlive the thread.
  static void lend_stack(std::span<std::byte> stack);

  /// For lend_stack(): a frame with the largest registers there are takes 11 KiB.
  static constexpr std::size_t kStackBytes = 32U << 10U;
  static constexpr std::size_t kMostArmed = 8;

 private:
  const Turn turn_;
  std::size_t place_ = kMostArmed;  ///< kMostArmed: not armed.
};

}  // namespace takt
