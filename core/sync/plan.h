// SPDX-License-Identifier: Apache-2.0
// What devices agree on.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "takt/core/base/time.h"

namespace takt::sync {

/// Identifies a program by its bytes; 0 is none.
using ProgramHash = std::uint64_t;

/// FNV-1a of 64 bits over the compiled form: tells programs of friends apart. Authenticated
/// messages keep strangers from choosing one.
constexpr ProgramHash hash_of(std::string_view compiled) {
  ProgramHash hash = 0xCBF2'9CE4'8422'2325;
  for (const char byte : compiled) {
    hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100'0000'01B3;
  }
  return hash != 0 ? hash : 1;
}

/// Bytes that only the application understands: a setting of a pattern.
struct Parameters {
  static constexpr std::size_t kMax = 48;

  std::array<std::byte, kMax> bytes{};
  std::uint8_t size = 0;

  bool operator==(const Parameters&) const = default;
  std::span<const std::byte> view() const { return {bytes.data(), size}; }
};

/// Play this program with these parameters. From `effective` on, position and levels follow from
/// the plan, the side and session time alone, so whoever has the plan can join at any time.
/// A change keeps the epoch of the plan before it.
struct Plan {
  std::uint32_t revision = 0;  ///< Plans of a session are numbered; 0 is no plan.
  ProgramHash program = 0;
  std::uint32_t program_bytes = 0;
  SessionTime epoch;      ///< When the run began.
  SessionTime effective;  ///< Before this, the plan before it holds.
  /// The side `share_side` takes this much of the others' uncertainty upon itself, so that both
  /// sides lose equally: its bound is larger by `share`, that of the others smaller.
  Micros share;
  std::uint8_t share_side = 0;
  Parameters parameters;

  bool operator==(const Plan&) const = default;
};

/// Why a proposal was not taken, or a device does not play.
enum class Reason : std::uint8_t {
  kNone,
  kNoPlan,           ///< Nothing was started yet.
  kStopped,          ///< Somebody stopped.
  kHoldover,         ///< Nobody was heard for the configured time, or knows a change's outcome.
  kInDoubt,          ///< A change was accepted, but whether it took place is not known.
  kNotSynchronised,  ///< The bound of the clock exceeds its budget.
  kNoProgram,        ///< The program's bytes are not here yet.
  kRefused,          ///< The application does not take these parameters.
  kOffline,          ///< A device that must agree was not heard lately.
  kStale,            ///< The proposer does not know the newest plan.
  kBusy,             ///< A start while playing: stop first.
  kTimeout,          ///< Not everybody answered in time.
  kHeld,             ///< A device is held still by its emergency stop.
  kReplaced,         ///< A later command came before this one's turn.
  kSameSide,         ///< All play one side of a program whose sides exclude each other.
};

inline constexpr Reason kLastReason = Reason::kSameSide;

/// A word, "not-synchronised"; static storage.
std::string_view name_of(Reason reason);

}  // namespace takt::sync
