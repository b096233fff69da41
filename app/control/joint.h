// SPDX-License-Identifier: Apache-2.0
// A device of a session.
#pragma once

#include <cstdint>
#include <optional>

#include "takt/app/control/driver.h"
#include "takt/app/control/programs.h"
#include "takt/app/control/wiring.h"
#include "takt/app/playback/lockstep_half.h"
#include "takt/core/engine/lockstep.h"

namespace takt {

/// Commands to a Lockstep: what one device wants, all agree on.
class Joint final : public Driver {
 public:
  /// All outlive it.
  Joint(Lockstep& lockstep, LockstepHalf& half, Programs& programs, Wiring& wiring)
      : lockstep_(lockstep), half_(half), programs_(programs), wiring_(wiring) {}

  Outcome act(const Command& command, LocalTime now) override;
  /// The first program that can be played says which pins the outputs have, for good.
  Outcome load(const LoadedProgram& program, LocalTime now) override;
  std::optional<Outcome> agreed(LocalTime now) const override;
  void hold(LocalTime now) override { lockstep_.emergency_stop(now); }
  LocalTime run(LocalTime now) override;
  Run latest_run() const override { return run_; }

 private:
  Outcome play(const SettingWish& wish, LocalTime now);

  Lockstep& lockstep_;
  LockstepHalf& half_;
  Programs& programs_;
  Wiring& wiring_;
  bool is_wired_ = false;
  sync::ProgramHash offered_ = 0;  ///< What a play offered; 0: it has only what others have.
  std::uint32_t offered_bytes_ = 0;
  Run run_;
  bool plays_ = false;
};

}  // namespace takt
