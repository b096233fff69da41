// SPDX-License-Identifier: Apache-2.0
// Pins that outlive the process that drives them, for tests to look at.
#pragma once

#include <atomic>
#include <cstdint>

namespace takt::testing {

/// What a file holds that the stand-in for libgpiod (pins_stand_in.cc) keeps, as seen by a process
/// that maps it. All zero is a board after its reset.
struct Pins {
  std::atomic<std::uint32_t> high{0};  ///< Bit i: line i is an output, and high.
  std::atomic<std::uint64_t> writes{0};
  std::atomic<std::uint64_t> high_writes{0};  ///< That left any line high.

  // Of the watchdog.
  std::atomic<std::uint32_t> feeds{0};
  std::atomic<std::uint32_t> starts{0};

  // What is to go wrong.
  std::atomic<std::uint32_t> delay_us{0};     ///< From the call that writes high to its effect.
  std::atomic<std::uint64_t> fault_after{0};  ///< In the high write with this number; 0: none.
  std::atomic<std::uint32_t> fault{0};        ///< That one: a Fault.
  std::atomic<bool> refuses{false};           ///< Writes change nothing and fail.

  enum Fault : std::uint32_t {
    kBadAddress,
    kBadInstruction,
    kException,
    kAbort,
    kStackOverflow,
    kHang,
  };
};

// Where the stand-in finds its file, and which path is its watchdog.
inline constexpr const char* kPinsVariable = "TAKT_TEST_PINS";
inline constexpr const char* kWatchdogVariable = "TAKT_TEST_WATCHDOG";

}  // namespace takt::testing
