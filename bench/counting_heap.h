// SPDX-License-Identifier: Apache-2.0
// How often this process has asked for memory.
#pragma once

#include <cstdint>

namespace takt {

/// Calls of operator new so far, in any thread. A program that links this has its operator new and
/// delete replaced by ones that count.
std::uint64_t heap_allocations();

}  // namespace takt
