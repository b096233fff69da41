// SPDX-License-Identifier: Apache-2.0
// A device of a session.
#pragma once

#include "takt/app/control/driver.h"
#include "takt/app/control/wiring.h"
#include "takt/app/playback/lockstep_half.h"

namespace takt {

/// Commands to a Lockstep: what one device wants, all agree on.
class Joint final : public Driver {
 public:
  /// All outlive it.
  Joint(Lockstep& lockstep, LockstepHalf& half, ProgramShelf& shelf, const Engine& engine,
        Wiring& wiring)
      : lockstep_(lockstep), half_(half), shelf_(shelf), engine_(engine), wiring_(wiring) {}

  Outcome act(const Command& command, LocalTime now) override;
  /// The first program that can be played says which pins the outputs have, for good.
  Outcome load(const LoadedProgram& program, LocalTime now) override;
  void hold(LocalTime now) override { lockstep_.emergency_stop(now); }
  LocalTime run(LocalTime now) override { return half_.run(now); }

 private:
  Outcome play(const SettingWish& wish, LocalTime now);

  Lockstep& lockstep_;
  LockstepHalf& half_;
  ProgramShelf& shelf_;
  const Engine& engine_;
  Wiring& wiring_;
  sync::ProgramHash hash_ = 0;  ///< Of what a play offers; 0: only what others have.
  std::uint32_t bytes_ = 0;
};

}  // namespace takt
