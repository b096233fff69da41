// SPDX-License-Identifier: Apache-2.0
// Makes an engine play what a session of several devices has agreed on.
#pragma once

#include <optional>

#include "core/engine/engine.h"
#include "core/sync/peer.h"

namespace takt {

/// A setting as parameters of a plan, and back; nothing if the bytes are no setting, or for no
/// parameters, which leave a program as it was written.
sync::Parameters parameters_of(const Bilateral& setting);
std::optional<Bilateral> setting_of(const sync::Parameters& parameters);

/// Between a Peer, which says what is desired, and an Engine: begins, changes and ends runs at the
/// boundaries that were agreed on, and joins where the others are what it cannot change over to.
///
/// A change gets a boundary of the plan before, and an epoch from which the new setting, begun
/// afresh, has the same beat: so that joining late and changing in time are the same pulses.
///
/// Context: the control half. No heap.
class JointPlay {
 public:
  /// `alarm_latency`: how late the realtime half may be, at worst; pulses shrink by it too.
  JointPlay(Engine& engine, Micros alarm_latency)
      : engine_(engine), alarm_latency_(alarm_latency) {}

  /// The program that plans with this hash are about; it has two sides, and its tables stay in
  /// place. Not while one plays: the next plan begins with it. Errors as for Engine::load().
  Status load(const Timeline& timeline, sync::ProgramHash hash);

  // For sync::Host.
  sync::Reason judge(const sync::Plan& plan) const;
  void place(const sync::Plan& current, sync::Plan& next, SessionTime earliest) const;

  /// Brings the engine in line with the peer: to be called after all that is done to the peer, and
  /// at the time it returned last. Feeds the engine. After it the realtime half advances at once.
  LocalTime follow(const sync::Peer& peer, LocalTime now);

  /// The plan that plays; its revision is 0 if none does.
  const sync::Plan& playing() const { return playing_; }

 private:
  std::optional<Bilateral> setting_by(const sync::Plan& plan) const;
  bool obey(const sync::Desire& desire, LocalTime now);
  void begin(const sync::Desire& desire, LocalTime now);
  void change_over(const sync::Desire& desire, LocalTime now);
  Status apply(const sync::Desire& desire, bool other, LocalTime now);
  bool continues(const sync::Plan& next, SessionTime boundary) const;
  void take_clock(const sync::Peer& peer);
  void again_at(LocalTime at) { due_ = due_ < at ? due_ : at; }

  Engine& engine_;
  const Micros alarm_latency_;
  std::optional<Timeline> timeline_;
  sync::ProgramHash hash_ = 0;
  ClockMap map_;
  std::optional<std::uint32_t> clock_seen_;
  sync::Plan playing_;
  SessionTime until_ = SessionTime::max();  ///< That the engine knows of.
  LocalTime due_;
};

}  // namespace takt
