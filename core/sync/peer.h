// SPDX-License-Identifier: Apache-2.0
// One device of a session: what it hears and says, what time it is there, and what it should play.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "takt/core/base/authenticator.h"
#include "takt/core/base/clock_map.h"
#include "takt/core/base/status.h"
#include "takt/core/base/time.h"
#include "takt/core/sync/agreement.h"
#include "takt/core/sync/plan.h"
#include "takt/core/sync/replay_window.h"
#include "takt/core/sync/session_clock.h"
#include "takt/core/sync/wire.h"

namespace takt::sync {

/// How to get along with a kind of link.
struct LinkPace {
  Micros round_trip;        ///< Typical; unanswered messages are repeated a little later.
  Micros settling_poll;     ///< Between exchanges until settled,
  Micros poll;              ///< and from then on.
  std::uint32_t exchanges;  ///< Until settled.
  Micros bucket;            ///< See EstimatorConfig.
  Micros memory;            ///< See EstimatorConfig.
  Micros lead;              ///< From a proposal to its effect: several lost messages long.
  Micros budget;            ///< Largest bound to start playing with.
  Micros share;             ///< See Plan: about half of the bound to expect.
};

inline constexpr LinkPace kBlePace{millis(200),  millis(100), seconds(1),  200,       seconds(32),
                                   seconds(200), seconds(4),  millis(120), millis(25)};
inline constexpr LinkPace kEspNowPace{millis(10),  millis(50), seconds(2), 40,         seconds(8),
                                      seconds(64), seconds(1), millis(5),  Micros{150}};
inline constexpr LinkPace kLanPace{millis(5),   millis(50), seconds(2), 40,         seconds(8),
                                   seconds(64), seconds(1), millis(5),  Micros{100}};

/// Switched off one by one to prove that the simulator notices; a device has them all.
struct Protections {
  bool two_phase = true;
  bool replay_check = true;  ///< By lives, numbers and sessions.
  bool bound_growth = true;
};

struct PeerConfig {
  std::uint32_t id = 0;    ///< Not 0, different on each device.
  std::uint32_t life = 0;  ///< Larger at each start, such as a counter of starts in the store.
  std::uint8_t side = 0;   ///< What it plays: left, right, or a zone. Never follows from a role.
  std::size_t peers = 1;   ///< How many others there are; all must agree.
  LinkPace pace = kEspNowPace;
  OscillatorLimits oscillator;
  Micros takeover = seconds(30);   ///< Silence of the leader after which another leads.
  Micros holdover = seconds(120);  ///< Silence after which playing ends.
  bool wait_for_offline = false;   ///< A command waits for those not heard, or is refused.
  Protections protections;
};

/// What Peer asks of the device around it. Called from within Peer's members only.
class Host {
 public:
  /// Whether `plan` can be played here: kNone, or why not.
  virtual Reason judge(const Plan& plan) = 0;

  /// Completes a change from `current` to `next`, both of the same program and not refused by
  /// judge(): sets its `effective`, the first instant not before `earliest` at which it may take
  /// effect, and parameters with which it goes on where the present plan is then.
  virtual void place(const Plan& current, Plan& next, SessionTime earliest) = 0;

  /// Copies bytes of a program from `offset` on; returns how many, 0 if it is not here.
  virtual std::size_t read(ProgramHash program, std::uint32_t offset, std::span<std::byte> to) = 0;

  /// Takes bytes of a program of `size`, in order, 0 begins anew. After the last ones it checks
  /// the hash. - kCorrupt: all over again. - Any other error: never; judge() refuses the program
  /// from now on.
  virtual Status write(ProgramHash program, std::uint32_t size, std::uint32_t offset,
                       std::span<const std::byte> bytes) = 0;

 protected:
  ~Host() = default;
};

struct Datagram {
  std::uint32_t to = 0;  ///< Number of a device; 0: all that the port knows of.
  std::size_t size = 0;
  std::array<std::byte, kMaxDatagram> bytes;

