// SPDX-License-Identifier: Apache-2.0
// A device that plays alone, any program.
#pragma once

#include <optional>

#include "takt/app/control/driver.h"
#include "takt/app/control/wiring.h"
#include "takt/app/playback/halves.h"
#include "takt/core/engine/engine.h"

namespace takt {

/// Passes commands to an Engine, and says what came of them.
class Solo final : public Driver {
 public:
  /// All outlive it. `lead`: from a command to the start of a run, so that its first edge is on
  /// time too.
  Solo(Engine& engine, Runner& realtime, Wiring& wiring, Micros lead)
      : engine_(engine), half_(engine, realtime), wiring_(wiring), lead_(lead) {}

  Outcome act(const Command& command, LocalTime now) override;
  Outcome load(const LoadedProgram& program, LocalTime now) override;
  std::optional<Outcome> agreed(LocalTime /*now*/) const override { return Outcome::done(); }
  void hold(LocalTime /*now*/) override {}
  LocalTime run(LocalTime now) override { return half_.run(now); }
  Run latest_run() const override { return run_; }

 private:
  Outcome play(const SettingWish& wish, LocalTime now);
  Outcome change(const SettingWish& wish, LocalTime now);
  Outcome start(const SettingWish& wish, LocalTime now);

  Engine& engine_;
  ControlHalf half_;
  Wiring& wiring_;
  const Micros lead_;
  std::optional<Timeline> next_;  ///< The program with which the next play begins.
  Run run_;
  std::optional<Bilateral> setting_;  ///< The setting of this run, in place of the program's own.
};

}  // namespace takt
