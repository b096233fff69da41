// SPDX-License-Identifier: Apache-2.0
// How much stack was ever used. There is one: the main loop's, on which interrupts run too.
#pragma once

#include <cstddef>
#include <span>

namespace takt {

/// Fills the unused part of the stack with a pattern. Start-up does it.
void paint_stack();

/// Its memory, for a TaskTable: painted as core/memory paints stacks.
std::span<const std::byte> stack();

/// How many bytes have lost the pattern, and how many there are. Cost: a walk over what was never
/// used.
std::size_t stack_high_water();
std::size_t stack_bytes();

}  // namespace takt
