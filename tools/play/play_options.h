// SPDX-License-Identifier: Apache-2.0
// The words of a call of takt play, and its result.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "takt/core/engine/engine.h"
#include "tools/play/lost_pulses.h"
#include "tools/play/phase_ledger.h"
#include "tools/play/script.h"
#include "tools/programs/source.h"

namespace takt {

struct PlayOptions {
  SourceOptions source;
  bool in_virtual_time = false;
  double speed = 1.0;
  std::string trace;
  std::uint32_t loops = 1;
  std::string chip;
  std::string watchdog;
  bool precise = false;
  std::uint32_t frames = Window::kDefaultFrames;
  double tolerance_ms = -1;  ///< Negative: as an engine has it.
  std::string side;          ///< The only one to play: "left", "right"; empty: both.
  bool verbose = false;
  bool json = false;
  std::vector<std::string> sensors;
  std::vector<std::string> actions;

  /// The tolerance in real time.
  Micros tolerance() const {
    if (tolerance_ms < 0) return EngineConfig{}.tolerance;
    return Micros{static_cast<std::int64_t>(tolerance_ms * 1e3)};
  }

  SideSet sides() const {
    return side == "left" ? kLeftSide : side == "right" ? kRightSide : kBothSides;
  }
};

struct PlayResult {
  EndReason end = EndReason::kNone;
  int signal = 0;   ///< The signal that stopped it; 0: none.
  Micros duration;  ///< From start to end, pauses included.
  std::uint64_t edges = 0;
  std::vector<PhaseLedger::Row> phases;
  std::vector<std::optional<PhaseEnd>> ends;  ///< By phase; nothing: it never ran.
  std::uint32_t refills = 0;
  LatenessFigures lateness;
  std::vector<LostPulses> lost_pulses;
  /// For a program with two sides; its time counts from the start.
  ShortfallFigures beyond_tolerance;
  std::uint32_t withheld = 0;     ///< Edges that a rule of the program made wait.
  std::vector<Fault> faults;      ///< Times from the start.
  std::uint32_t faults_lost = 0;  ///< More than could be kept.
};

}  // namespace takt
