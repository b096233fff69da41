// SPDX-License-Identifier: Apache-2.0
// What plays, at one moment.
#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>

#include "takt/core/base/time.h"

namespace takt {

/// Travels over the bus: on every change of `state`, and a few times a second while it plays. Only
/// the latest one counts.
struct PlayerSnapshot {
  enum class State : std::uint8_t { kEmpty, kReady, kPlaying, kPaused, kFault };
  enum class End : std::uint8_t { kNone, kFinished, kStopped, kFault };

  LocalTime at;
  State state = State::kEmpty;
  End end = End::kNone;  ///< Of the latest run; kNone while it lasts.
  bool held = false;     ///< An emergency stop holds it.

  std::uint32_t run = 0;    ///< Counts the starts of this device; 0: none yet.
  LocalTime began;          ///< When that run began or is to begin.
  std::uint16_t phase = 0;  ///< From 0; this and the next two hold while it plays or is paused.
  std::uint32_t loop = 0;   ///< From 0, within the phase's loop.
  std::uint32_t pass = 0;   ///< From 0, over the whole program.
  Micros phase_elapsed;
  Micros elapsed;    ///< By the plan, pauses not counted.
  Micros remaining;  ///< To the natural end.

  std::uint64_t edges = 0;
  std::uint32_t faults = 0;
  std::uint32_t lost_pulses = 0;
  std::uint32_t beyond_tolerance = 0;  ///< Edges.
  std::uint32_t withheld = 0;          ///< Edges that a rule of the program made wait.
  std::uint32_t silenced = 0;          ///< Pulses of which the clock's bound left nothing.
  Micros latest;                       ///< The largest lateness of a frame.
};
static_assert(std::is_trivially_copyable_v<PlayerSnapshot>);

/// A word: "playing"; static storage.
std::string_view name_of(PlayerSnapshot::State state);
std::string_view name_of(PlayerSnapshot::End end);

}  // namespace takt
