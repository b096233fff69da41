// SPDX-License-Identifier: Apache-2.0
// Faults of the programmer. They stay checked in every build; faults of the world are a Status.
#pragma once

namespace takt {

/// Called once when an assertion fails, before the process or device ends. Must make the outputs
/// safe first, must not return to the caller's code and must not allocate: any task or interrupt
/// may be the caller.
using AssertHook = void (*)(const char* file, int line, const char* what);

/// Installs the hook of this device and returns the one before. Call at start, from one thread. The
/// first one says file, line and condition on the standard error of a host, and nothing elsewhere.
AssertHook set_assert_hook(AssertHook hook);

/// Runs the hook, then stops the processor or process, should the hook return.
[[noreturn]] void assert_failed(const char* file, int line, const char* what);

}  // namespace takt

#define TAKT_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : ::takt::assert_failed(__FILE__, __LINE__, #condition))
