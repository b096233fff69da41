// SPDX-License-Identifier: Apache-2.0
// The lines that takt play prints while it plays.
#pragma once

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>

#include "takt/core/engine/engine.h"

namespace takt {

/// Lines for where each phase begins and why it ended, and for each refill of the window if asked.
class PlayLog {
 public:
  PlayLog(const Timeline& timeline, std::FILE* to, bool phases, bool refills)
      : timeline_(timeline), to_(to), phases_(phases), refills_(refills) {}

  /// Says what is new. `at`: how long ago the run began, pauses included.
  void note(const EngineStatus& status, Micros at);

  /// Before the note() of the same moment. `at`: as there.
  void note_end(const PhaseEnd& end, Micros at);

 private:
  void note_phase(const EngineStatus& status, Micros at);
  void say_end(const PhaseEnd& end, std::size_t phase, Micros at) const;

  const Timeline& timeline_;
  std::FILE* const to_;
  const bool phases_;
  const bool refills_;
  std::uint32_t refills_seen_ = 0;
  std::optional<Entry> entry_;  ///< Said to have begun, and not yet to have ended.
};

/// "playing: phase 1 of 2: fill, 0:03.2 of 0:20.0; 0:03.2 of 1:00.0 in all, 4 edges, at most 80 us
/// late".
std::string sentence_of(const EngineStatus& status, const Timeline& timeline);

}  // namespace takt
