// SPDX-License-Identifier: Apache-2.0
// What an emulator or a debugger does for the program that it runs.
#pragma once

namespace takt {

/// Ends the emulator with exit status 0 or 1. On a board without a debugger, stops the processor
/// in the fault handler.
[[noreturn]] void end_emulation(bool good);

}  // namespace takt
