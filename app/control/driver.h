// SPDX-License-Identifier: Apache-2.0
// What control does to playback, whether a device plays alone or together with others.
#pragma once

#include <string_view>

#include "takt/app/messages/answer.h"
#include "takt/app/messages/command.h"
#include "takt/core/engine/engine.h"
#include "takt/ports/api/output_bank.h"
#include "takt/ports/api/runner.h"

namespace takt {

/// What became of a wish.
struct Outcome {
  Status status = Status::kOk;
  FixedText<kLongestReason> reason;  ///< For people; empty where the status says it all.
  bool again = false;                ///< Not yet possible, and soon will be: try again.

  static Outcome done() { return {}; }
  static Outcome refused(Status status, std::string_view reason) {
    return {status, FixedText<kLongestReason>{reason}, false};
  }
  static Outcome later() { return {Status::kBusy, {}, true}; }
};

/// A program that lies in the memory of the device.
struct LoadedProgram {
  Timeline timeline;
  sync::ProgramHash hash = 0;   ///< Of its compiled form; 0: only devices that play together
  std::uint32_t bytes = 0;      ///< need it, and how long that is.
};

/// Solo or Joint. Context: the control half, all members.
class Driver {
 public:
  /// Acts on any command but an emergency stop, which has been requested of the engine already.
  virtual Outcome act(const Command& command, LocalTime now) = 0;

  /// The program for the next play. Its tables stay in place until Engine::in_use() says otherwise.
  virtual Outcome load(const LoadedProgram& program, LocalTime now) = 0;

  /// The emergency stop came: ends the run elsewhere, too.
  virtual void hold(LocalTime now) = 0;

  /// Does what is due, feeds the engine, wakes the realtime half, and says when to be called again:
  /// also to be called after any of the above.
  virtual LocalTime run(LocalTime now) = 0;

 protected:
  ~Driver() = default;
};

}  // namespace takt
