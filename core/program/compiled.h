// SPDX-License-Identifier: Apache-2.0
// The compiled form of a program, as it lies in files and goes over links:
//
//   "TAKT"  u8 version  program  u32 CRC-32 of everything before it, lowest byte first
//
// The program is a row of numbers and texts: of each object the fields that have a `place` in
// takt_shapes.h, in that order, and the rows of objects as compiled_encode.cc writes them. A number
// is 1 to 10 bytes of 7 bits, lowest first, the top bit set in all but the last; a text is its
// length and its bytes. Optional and signed numbers are stored shifted so that they are never
// negative.
//
// In version 3 those fields are followed by the ones that have a `tag`, as far as they differ from
// their default: the tag, the value, by ascending tags, then a 0. A program in which nothing has
// such a field is of version 2, so its bytes are those of before. A new field needs no new version:
// a reader that does not know a tag says so.
#pragma once

#include <cstdint>
#include <string_view>

#include "takt/core/base/status.h"
#include "takt/core/json/report.h"
#include "takt/core/program/bound_shape.h"
#include "takt/core/program/builder.h"

namespace takt {

inline constexpr std::string_view kCompiledMagic = "TAKT";
inline constexpr std::uint8_t kPlainVersion = 2;
inline constexpr std::uint8_t kTaggedVersion = 3;

inline bool is_compiled(std::string_view bytes) { return bytes.starts_with(kCompiledMagic); }

/// Both read everything and trust nothing: neither counts nor checksum nor texts. Indices, times
/// and levels remain for check().
/// - kCorrupt: damaged or cut off.
/// - kUnsupported: of another version, or with a field that is not known here.
/// - kTooLarge: a limit of limits.h is exceeded.
Result<ProgramSize> measure_compiled(std::string_view bytes, Reporter& reporter);
Result<Program> build_compiled(std::string_view bytes, ProgramBuilder& builder, Reporter& reporter);

/// The number of a field as the compiled form stores it, and the largest that it may store.
std::uint64_t stored_number(const BoundShape& shape, const json::Field& field, const void* object);
std::uint64_t largest_stored(const BoundShape& shape, const json::Field& field);
/// The inverse of stored_number(); `stored` is at most largest_stored().
void restore_number(const BoundShape& shape, const json::Field& field, void* object,
                    std::uint64_t stored);

}  // namespace takt
