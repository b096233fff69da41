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
      role_since_(now),
      clock_({config.oscillator, config.pace.bucket, config.pace.memory,
              config.protections.bound_growth}),
      hello_at_(now),
      agreement_(config.peers, config.protections.two_phase) {
  TAKT_ASSERT(config.id != 0 && config.life != 0);
  TAKT_ASSERT(config.peers > 0 && config.peers <= kMaxPeers);
  outstanding_.fill(kNever);
}

Peer::Member* Peer::member_of(std::uint32_t id) {
  for (std::size_t i = 0; i < member_count_; ++i) {
    if (members_[i].id == id) return &members_[i];
  }
  if (member_count_ == config_.peers) return nullptr;
  Member& member = members_[member_count_++];
  member.id = id;
  return &member;
}

void Peer::receive(std::span<const std::byte> bytes, LocalTime at, LocalTime now) {
  Message message;
  if (decode(bytes, authenticator_, message) != Status::kOk || message.from == 0) {
    ++foreign_;
    ++rejected_;
    return;
  }
  if (message.from == config_.id) {
    ++namesakes_;
    namesake_on_side_ = message.standing.side == config_.side;
    ++rejected_;
    return;
  }
  Member* const member = member_of(message.from);
  if (member == nullptr || !fresh(*member, message, now)) {
    ++rejected_;
    return;
  }
  member->heard = std::max(member->heard, at);
  const auto index = static_cast<std::size_t>(member - members_.data());
  if (message.sequence == member->window.newest()) {
    member->standing = message.standing;
    heed_standing(index, now);
  }
  dispatch(index, message, at, now);
}

/// Whether the message was sent to this life of ours and not been heard before. Who does not know
/// our life is told.
bool Peer::fresh(Member& member, const Message& message, LocalTime now) {
  if (!config_.protections.replay_check) {
    if (message.from_life != member.life) meet(member, message.from_life, now);
    member.window.take(message.sequence);
    if (message.to_life != config_.life) member.greet = true;
    return true;
  }
  if (message.from_life < member.life || message.from_life == 0) return false;
  if (message.to_life != config_.life) {
    member.candidate = message.from_life;
    member.greet = true;
    return false;
  }
  if (message.from_life > member.life) meet(member, message.from_life, now);
  return member.window.take(message.sequence);
}

/// A life of a device that we did not know.
void Peer::meet(Member& member, std::uint32_t life, LocalTime now) {
  const bool restarted = member.life != 0;
  const std::uint32_t id = member.id;
  member = {};
  member.id = id;
  member.life = life;
  member.heard = now;
  member.greet = true;
  const auto index = static_cast<std::size_t>(&member - members_.data());
  if (!restarted) return;
  agreement_.restarted(index, clock_.map().session_at(now));
  if (wish_ && wish_->member == index) wish_.reset();
  if (proposed_ && proposed_->member == index) proposed_.reset();
}

/// The leader has forgotten all: of the others, the smallest id takes its place.
void Peer::succeed(LocalTime now) {
  for (std::size_t i = 0; i < member_count_; ++i) {
    const Member& other = members_[i];
    if (i != leader_ && present(other, now) && in_session(other.standing) &&
        other.standing.role == Role::kFollowing && other.id < config_.id) {
      return;
    }
  }
  if (joined_) {
    lead(now);
  } else if (all_listen() || now - role_since_ >= config_.holdover) {
    // Nobody plays, or not by a clock that this device could continue: begin again.
    role_ = Role::kListening;
    role_since_ = now;
    forget();
  }
}

void Peer::heed_standing(std::size_t index, LocalTime now) {
  const Member& member = members_[index];
  const bool played = agreement_.playing();
  if (in_session(member.standing)) agreement_.learn(index, member.standing);
  if (member.standing.stops && !agreement_.is_stopped()) agreement_.stop();  // Lapsed or not.
  if (played && !agreement_.playing()) drop_wish(Reason::kStopped);
  if (member.standing.role != Role::kLeading) return;
  switch (role_) {
    case Role::kListening: follow(index, now); break;
    case Role::kFollowing:
      if (index != leader_) {
        if (outranks(member, term_, members_[leader_].id)) follow(index, now);
      } else if (in_session(member.standing)) {
        // Of a new term, its line is another one than before.
        if (member.standing.term != term_) follow(index, now);
      } else if (!joined_ || outranks(member, term_, config_.id)) {
        follow(index, now);
      } else {
        lead(now);  // It has forgotten all and begun anew.
      }
      break;
    case Role::kLeading:
      if (outranks(member, term_, config_.id)) follow(index, now);
      break;
  }
}