  std::span<const std::byte> view() const { return {bytes.data(), size}; }
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
  std::uint32_t rejected = 0;   ///< Datagrams that were no fresh messages of a known device.
  std::uint32_t foreign = 0;    ///< Of those: not with this session's key, or no messages at all,
  std::uint32_t namesakes = 0;  ///< and those of another device with this one's number.
  std::size_t same_side = 0;    ///< Devices heard lately, and namesakes, that play the same side.
  bool command_pending = false;
  Reason command = Reason::kNone;  ///< How the last command ended.
};

/// A session as seen by one device: roles, time, agreement, transfer of programs.
///
/// A pure state machine: datagrams and times go in; datagrams, a deadline, a clock map and a desire
/// come out. After each call of receive(), run() or a command: take datagrams until there is none,
/// look at clock() and desire(), and call run() at the deadline that run() returned.
///
/// Context: the control half, one task. No heap; memory is sizeof(Peer). Cost: bounded, see
/// SessionClock; an authenticated tag for each datagram.
///
/// Freshness. Every message names the lives of its sender and its receiver and a number within
/// the sender's life, so a recording of it means nothing twice, nor after a restart of either.
///
/// Roles. Of those that listen the smallest id leads. Who hears nothing of its leader for
/// `takeover`, or hears that it has forgotten all, leads in its place; of two leaders the one with
/// the higher term stays. Sides are configuration and never follow from roles.
///
/// Sessions. Who leads without having been in a session begins one, whose time has nothing to do
/// with that of any other. Of two sessions the one that has agreed on a plan stays; who comes from
/// the other one brings nothing with it, and plays once its clock is good.
class Peer {
 public:
  Peer(const PeerConfig& config, Authenticator& authenticator, Host& host, LocalTime now);
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  /// `at`: when the datagram arrived, stamped as close to the radio as the port can; not after
  /// `now`.
  void receive(std::span<const std::byte> bytes, LocalTime at, LocalTime now);

  /// Does what is due and says when to be called again.
  LocalTime run(LocalTime now);

  /// The next datagram to send at `now`, at once: times in it count from there. False: none.
  [[nodiscard]] bool take_datagram(Datagram& datagram, LocalTime now);

  /// Agrees with all on playing `plan.program` with `plan.parameters`; the rest of `plan` is filled
  /// in. Playing the same program already, it is a change at the next possible boundary; a later
  /// command replaces one that is still waiting. See PeerStatus for how it ended.
  void command(const Plan& plan, LocalTime now);

  /// Ends playing here at once, and everywhere else as soon as the message arrives; what a session
  /// plays that this device is only about to join, once it has heard of it.
  void stop(LocalTime now);

  /// The map to play by, with this side's share of uncertainty; changes are counted.
  ClockMap clock() const;
  /// The same with a bound that holds as a rule: see SessionClock::typical_map().
  ClockMap typical_clock() const { return clock_.typical_map(); }
  std::uint32_t clock_changes() const { return clock_changes_; }

  Desire desire(LocalTime now) const;
  /// Agreed on last, whether it plays or is over; revision 0: none.
  const Plan& plan() const { return agreement_.plan(); }
  bool is_playing() const { return agreement_.playing(); }
  PeerStatus status(LocalTime now) const;
  /// All devices of the session have been met, and they all play this one's side. Of each counts
  /// what it said last, heard lately or not: it may be playing on alone. Also of a pair whose other
  /// device is known as a namesake only, which cannot be met.
  bool all_on_one_side() const;
  /// Whether the clock is good enough to start playing with; also in status().
  bool settled() const { return settled_; }
  /// Times that session time was stepped while playing: what plays is in a wrong place.
  std::uint32_t clock_jumps() const { return clock_.jumps(); }

 private:
  struct Member {
    std::uint32_t id = 0;
    std::uint32_t life = 0;       ///< Of which we hear; 0: not met.
    std::uint32_t candidate = 0;  ///< A newer life that has not proved to be present.
    ReplayWindow window;
    LocalTime heard;
    Standing standing;
    LocalTime gossip_at;  ///< Not before, if it has to be told something.
    LocalTime propose_at;
    bool greet = false;       ///< Owed: a hello to its life, or to its candidate.
    bool asked_time = false;  ///< Owed: the answer to this request.
    LocalTime asked_sent;
    SessionTime asked_reached;
    bool vote = false;  ///< Owed: this vote.
    std::uint32_t vote_revision = 0;
    Reason vote_reason = Reason::kNone;
    bool answer = false;  ///< Owed: the end of its command.
    bool answered = false;
    std::uint32_t command = 0;
    Reason answer_reason = Reason::kNone;
    bool asked_chunk = false;  ///< Owed: bytes of a program.
    ProgramHash chunk_program = 0;
    std::uint32_t chunk_offset = 0;
  };
  /// A command that waits for its turn, and whose it is.
  struct Wish {
    Plan plan;
    std::size_t member = kOwn;
    std::uint32_t number = 0;
    LocalTime since;
    LocalTime retry_at;
  };
  struct Fetch {
    ProgramHash program = 0;  ///< 0: nothing to fetch.
    std::uint32_t size = 0;
    std::uint32_t offset = 0;
    std::size_t from = 0;
    LocalTime ask_at;
    LocalTime since;  ///< It last got on, or asked another device.
  };
  static constexpr std::size_t kOwn = kMaxPeers;
  static constexpr std::size_t kOutstanding = 16;

