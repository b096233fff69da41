// SPDX-License-Identifier: Apache-2.0
// The compiled form of a program, as it lies in files and goes over links:
//
//   "TAKT"  u8 version  program  u32 CRC-32 of everything before it, lowest byte first
//
// The program is a row of numbers and texts in the order of compiled_encode.cc. A number is 1 to 10
// bytes of 7 bits, lowest first, the top bit set in all but the last; a text is its length and its
// bytes. Optional and signed numbers are stored shifted so that they are never negative.
#pragma once

#include <cstdint>
#include <string_view>

#include "takt/core/base/status.h"
#include "takt/core/json/report.h"
#include "takt/core/program/builder.h"

namespace takt {

inline constexpr std::string_view kCompiledMagic = "TAKT";
inline constexpr std::uint8_t kCompiledVersion = 2;

inline bool is_compiled(std::string_view bytes) { return bytes.starts_with(kCompiledMagic); }

/// Both read everything and trust nothing, neither counts nor checksum nor texts. What remains for
/// check() are indices, times, and levels.
/// - kCorrupt: damaged or cut off.
/// - kUnsupported: of another version.
/// - kTooLarge: a limit of limits.h is exceeded.
Result<ProgramSize> measure_compiled(std::string_view bytes, Reporter& reporter);
Result<Program> build_compiled(std::string_view bytes, ProgramBuilder& builder, Reporter& reporter);

}  // namespace takt
