// SPDX-License-Identifier: Apache-2.0
// One device of a session: which messages it takes and sends, its time, and what it should play.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "takt/core/base/authenticator.h"
#include "takt/core/base/clock_map.h"
#include "takt/core/base/status.h"
#include "takt/core/base/time.h"
#include "takt/core/sync/agreement.h"
#include "takt/core/sync/host.h"
#include "takt/core/sync/members.h"
#include "takt/core/sync/peer_config.h"
#include "takt/core/sync/plan.h"
#include "takt/core/sync/roles.h"
#include "takt/core/sync/session_clock.h"
#include "takt/core/sync/transfer.h"
#include "takt/core/sync/wire.h"
#include "takt/core/sync/wishes.h"

namespace takt::sync {

struct Datagram {
  std::uint32_t to = 0;  ///< Number of a device; 0: all that the port knows of.
  std::size_t size = 0;
  std::array<std::byte, kMaxDatagram> bytes;

  std::span<const std::byte> view() const { return {bytes.data(), size}; }
};

/// What is to be done now; see Peer::poll().
struct Output {
  enum class Kind : std::uint8_t {
    kNews,      ///< Clock and desire may have changed; act on them before anything is sent.
    kDatagram,  ///< Send `datagram` at once.
    kDeadline,  ///< Nothing more until `deadline`, or until something is told.
  };

  Kind kind = Kind::kDeadline;
  LocalTime deadline = kNever;
  Datagram datagram;
};

/// What the device should be doing now.
struct Desire {
  bool play = false;
  Plan plan;  ///< Valid if play.
  /// Play nothing from this instant on, unless a later desire says otherwise: something else may
  /// hold then. SessionTime::max(): no end in sight.
  SessionTime until = SessionTime::max();
  Reason reason = Reason::kNoPlan;  ///< Why not.

  bool operator==(const Desire&) const = default;
};

struct PeerStatus {
  Role role = Role::kListening;
  std::uint16_t term = 0;
  std::uint32_t leader = 0;  ///< Its number; 0: none.
  std::size_t heard = 0;     ///< Devices heard lately.
  bool settled = false;
  Micros bound;
  Micros typical_error;
  std::uint32_t revision = 0;
  std::uint32_t jumps = 0;      ///< See clock_jumps().
  std::uint32_t losses = 0;     ///< Times that session time was lost: see SessionClock.
  std::uint32_t rejected = 0;   ///< Datagrams that were no fresh messages of a known device.
  std::uint32_t foreign = 0;    ///< Of the rejected: without this session's key, or no messages.
  std::uint32_t namesakes = 0;  ///< Of the rejected: of another device with this one's number.
  std::size_t same_side = 0;    ///< Devices heard lately, and namesakes, that play the same side.
  bool command_pending = false;
  Reason command = Reason::kNone;  ///< How the last command ended.
};

/// A session as seen by one device: roles, time, agreement, transfer of programs.
///
/// A pure state machine: datagrams, commands and times go in; what poll() returns, a clock map and
/// a desire come out. After each input and at each deadline, call poll() until it returns a
/// deadline.
///
/// Context: the control half, one task. No heap; memory is sizeof(Peer). Cost: bounded, see
/// SessionClock; an authenticated tag for each datagram.
///
/// Members decides which messages count, Roles who leads, SessionClock what time it is, and
/// Agreement what is played. Sides are configuration and never follow from roles. A device that
/// comes from another session brings nothing with it, and plays once its clock is good.
class Peer {
 public:
  Peer(const PeerConfig& config, Authenticator& authenticator, Host& host, LocalTime now);
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  /// `at`: when the datagram arrived, stamped as close to the radio as the port can; not after
  /// `now`.
  void receive(std::span<const std::byte> bytes, LocalTime at, LocalTime now);

  /// Does what is due and returns kNews, then every datagram that is owed, then the deadline. Times
  /// in a datagram count from `now`, so each call gets the clock's newest reading.
  [[nodiscard]] Output poll(LocalTime now);

  /// Agrees with all on playing `plan.program` with `plan.parameters`; the rest of `plan` is filled
  /// in. If that program plays already, this is a change at the next possible boundary. A later
  /// command replaces one that is still waiting. See PeerStatus for how it ended.
  void command(const Plan& plan, LocalTime now);

