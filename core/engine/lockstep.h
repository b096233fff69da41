// SPDX-License-Identifier: Apache-2.0
// A device of a session: makes an engine play what several devices have agreed on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "takt/core/engine/engine.h"
#include "takt/core/engine/program_shelf.h"
#include "takt/core/sync/peer.h"

namespace takt {

/// What the parameters of a plan say: a setting in place of the program's own, whose cycles count
/// from `beat` after the plan's epoch.
struct SharedSetting {
  Bilateral setting;
  Micros beat;

  bool operator==(const SharedSetting&) const = default;
};

/// As parameters of a plan, and back; nothing if the bytes are no setting, or for no parameters,
/// which leave a program as it was written.
sync::Parameters parameters_of(const SharedSetting& shared);
std::optional<SharedSetting> shared_setting_of(const sync::Parameters& parameters);

/// How much of a pulse the uncertainty of the clock takes.
enum class Guard : std::uint8_t {
  kStrict,   ///< All that the clock may be wrong by: sides are never on together.
  kTypical,  ///< A multiple of the measured error, for patterns of light.
};

struct LockstepConfig {
  sync::PeerConfig peer;
  /// Nothing: kStrict for programs whose sides exclude each other, kTypical for others.
  std::optional<Guard> guard{};
  /// How late the realtime half may be, at worst; pulses shrink by it too.
  Micros alarm_latency;
};

/// Joins a Peer, which says what is desired, to an Engine. It begins, changes and ends runs at the
/// boundaries that were agreed on. If the engine cannot change over to a plan, it joins where the
/// others are.
///
/// A change gets a boundary of the plan before, and a beat from which the new setting has the same
/// turn. So a device that joins late plays the same pulses as one that changed in time. The epoch
/// stays, so that all end together.
///
/// A fault of playback here ends it here; after kRest this device joins again. The natural end of a
/// run ends the plan, so that nobody joins what is over.
///
/// Where the sides of a program exclude each other, a session whose devices all play one side does
/// not begin it. A device that plays already goes on; one that comes back with the same side stays
/// silent.
///
/// Context: the control half, all members. No heap. After each call of another member, and at each
/// deadline, poll() until it returns one.
class Lockstep final : private sync::Host {
 public:
  /// After a fault, before this device plays again.
  static constexpr Micros kRest = seconds(1);

  /// `engine` plays nothing else from now on, and like all others outlives this.
  Lockstep(const LockstepConfig& config, Engine& engine, ProgramShelf& shelf,
           Authenticator& authenticator, LocalTime now);

  /// See sync::Peer::receive().
  void receive(std::span<const std::byte> bytes, LocalTime at, LocalTime now) {
    peer_.receive(bytes, at, now);
  }

  /// As sync::Peer::poll(). The engine has been fed when kNews comes, at which the realtime half
  /// has to advance at once. Cost: see Peer and Engine::feed().
  [[nodiscard]] sync::Output poll(LocalTime now);

  /// Agrees with all on playing `program`, of `bytes` in compiled form, with `setting` or as it was
  /// written. While it plays: a change at the next boundary that all can make. How it ended is in
  /// the peer's status.
  void command(sync::ProgramHash program, std::uint32_t bytes,
               const std::optional<Bilateral>& setting, LocalTime now);

  /// Ends playing: here at once, elsewhere as soon as the message arrives.
  void stop(LocalTime now);

  /// The same, and nothing plays here, nor is a start agreed to, until release(). For safe outputs
  /// at the next advance() of the realtime half Engine::request_emergency_stop() alone is enough.
  void emergency_stop(LocalTime now);
  void release() { engine_.release_emergency_stop(); }
  bool is_held() const { return engine_.realtime().emergency_stopped(); }

  const sync::Peer& peer() const { return peer_; }

  /// The plan that plays; its revision is 0 if none does.
  const sync::Plan& playing() const { return playing_; }

  /// Why nothing plays here (it may still end softly); kNone: it plays, or is about to.
  sync::Reason reason(LocalTime now) const;

  /// By which setting `plan` is played; nothing for segments as written, and without the program.
  std::optional<SharedSetting> setting_by(const sync::Plan& plan) const;

 private:
  sync::Reason judge(const sync::Plan& plan) override;
  void place(const sync::Plan& current, sync::Plan& next, SessionTime earliest) override;
  std::size_t read(sync::ProgramHash program, std::uint32_t offset,
                   std::span<std::byte> to) override {
    return shelf_.read(program, offset, to);
  }
  Status write(sync::ProgramHash program, std::uint32_t size, std::uint32_t offset,
               std::span<const std::byte> bytes) override {
    return shelf_.write(program, size, offset, bytes);
  }

  void follow(LocalTime now);
  void take_clock(LocalTime now);
  void guard_for(const sync::Plan& plan, LocalTime now);
  void obey(const sync::Desire& desire, LocalTime now);
  void begin(const sync::Desire& desire, LocalTime now);
  void change_over(const sync::Desire& desire, LocalTime now);
  Status apply(const sync::Desire& desire, LocalTime now);
  bool continues(const sync::Plan& next, SessionTime boundary);
  void drop_out(LocalTime now);
  void take_end(LocalTime now);
  void again_at(LocalTime at) { due_ = due_ < at ? due_ : at; }

  Engine& engine_;
  ProgramShelf& shelf_;
  const std::optional<Guard> configured_guard_;
  const Micros alarm_latency_;
  sync::Peer peer_;

  Guard guard_ = Guard::kStrict;
  ClockMap map_;
  std::optional<std::uint32_t> clock_seen_;
  std::uint32_t jumps_seen_ = 0;
  sync::ProgramHash loaded_ = 0;  ///< By the engine, for the next run or the present one.
  sync::Plan playing_;
  SessionTime until_ = SessionTime::max();      ///< That the engine knows of.
  sync::Reason refusal_ = sync::Reason::kNone;  ///< Why the latest plan was refused.
  bool dropping_ = false;                       ///< The engine could not be stopped yet.
  LocalTime rest_until_;
  LocalTime due_;
};

}  // namespace takt