/// Whether that leader stays, and not the one with `term` and `id` in this device's session.
bool Peer::outranks(const Member& leader, std::uint16_t term, std::uint32_t id) const {
  const Standing& other = leader.standing;
  if (!in_session(other)) {
    const bool theirs = other.revision > 0;
    const bool ours = agreement_.plan().revision > 0;
    if (theirs != ours) return theirs;
  }
  return other.term > term || (other.term == term && leader.id < id);
}

void Peer::dispatch(std::size_t index, const Message& message, LocalTime at, LocalTime now) {
  Member& member = members_[index];
  const bool is_free = message.kind == Kind::kAskChunk || message.kind == Kind::kChunk;
  if (!is_free && !in_session(message.standing)) return;
  switch (message.kind) {
    case Kind::kHello: break;
    case Kind::kAskTime:
      if (role_ != Role::kLeading) break;
      member.asked_time = true;
      member.asked_sent = message.sent;
      member.asked_reached = clock_.map().session_at(at);
      break;
    case Kind::kTime:
      if (role_ == Role::kFollowing && index == leader_ && message.standing.term == term_ &&
          message.standing.role == Role::kLeading) {
        on_time(message, at, now);
      }
      break;
    case Kind::kPropose: on_propose(index, message, now); break;
    case Kind::kVote: agreement_.vote(index, message.number, message.reason); break;
    case Kind::kPlan: learn(index, message.plan, now); break;
    case Kind::kCommand: on_command(index, message, now); break;
    case Kind::kAnswer:
      if (wish_ && wish_->member == kOwn && wish_->number == message.number) {
        command_result_ = message.reason;
        wish_.reset();
      }
      break;
    case Kind::kAskChunk:
      member.asked_chunk = true;
      member.chunk_program = message.program;
      member.chunk_offset = message.number;
      break;
    case Kind::kChunk: on_chunk(index, message, now); break;
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
  if (role_ == Role::kLeading) {
    if (!exact_ && all_follow()) {
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
  session_ = 0;
  clock_.forget();
  agreement_.forget();
  fetch_ = {};
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
    session_ = std::uint64_t{config_.id} << 32U | config_.life;
  }
  // Of several others, one that was heard listening may be in the session by now.
  exact_ = !joined_ || (config_.peers == 1 && all_listen());
  clock_.lead(now, exact_);
  role_ = Role::kLeading;
  role_since_ = now;
  for (std::size_t i = 0; i < member_count_; ++i) {
    term_ = std::max(term_, members_[i].standing.term);
    members_[i].greet = members_[i].life != 0;
    members_[i].asked_time = false;  // It reached another line.
  }
  ++term_;
  join();
  ++clock_changes_;
}

void Peer::follow(std::size_t index, LocalTime now) {
  agreement_.resign();
  if (proposed_) {
    end_wish(*proposed_, Reason::kTimeout);
    proposed_.reset();
  }
  if (wish_ && wish_->member != kOwn) wish_.reset();  // Its owner asks the new leader.
  role_ = Role::kFollowing;
  role_since_ = now;
  leader_ = index;
  term_ = members_[index].standing.term;
  clock_.follow(now);
  joined_ = joined_ && in_session(members_[index].standing);
  if (!joined_) forget();
  session_ = members_[index].standing.session;
  settled_ = false;
  for (Member& member : members_) member.asked_time = false;
  outstanding_.fill(kNever);
  poll_at_ = now;
}

/// Listening: whoever has the smallest id begins, once all had time to be heard.
void Peer::elect(LocalTime now) {
  const Micros listened = now - role_since_;
  if (!all_listen()) return;
  bool all_met = member_count_ == config_.peers;
  bool smallest = true;
  bool company = false;
  for (std::size_t i = 0; i < member_count_; ++i) {
    const Member& member = members_[i];
    if (!present(member, now)) {
      all_met = false;
      continue;
    }
    company = true;
    if (member.id < config_.id) smallest = false;
  }
  if (company && smallest && (all_met || listened >= config_.pace.lead * 3)) lead(now);
}

Micros Peer::offline_after() const { return config_.pace.poll * 4; }

bool Peer::present(const Member& member, LocalTime now) const {
  return member.life != 0 && now - member.heard < offline_after();
}

bool Peer::all_follow() const {
  return member_count_ == config_.peers &&
         std::all_of(members_.begin(), members_.begin() + member_count_, [this](const Member& m) {
           return in_session(m.standing) && m.standing.role == Role::kFollowing &&
                  m.standing.term == term_ && m.standing.settled;
         });
}

bool Peer::all_listen() const {
  return std::all_of(members_.begin(), members_.begin() + member_count_,
                     [](const Member& m) { return m.standing.role == Role::kListening; });
}

void Peer::watch_silence(LocalTime now) {
  LocalTime heard = member_count_ == 0 ? role_since_ : LocalTime{};
  for (std::size_t i = 0; i < member_count_; ++i) heard = std::max(heard, members_[i].heard);
  if (role_ == Role::kFollowing) {
    const Member& leader = members_[leader_];
    const bool resigned =
        leader.standing.role == Role::kListening ||
        (leader.standing.role == Role::kFollowing && now - role_since_ >= config_.takeover);
    if (resigned || now - leader.heard >= config_.takeover) succeed(now);
  }
  const bool active = agreement_.playing() || agreement_.accepted();
  if (active && joined_ && now - heard >= config_.holdover) agreement_.lapse();
}

LocalTime Peer::run(LocalTime now) {
  watch_silence(now);
  if (role_ == Role::kListening) elect(now);
  watch_clock(now);
  if (agreement_.decide(now)) {
    const Reason outcome = agreement_.outcome();
    if (outcome == Reason::kNone) ++clock_changes_;  // The share of the bound is the plan's.
    if (proposed_) {
      const Wish wish = *proposed_;
      proposed_.reset();
      const bool again = outcome == Reason::kTimeout || outcome == Reason::kNoProgram ||
                         outcome == Reason::kStale || outcome == Reason::kInDoubt;
      if (again && !wish_ && now - wish.since < config_.takeover) {
        wish_ = wish;
        wish_->retry_at = now + retry();
      } else {
        end_wish(wish, outcome);
      }
    }
  }
  advance_wish(now);
  find_source(now);
  schedule(now);
  return deadline(now);
}

void Peer::schedule(LocalTime now) {
  if (role_ == Role::kFollowing && now >= poll_at_) {
    poll_due_ = true;
    // Ever slower in the first minute: what is not known yet is learned soon.
    poll_at_ = now + (settled_ ? std::clamp((now - role_since_) / 60, config_.pace.settling_poll,
                                            config_.pace.poll)
                               : config_.pace.settling_poll);
  }
  if (now >= hello_at_) {
    hello_at_ = now + kHelloInterval;
    hello_due_ = member_count_ < config_.peers ||
                 !std::all_of(members_.begin(), members_.begin() + member_count_,
                              [this, now](const Member& m) { return present(m, now); });
  }
}

LocalTime Peer::deadline(LocalTime now) const {
  LocalTime at = std::min(hello_at_, agreement_.deadline());
  if (role_ == Role::kFollowing) {
    at = std::min({at, poll_at_, members_[leader_].heard + config_.takeover});
    if (clock_.estimator().exchanges() > 0) at = std::min(at, clock_.due());
  }
  if (agreement_.accepted()) {
    const LocalTime doubt = clock_.map().local_at(agreement_.accepted()->effective);
    if (doubt > now) at = std::min(at, doubt);
  }
  for (std::size_t i = 0; i < member_count_; ++i) {
    const Member& member = members_[i];
    if (behind(member)) at = std::min(at, member.gossip_at);
    if (agreement_.awaits(i)) at = std::min(at, member.propose_at);
  }
  if (wish_) at = std::min(at, wish_->retry_at);
  if (fetch_.program != 0) at = std::min(at, fetch_.ask_at);
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
  } else if (fetch_.program == agreement_.plan().program) {
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

bool Peer::all_on_one_side() const {
  if (config_.peers == 1 && member_count_ == 0) return namesake_on_side_;
  return member_count_ == config_.peers &&
         std::all_of(members_.begin(), members_.begin() + member_count_, [this](const Member& m) {
           return m.life != 0 && m.standing.side == config_.side;
         });
}

PeerStatus Peer::status(LocalTime now) const {
  PeerStatus status;
  status.role = role_;
  status.term = term_;
  status.leader = role_ == Role::kLeading     ? config_.id
                  : role_ == Role::kFollowing ? members_[leader_].id
                                              : 0;
  status.same_side = namesake_on_side_ ? 1 : 0;
  for (std::size_t i = 0; i < member_count_; ++i) {
    if (!present(members_[i], now)) continue;
    ++status.heard;
    status.same_side += members_[i].standing.side == config_.side;
  }
  status.settled = settled_;
  status.bound = clock_.map().bound_at(now);
  status.typical_error = clock_.estimator().typical_error();
  status.revision = agreement_.plan().revision;
  status.jumps = clock_.jumps();
  status.rejected = rejected_;
  status.foreign = foreign_;
  status.namesakes = namesakes_;
  status.command_pending = wish_ || proposed_;
  status.command = command_result_;
  return status;
}

}  // namespace takt::sync
