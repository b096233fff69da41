// SPDX-License-Identifier: Apache-2.0
// What is heard: freshness, roles, time, silence.
#include "takt/core/sync/peer.h"

#include <algorithm>

#include "takt/core/base/assert.h"

namespace takt::sync {
namespace {

/// Between greetings while somebody is missing.
constexpr Micros kHelloInterval = millis(500);

}  // namespace

Peer::Peer(const PeerConfig& config, Authenticator& authenticator, Host& host, LocalTime now)
    : config_(config),
      authenticator_(authenticator),
      host_(host),
      members_(config_),
      roles_(config_, members_, now),
      clock_({config.oscillator, config.pace.bucket, config.pace.memory,
              config.protections.bound_growth}),
      hello_at_(now),
      agreement_(config.peers, config.protections.two_phase),
      wishes_(config_),
      transfer_(config_, host) {
  TAKT_ASSERT(config.id != 0 && config.life != 0);
  TAKT_ASSERT(config.peers > 0 && config.peers <= kMaxPeers);
  outstanding_.fill(kNever);
}

void Peer::receive(std::span<const std::byte> bytes, LocalTime at, LocalTime now) {
  is_polled_ = false;
  Message message;
  if (decode(bytes, authenticator_, message) != Status::kOk) {
    members_.reject_foreign();
    return;
  }
  const Hearing hearing = members_.hear(message, at, now);
  if (hearing.is_new_life) {
    debts_[hearing.member] = {};
    transfer_.forget(hearing.member);
    wishes_.forget(hearing.member);
  }
  if (hearing.is_restart) {
    agreement_.restarted(hearing.member, clock_.map().session_at(now));
  }
  if (!hearing.counts) return;
  if (hearing.is_newest) heed_standing(hearing.member, now);
  dispatch(hearing.member, message, at, now);
}

void Peer::heed_standing(std::size_t index, LocalTime now) {
  const Standing& standing = members_[index].standing;
  const bool played = agreement_.playing();
  if (roles_.in_session(standing)) agreement_.learn(index, standing);
  if (standing.stops && !agreement_.is_stopped()) agreement_.stop();  // Lapsed or not.
  if (played && !agreement_.playing()) wishes_.drop(Reason::kStopped);
  move(roles_.heed(index, assets()), index, now);
}

/// `heard`: of whom it was that a message has led to this move.
void Peer::move(Roles::Move move, std::size_t heard, LocalTime now) {
  switch (move) {
    case Roles::Move::kStay: break;
    case Roles::Move::kFollow: follow(heard, now); break;
    case Roles::Move::kLead: lead(now); break;
    case Roles::Move::kListen:
      roles_.listen(now);
      forget();
      break;
  }
}

void Peer::dispatch(std::size_t index, const Message& message, LocalTime at, LocalTime now) {
  Debt& debt = debts_[index];
  const bool is_free = message.kind == Kind::kAskChunk || message.kind == Kind::kChunk;
  if (!is_free && !roles_.in_session(message.standing)) return;
  switch (message.kind) {
    case Kind::kHello: break;
    case Kind::kAskTime:
      if (!roles_.is_leading()) break;
      debt.asked_time = true;
      debt.asked_sent = message.sent;
      debt.asked_reached = clock_.map().session_at(at);
      break;
    case Kind::kTime:
      if (roles_.is_following(index) && message.standing.term == roles_.term() &&
          message.standing.role == Role::kLeading) {
        on_time(message, at, now);
      }
      break;
    case Kind::kPropose: on_propose(index, message, now); break;
    case Kind::kVote: agreement_.vote(index, message.number, message.reason); break;
    case Kind::kPlan: learn(index, message.plan, now); break;
    case Kind::kCommand:
      if (roles_.is_leading()) wishes_.take(index, message, agreement_.over(), now);
      break;
    case Kind::kAnswer: wishes_.take_answer(message); break;
    case Kind::kAskChunk: transfer_.ask(index, message); break;
    case Kind::kChunk: transfer_.take(index, message, now); break;
  }
}

void Peer::on_time(const Message& message, LocalTime at, LocalTime now) {
  const auto sent = std::find(outstanding_.begin(), outstanding_.end(), message.sent);
  if (sent == outstanding_.end()) return;
  *sent = kNever;
  // Of a pair, the leader's doubt is about this device, which makes it good by following.
  const Micros doubt = config_.peers > 1 ? message.doubt : Micros{0};
  const Exchange exchange{message.sent, message.reached, message.answered, at, message.rate_ppb};
  if (!clock_.add(exchange, doubt)) return;
  watch_clock(now);
}

void Peer::watch_clock(LocalTime now) {
  if (roles_.is_leading()) {
    if (!exact_ && roles_.all_follow()) {
      clock_.be_exact(now);
      exact_ = true;
      ++clock_changes_;
    }
    return;
  }
  if (!clock_.update(now, joined_ && agreement_.playing())) return;
  ++clock_changes_;
  if (clock_.estimator().exchanges() == 0) settled_ = false;  // Lost.
  if (clock_.estimator().exchanges() >= config_.pace.exchanges) join();
}

/// Before a device has joined, what it heard of a session was hearsay of one that is over.
void Peer::forget() {
  roles_.leave_session();
  clock_.forget();
  agreement_.forget();
  transfer_.abandon();
  ++clock_changes_;
}

/// Has a notion of session time that is good enough, and has heard of what is played.
void Peer::join() {
  settled_ = joined_ = true;
  stop_on_joining_ = false;
}

void Peer::lead(LocalTime now) {
  if (!joined_) {
    forget();
    roles_.begin_session();
  }
  // Of several others, one that was heard listening may be in the session by now.
  exact_ = !joined_ || (config_.peers == 1 && roles_.all_listen());
  clock_.lead(now, exact_);
  roles_.lead(now);
  members_.greet_all();
  for (Debt& debt : debts_) debt.asked_time = false;  // It reached another line.
  join();
  ++clock_changes_;
}

void Peer::follow(std::size_t index, LocalTime now) {
  agreement_.resign();
  wishes_.follow();
  clock_.follow(now);
  joined_ = joined_ && roles_.in_session(members_[index].standing);
  if (!joined_) forget();
  roles_.follow(index, now);
  settled_ = false;
  for (Debt& debt : debts_) debt.asked_time = false;
  outstanding_.fill(kNever);
  poll_at_ = now;
}

void Peer::watch_silence(LocalTime now) {
  const LocalTime heard = members_.last_heard(roles_.since());
  move(roles_.succeed(assets(), now), 0, now);
  const bool active = agreement_.playing() || agreement_.accepted();
  if (active && joined_ && now - heard >= config_.holdover) agreement_.lapse();
}

Output Peer::poll(LocalTime now) {
  Output output;
  if (!is_polled_) {
    do_due(now);
    deadline_ = deadline(now);
    is_polled_ = true;
    output.kind = Output::Kind::kNews;
  } else if (next_datagram(output.datagram, now)) {
    output.kind = Output::Kind::kDatagram;
  } else {
    is_polled_ = false;
    output.kind = Output::Kind::kDeadline;
    output.deadline = deadline_;
  }
  return output;
}

void Peer::do_due(LocalTime now) {
  watch_silence(now);
  move(roles_.elect(now), 0, now);
  watch_clock(now);
  if (agreement_.decide(now)) {
    const Reason outcome = agreement_.outcome();
    if (outcome == Reason::kNone) ++clock_changes_;  // The share of the bound is the plan's.
    wishes_.settle(outcome, now);
  }
  advance_wish(now);
  transfer_.find_source(members_, now);
  schedule(now);
}

void Peer::schedule(LocalTime now) {
  if (roles_.is_following() && now >= poll_at_) {
    poll_due_ = true;
    // Ever slower in the first minute: what is not known yet is learned soon.
    poll_at_ = now + (settled_ ? std::clamp((now - roles_.since()) / 60, config_.pace.settling_poll,
                                            config_.pace.poll)
                               : config_.pace.settling_poll);
  }
  if (now >= hello_at_) {
    hello_at_ = now + kHelloInterval;
    hello_due_ = !members_.all_present(now);
  }
}

LocalTime Peer::deadline(LocalTime now) const {
  LocalTime at =
      std::min({hello_at_, agreement_.deadline(), roles_.deadline(), transfer_.deadline()});
  if (roles_.is_following()) {
    at = std::min(at, poll_at_);
    if (clock_.estimator().exchanges() > 0) at = std::min(at, clock_.due());
  }
  if (agreement_.accepted()) {
    const LocalTime doubt = clock_.map().local_at(agreement_.accepted()->effective);
    if (doubt > now) at = std::min(at, doubt);
  }
  for (std::size_t i = 0; i < members_.size(); ++i) {
    if (behind(members_[i])) at = std::min(at, debts_[i].gossip_at);
    if (agreement_.awaits(i)) at = std::min(at, debts_[i].propose_at);
  }
  at = std::min(at, wishes_.deadline());
  return std::max(at, now + millis(1));
}

ClockMap Peer::clock() const {
  ClockMap map = clock_.map();
  const Plan& plan = agreement_.plan();
  if (plan.share_side == config_.side) {
    map.bound += plan.share;
  } else {
    map.bound = std::max(Micros{0}, map.bound - plan.share);
  }
  return map;
}

Desire Peer::desire(LocalTime now) const {
  Desire desire;
  if (agreement_.plan().revision == 0) {
    desire.reason = Reason::kNoPlan;
  } else if (!agreement_.playing()) {
    desire.reason = agreement_.is_stopped() ? Reason::kStopped : Reason::kHoldover;
  } else if (transfer_.coming() == agreement_.plan().program) {
    desire.reason = Reason::kNoProgram;
  } else if (!joined_) {
    desire.reason = Reason::kNotSynchronised;
  } else if (agreement_.in_doubt(clock_.map().session_at(now))) {
    desire.reason = Reason::kInDoubt;
  } else {
    desire.play = true;
    desire.plan = agreement_.plan();
    desire.reason = Reason::kNone;
    if (agreement_.accepted()) desire.until = agreement_.accepted()->effective;
  }
  return desire;
}

PeerStatus Peer::status(LocalTime now) const {
  PeerStatus status;
  status.role = roles_.role();
  status.term = roles_.term();
  status.leader = roles_.leader_id();
  status.heard = members_.count_present(now);
  status.same_side = members_.count_on_own_side(now);
  status.settled = settled_;
  status.bound = clock_.map().bound_at(now);
  status.typical_error = clock_.estimator().typical_error();
  status.revision = agreement_.plan().revision;
  status.jumps = clock_.jumps();
  status.losses = clock_.losses();
  status.rejected = members_.rejected();
  status.foreign = members_.foreign();
  status.namesakes = members_.namesakes();
  status.command_pending = wishes_.is_pending();
  status.command = wishes_.result();
  return status;
}

}  // namespace takt::sync
