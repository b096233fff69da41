// SPDX-License-Identifier: Apache-2.0
// A process that outlives this one for a moment.
#pragma once

#include <sys/types.h>

#include <cstddef>

namespace takt {

/// A copy of this process that does one thing and notices when this process is gone, however that
/// happened. No signal but SIGKILL ends it, and none that is meant for this process's group or
/// terminal reaches it; its standard streams are closed.
///
/// Context: one thread. The copy holds all descriptors that are open when it is made, until it
/// ends. So open later what must be closed together with this process.
class Companion {
 public:
  /// Runs in the copy, which may have been made while other threads ran: only what is
  /// async-signal-safe. It ends when this returns. `life` becomes readable when bell() rings, and
  /// is at its end once this process is gone or has let go.
  using Body = void (*)(void* context, int life);

  /// In one process at a time.
  static constexpr std::size_t kMost = 16;

  Companion() = default;
  ~Companion() { finish(); }
  Companion(const Companion&) = delete;
  Companion& operator=(const Companion&) = delete;

  /// `name`: as ps shows it, at most 15 characters. False: see errno.
  [[nodiscard]] bool start(const char* name, Body body, void* context);

  /// Wakes it from waiting for `life`.
  void bell() const;

  /// Whether it was started and still runs.
  [[nodiscard]] bool is_up();

  /// Lets go of it: it may end.
  void let_go();

  /// Lets go of it, and waits for its end. Harmless when there is none.
  void finish();

  /// Lets go of it, and no longer asks for its end.
  void forget();

  /// Reads away what bell() has written. True: the other process is gone or has let go. For bodies.
  [[nodiscard]] static bool is_alone(int life);

 private:
  pid_t process_ = 0;  ///< 0: none, or it has ended.
  int life_ = -1;
};

}  // namespace takt
