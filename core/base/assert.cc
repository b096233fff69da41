// SPDX-License-Identifier: Apache-2.0
#include "takt/core/base/assert.h"

#include <atomic>

namespace takt {
namespace {

// Atomic because a task may fail an assertion while start-up still installs the hook.
std::atomic<AssertHook> g_hook{nullptr};

}  // namespace

AssertHook set_assert_hook(AssertHook hook) { return g_hook.exchange(hook); }

void assert_failed(const char* file, int line, const char* what) {
  // Taken, not read: an assertion that fails inside the hook must not call it again.
  if (const AssertHook hook = g_hook.exchange(nullptr)) hook(file, line, what);
  __builtin_trap();
}

}  // namespace takt