  /// Ends playing here at once, and everywhere else as soon as the message arrives. If this device
  /// is only about to join a session, that one ends once the device has heard of it. poll() returns
  /// the message before the next deadline.
  void stop(LocalTime now);

  /// The map to play by, with this side's share of uncertainty; changes are counted.
  ClockMap clock() const;
  /// The same with a bound that holds as a rule: see SessionClock::typical_map().
  ClockMap typical_clock() const { return clock_.typical_map(); }
  std::uint32_t clock_changes() const { return clock_changes_; }

  Desire desire(LocalTime now) const;
  /// The plan that was agreed on last, whether it plays or is over; revision 0: none.
  const Plan& plan() const { return agreement_.plan(); }
  bool is_playing() const { return agreement_.playing(); }
  PeerStatus status(LocalTime now) const;
  /// See Members.
  bool all_on_one_side() const { return members_.all_on_one_side(); }
  /// Whether the clock is good enough to start playing with; also in status().
  bool settled() const { return settled_; }
  /// How often session time was stepped while playing: what plays is then in a wrong place.
  std::uint32_t clock_jumps() const { return clock_.jumps(); }

 private:
  /// What a member is to be told.
  struct Debt {
    LocalTime gossip_at;  ///< If there is something to tell it: not before this.
    LocalTime propose_at;
    bool asked_time = false;  ///< The answer to this request is owed.
    LocalTime asked_sent;
    SessionTime asked_reached;
    bool vote = false;  ///< This vote is owed.
    std::uint32_t vote_revision = 0;
    Reason vote_reason = Reason::kNone;
  };
  static constexpr std::size_t kOutstanding = 16;

  void heed_standing(std::size_t index, LocalTime now);
  void dispatch(std::size_t index, const Message& message, LocalTime at, LocalTime now);
  void on_time(const Message& message, LocalTime at, LocalTime now);
  void on_propose(std::size_t index, const Message& message, LocalTime now);
  void learn(std::size_t index, const Plan& plan, LocalTime now);

  Roles::Assets assets() const { return {joined_, agreement_.plan().revision > 0}; }
  void move(Roles::Move move, std::size_t heard, LocalTime now);
  void forget();
  void join();
  void lead(LocalTime now);
  void follow(std::size_t index, LocalTime now);

  void do_due(LocalTime now);
  void advance_wish(LocalTime now);
  Reason propose(Plan plan, LocalTime now);
  Reason obstacle(LocalTime now) const;
  void watch_silence(LocalTime now);
  void watch_clock(LocalTime now);
  void schedule(LocalTime now);
  LocalTime deadline(LocalTime now) const;

  Standing standing() const;
  /// How often to repeat what is said to `member`: seldom while it does not answer.
  Micros repeat(const Member& member, LocalTime now) const {
    const Micros retry = config_.pace.retry();
    return now - member.heard < seconds(1) ? retry : std::max(retry, millis(500));
  }
  bool behind(const Member& member) const;
  bool next_datagram(Datagram& datagram, LocalTime now);
  bool owes(std::size_t index, Message& message, LocalTime now);
  bool owes_time(std::size_t index, Message& message, LocalTime now);
  bool owes_agreement(std::size_t index, Message& message, LocalTime now);
  void post(Message& message, std::uint32_t to, std::uint32_t to_life, Datagram& datagram);

  const PeerConfig config_;
  Authenticator& authenticator_;
  Host& host_;

  bool is_polled_ = false;  ///< What was due is done, and deadline_ not returned yet.
  LocalTime deadline_;      ///< As it was before anything was said.

  Members members_;
  Roles roles_;
  std::array<Debt, kMaxPeers> debts_{};  ///< By member.
  std::uint32_t sequence_ = 0;
  bool exact_ = false;  ///< It leads, and all others follow or listen.

  SessionClock clock_;
  bool settled_ = false;  ///< Towards the present leader.
  bool stop_on_joining_ = false;
  bool joined_ = false;  ///< Has a notion of session time, of this leader or an earlier one.
  std::uint32_t clock_changes_ = 0;
  std::array<LocalTime, kOutstanding> outstanding_{};  ///< Stamps of requests without answer.
  std::size_t next_outstanding_ = 0;
  LocalTime poll_at_;
  bool poll_due_ = false;
  LocalTime hello_at_;
  bool hello_due_ = false;

  Agreement agreement_;
  Wishes wishes_;
  Transfer transfer_;
};

}  // namespace takt::sync
