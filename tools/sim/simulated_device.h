// SPDX-License-Identifier: Apache-2.0
// One device of the simulated pair: the shipped engine and the shipped peer on a doubtful crystal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "takt/core/engine/lockstep.h"
#include "takt/core/program/builder.h"
#include "takt/core/program/timeline.h"
#include "takt/core/sync/peer.h"
#include "tools/sim/oscillator.h"
#include "tools/sim/random.h"

namespace takt::sim {

/// How late an alarm of these boards may be; the bound that the engine gets contains it.
inline constexpr Micros kAlarmLatency{200};

/// A protection that is switched off, to prove that the referee notices.
enum class Mutation : std::uint8_t { kNone, kGuard, kTwoPhase, kReplayCheck, kBoundGrowth };

/// A quick stand-in for HMAC: as hard to break for the simulated forger, who only guesses.
class QuickAuthenticator final : public Authenticator {
 public:
  AuthTag tag_of(std::span<const std::byte> message) override;
};

/// Hears what devices do.
class DeviceEvents {
 public:
  /// The motor runs with `percent` from `at` on; 0: it is off.
  virtual void output(std::size_t device, TrueTime at, unsigned percent) = 0;
  virtual void send(std::size_t device, TrueTime at, std::span<const std::byte> bytes) = 0;
  /// The device wants to play this plan from now on; revision 0: none.
  virtual void planned(std::size_t device, TrueTime at, const sync::Plan& plan) = 0;
  /// What it believes of session time has changed.
  virtual void believed(std::size_t device, TrueTime at) = 0;

 protected:
  ~DeviceEvents() = default;
};

struct DeviceConfig {
  std::uint8_t side = 0;
  sync::LinkPace pace;
  Mutation mutation = Mutation::kNone;
  bool late_alarms = false;
  bool forgets_program = false;  ///< At some restarts: the other one has it.
  double crystal_ppm = 20;       ///< How far off its crystal may be, either way; 2 more with age.
};

/// Only the counter of starts and, as a rule, the program survive a restart.
class Device final : private ProgramShelf {
 public:
  Device(const DeviceConfig& config, Random random, Micros length, DeviceEvents& events);
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  void boot(TrueTime now);
  /// Power is gone: outputs off, nothing remembered.
  void crash(TrueTime now);
  bool is_up() const { return lockstep_.has_value(); }
  /// The control half stands still until then; datagrams wait, stamped on arrival.
  void stall(TrueTime until) { stalled_until_ = until; }
  bool is_stalled(TrueTime now) const { return now < stalled_until_; }
  /// Nothing of the device moves until then, as under a debugger, and datagrams wait without a
  /// stamp. Its outputs go off, because a guardian of the pins or a watchdog switches them off;
  /// without one nobody can promise anything.
  void freeze(TrueTime now, TrueTime until);
  bool is_frozen(TrueTime now) const { return is_up() && now < frozen_until_; }
  bool has_mail() const { return !mail_.empty(); }

  TrueTime due();
  /// Does what is due at `now`.
  void run(TrueTime now);
  void receive(std::span<const std::byte> bytes, TrueTime now);

  void command(const Bilateral& setting, TrueTime now);
  void stop(TrueTime now);
  void emergency_stop(TrueTime now);

  // For the referee alone.
  LocalTime local_at(TrueTime at) const { return LocalTime{crystal_.local_at(at) - booted_}; }
  SessionTime session_at(TrueTime at) const { return peer().clock().session_at(local_at(at)); }
  Micros bound_at(TrueTime at) const { return peer().clock().bound_at(local_at(at)); }
  bool settled() const { return peer().settled(); }
  std::uint32_t growth_ppb() const { return peer().clock().growth_ppb; }
  sync::PeerStatus status(TrueTime at) const { return peer().status(local_at(at)); }
  bool is_on() const { return percent_ > 0; }
  std::uint32_t silenced() const { return silenced_; }

 private:
  struct Mail {
    LocalTime at;  ///< kNever: when somebody looks.
    std::size_t size;
    std::array<std::byte, sync::kMaxDatagram> bytes;
  };

  Result<Timeline> find(sync::ProgramHash program) override;
  std::size_t read(sync::ProgramHash program, std::uint32_t offset,
                   std::span<std::byte> to) override;
  Status write(sync::ProgramHash program, std::uint32_t size, std::uint32_t offset,
               std::span<const std::byte> bytes) override;

  const sync::Peer& peer() const { return lockstep_->peer(); }

  void build_program();
  void control(LocalTime now, TrueTime at);
  void realtime(LocalTime now, TrueTime at);
  bool poll(LocalTime now, TrueTime at);
  void heed_news(TrueTime at);
  void show(TrueTime at);

  /// A deadline with its true time, which is asked for many times between its changes.
  struct Deadline {
    LocalTime at = kNever;
    TrueTime in_truth = kNeverTrue;
  };
  TrueTime true_at(LocalTime at, Deadline& latest);

  const DeviceConfig config_;
  const std::size_t index_;
  DeviceEvents& events_;
  Random random_;
  Oscillator crystal_;
  Micros booted_;  ///< The crystal's count when it started.
  std::uint32_t lives_ = 0;
  QuickAuthenticator authenticator_;

  std::vector<std::max_align_t> program_block_;
  std::optional<Timeline> timeline_;
  std::string compiled_;
  sync::ProgramHash hash_ = 0;
  std::string stored_;  ///< As far as it is here.
  std::vector<std::max_align_t> engine_block_;
  std::unique_ptr<EngineMemory> engine_memory_;

  std::optional<Engine> engine_;
  std::optional<Lockstep> lockstep_;
  // Told to the events.
  std::uint32_t shown_revision_ = 0;
  std::uint32_t shown_clock_ = 0;
  bool shown_settled_ = false;
  LocalTime control_due_;
  LocalTime realtime_due_ = kNever;
  Deadline control_deadline_;
  Deadline realtime_deadline_;
  Micros lateness_;
  TrueTime stalled_until_;
  TrueTime frozen_until_;
  std::vector<Mail> mail_;
  unsigned percent_ = 0;
  std::uint32_t silenced_ = 0;
};

}  // namespace takt::sim
