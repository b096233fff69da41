// SPDX-License-Identifier: Apache-2.0
#include "takt/core/base/assert.h"

#include <atomic>

#ifdef __unix__
#include <unistd.h>

#include <cstdint>

#include "takt/core/base/text.h"
#endif

namespace takt {
namespace {

#ifdef __unix__
/// On a host somebody reads standard error, and has a debugger. A device has neither.
void say(const char* file, int line, const char* what) {
  const FixedText<400> text = FixedText<400>{"takt: assertion failed: "}
                                  .append(file)
                                  .append(":")
                                  .append(std::int64_t{line})
                                  .append(": ")
                                  .append(what)
                                  .append("\n");
  // If that fails, the end of the process has to say it.
  static_cast<void>(!::write(STDERR_FILENO, text.view().data(), text.view().size()));
}
constexpr AssertHook kDefaultHook = say;
#else
constexpr AssertHook kDefaultHook = nullptr;
#endif

// Atomic because a task may fail an assertion while start-up still installs the hook.
std::atomic<AssertHook> g_hook{kDefaultHook};

}  // namespace

AssertHook set_assert_hook(AssertHook hook) { return g_hook.exchange(hook); }

void assert_failed(const char* file, int line, const char* what) {
  // Taken, not read: an assertion that fails inside the hook must not call it again.
  if (const AssertHook hook = g_hook.exchange(nullptr)) hook(file, line, what);
  __builtin_trap();
}

}  // namespace takt
