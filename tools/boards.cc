// SPDX-License-Identifier: Apache-2.0
#include "tools/boards.h"

#include <array>

namespace takt {
namespace {

constexpr std::size_t kKiB = 1'024;

// A quarter of the memory that is free when the firmware starts, so that there is room for a
// second program to be loaded while one plays, and for everything else. Refilling waits for a
// flash page to be erased, 20 ms, where code runs from flash.
constexpr std::array kBoards{
    BoardLimits{"esp32-c3", 78 * kKiB, millis(20)},
    BoardLimits{"esp32-c6", 110 * kKiB, millis(20)},
    BoardLimits{"jc3636w518", 2'048 * kKiB, millis(20)},
    BoardLimits{"mps2-an385", 80 * kKiB, millis(5)},
    BoardLimits{"linux", 0, millis(20)},
};

}  // namespace

std::span<const BoardLimits> all_board_limits() { return kBoards; }

}  // namespace takt
