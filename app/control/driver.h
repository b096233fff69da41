// SPDX-License-Identifier: Apache-2.0
// The interface from control to playback; a device plays alone or together with others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "takt/app/messages/answer.h"
#include "takt/app/messages/command.h"
#include "takt/core/program/timeline.h"
#include "takt/core/sync/plan.h"

namespace takt {

/// The result of one command.
struct Outcome {
  enum class Next : std::uint8_t {
    kNothing,
    kTryAgain,    ///< Not yet possible, and soon will be.
    kAskWhether,  ///< Others have to agree: Driver::agreed() says whether they did.
  };

  Status status = Status::kOk;
  Next next = Next::kNothing;
  FixedText<kLongestReason> reason;  ///< For people; empty where the status says it all.

  static Outcome done() { return {}; }
  static Outcome refused(Status status, std::string_view reason) {
    return {status, Next::kNothing, FixedText<kLongestReason>{reason}};
  }
  static Outcome later() { return {Status::kBusy, Next::kTryAgain, {}}; }
  static Outcome to_be_agreed() { return {Status::kOk, Next::kAskWhether, {}}; }
};

/// The outcome of what an engine returned; `when_nothing` says what kNotLoaded means.
Outcome outcome_of(Status status, std::string_view when_nothing);

/// `setting` with what is wished for in place of its own; not checked.
Bilateral changed(Bilateral setting, const SettingWish& wish);

/// Changes `setting` as far as `program` allows all of it.
Outcome apply_wish(const SettingWish& wish, const Program& program, Bilateral& setting);

/// A program that lies in the memory of the device.
struct LoadedProgram {
  std::size_t place = 0;  ///< See Programs.
  Timeline timeline;
  sync::ProgramHash hash = 0;  ///< Of its compiled form; 0: the device plays alone.
  std::uint32_t bytes = 0;     ///< Of the compiled form.
};

/// Solo or Joint. Context: the control half, all members.
class Driver {
 public:
  /// Acts on any command but an emergency stop, which has been requested of the engine already.
  virtual Outcome act(const Command& command, LocalTime now) = 0;

  /// The program for the next play. Its tables stay in place until Engine::in_use() says otherwise.
  virtual Outcome load(const LoadedProgram& program, LocalTime now) = 0;

  /// How what was to be agreed on last ended; nothing: not yet.
  virtual std::optional<Outcome> agreed(LocalTime now) const = 0;

  /// The emergency stop came: ends the run on other devices, too.
  virtual void hold(LocalTime now) = 0;

  /// Does what is due, feeds the engine, wakes the realtime half, and says when to call it again.
  /// Call it after any of the above, too.
  virtual LocalTime run(LocalTime now) = 0;

  struct Run {
    std::uint32_t number = 0;  ///< Counts them; 0: there was none.
    LocalTime began;           ///< Or is to begin.
  };
  virtual Run latest_run() const = 0;

 protected:
  ~Driver() = default;
};

}  // namespace takt