  Member* member_of(std::uint32_t id);
  bool fresh(Member& member, const Message& message, LocalTime now);
  void meet(Member& member, std::uint32_t life, LocalTime now);
  void heed_standing(std::size_t index, LocalTime now);
  void dispatch(std::size_t index, const Message& message, LocalTime at, LocalTime now);
  void on_time(const Message& message, LocalTime at, LocalTime now);
  void on_propose(std::size_t index, const Message& message, LocalTime now);
  void on_command(std::size_t index, const Message& message, LocalTime now);
  void on_chunk(std::size_t index, const Message& message, LocalTime now);
  void learn(std::size_t index, const Plan& plan, LocalTime now);

  void forget();
  void join();
  void lead(LocalTime now);
  void follow(std::size_t index, LocalTime now);
  void elect(LocalTime now);
  bool present(const Member& member, LocalTime now) const;
  bool all_follow() const;
  bool in_session(const Standing& standing) const {
    return session_ != 0 && (standing.session == session_ || !config_.protections.replay_check);
  }
  bool outranks(const Member& leader, std::uint16_t term, std::uint32_t id) const;
  bool all_listen() const;
  LocalTime last_heard() const;

  void succeed(LocalTime now);
  void advance_wish(LocalTime now);
  Reason begin_wish(LocalTime now);
  void end_wish(const Wish& wish, Reason reason);
  Reason obstacle(LocalTime now) const;
  void drop_wish(Reason reason);
  void fetch(std::size_t from, const Plan& plan, LocalTime now);
  void find_source(LocalTime now);
  void watch_silence(LocalTime now);
  void watch_clock(LocalTime now);
  void schedule(LocalTime now);
  LocalTime deadline(LocalTime now) const;

  Standing standing() const;
  Micros retry() const { return config_.pace.round_trip * 3 / 2; }
  /// Of what is said to `member`: seldom while it does not answer.
  Micros repeat(const Member& member, LocalTime now) const {
    return now - member.heard < seconds(1) ? retry() : std::max(retry(), millis(500));
  }
  Micros offline_after() const;
  bool behind(const Member& member) const;
  bool owes(std::size_t index, Message& message, LocalTime now);
  bool owes_time(std::size_t index, Message& message, LocalTime now);
  bool owes_agreement(Member& member, std::size_t index, Message& message, LocalTime now);
  bool owes_command(Member& member, std::size_t index, Message& message, LocalTime now);
  bool owes_program(Member& member, std::size_t index, Message& message, LocalTime now);
  void post(Message& message, std::uint32_t to, std::uint32_t to_life, Datagram& datagram);

  const PeerConfig config_;
  Authenticator& authenticator_;
  Host& host_;

  std::array<Member, kMaxPeers> members_{};
  std::size_t member_count_ = 0;
  std::uint32_t sequence_ = 0;

  Role role_ = Role::kListening;
  std::uint64_t session_ = 0;  ///< See Standing.
  std::uint16_t term_ = 0;
  std::size_t leader_ = 0;  ///< Index; valid while following.
  LocalTime role_since_;
  bool exact_ = false;  ///< Leading, and everybody follows or listens.

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
  std::optional<Wish> wish_;
  std::optional<Wish> proposed_;  ///< The one that the open proposal is about.
  std::uint32_t commands_ = 0;
  Reason command_result_ = Reason::kNone;
  Fetch fetch_;
  std::uint32_t rejected_ = 0;
  std::uint32_t foreign_ = 0;
  std::uint32_t namesakes_ = 0;
  bool namesake_on_side_ = false;  ///< The latest of them plays this one's side.
};

}  // namespace takt::sync
