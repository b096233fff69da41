// SPDX-License-Identifier: Apache-2.0
// What is said.
#include "takt/core/sync/peer.h"

namespace takt::sync {

Standing Peer::standing() const {
  return {.session = session_,
          .term = term_,
          .role = role_,
          .settled = settled_,
          .stops = stop_on_joining_,
          .side = config_.side,
          .revision = agreement_.plan().revision,
          .decided = agreement_.decided(),
          .stopped = agreement_.stopped(),
          .lapsed = agreement_.lapsed()};
}

/// Whether that device has to be told what we know.
bool Peer::behind(const Member& member) const {
  return member.life != 0 && in_session(member.standing) &&
         (member.standing.revision < agreement_.plan().revision ||
          member.standing.decided < agreement_.decided() ||
          member.standing.stopped < agreement_.stopped() ||
          member.standing.lapsed < agreement_.lapsed());
}

bool Peer::take_datagram(Datagram& datagram, LocalTime now) {
  Message message;
  for (std::size_t i = 0; i < member_count_; ++i) {
    Member& member = members_[i];
    if (member.life != 0 && owes(i, message, now)) {
      post(message, member.id, member.life, datagram);
      return true;
    }
    if (member.greet) {
      member.greet = false;
      message.kind = Kind::kHello;
      post(message, member.id, member.candidate != 0 ? member.candidate : member.life, datagram);
      member.candidate = 0;
      return true;
    }
  }
  if (hello_due_) {
    hello_due_ = false;
    message.kind = Kind::kHello;
    post(message, 0, 0, datagram);
    return true;
  }
  return false;
}

void Peer::post(Message& message, std::uint32_t to, std::uint32_t to_life, Datagram& datagram) {
  message.from = config_.id;
  message.from_life = config_.life;
  message.to_life = to_life;
  message.sequence = ++sequence_;
  message.standing = standing();
  datagram.to = to;
  datagram.size = encode(message, datagram.bytes, authenticator_);
}

bool Peer::owes(std::size_t index, Message& message, LocalTime now) {
  Member& member = members_[index];
  return owes_time(index, message, now) || owes_agreement(member, index, message, now) ||
         owes_command(member, index, message, now) || owes_program(member, index, message, now);
}

bool Peer::owes_time(std::size_t index, Message& message, LocalTime now) {
  Member& member = members_[index];
  if (member.asked_time) {
    member.asked_time = false;
    message.kind = Kind::kTime;
    message.sent = member.asked_sent;
    message.reached = member.asked_reached;
    message.answered = clock_.map().session_at(now);
    message.doubt = clock_.map().bound_at(now);
    message.rate_ppb = clock_.map().rate_ppb;
    return true;
  }
  if (!poll_due_ || role_ != Role::kFollowing || index != leader_) return false;
  poll_due_ = false;
  message.kind = Kind::kAskTime;
  message.sent = now;
  outstanding_[next_outstanding_] = now;
  next_outstanding_ = (next_outstanding_ + 1) % kOutstanding;
  return true;
}

bool Peer::owes_agreement(Member& member, std::size_t index, Message& message, LocalTime now) {
  if (member.vote) {
    member.vote = false;
    message.kind = Kind::kVote;
    message.number = member.vote_revision;
    message.reason = member.vote_reason;
    return true;
  }
  if (agreement_.awaits(index) && now >= member.propose_at) {
    member.propose_at = now + repeat(member, now);
    message.kind = Kind::kPropose;
    message.plan = *agreement_.proposal();
    return true;
  }
  if (!behind(member) || now < member.gossip_at) return false;
  member.gossip_at = now + repeat(member, now);
  const bool lacks_plan = member.standing.revision < agreement_.plan().revision;
  message.kind = lacks_plan ? Kind::kPlan : Kind::kHello;
  message.plan = agreement_.plan();
  return true;
}

bool Peer::owes_command(Member& member, std::size_t index, Message& message, LocalTime now) {
  if (member.answer) {
    member.answer = false;
    message.kind = Kind::kAnswer;
    message.number = member.command;
    message.reason = member.answer_reason;
    return true;
  }
  if (!wish_ || wish_->member != kOwn || role_ != Role::kFollowing || index != leader_ ||
      now < wish_->retry_at) {
    return false;
  }
  wish_->retry_at = now + retry();
  message.kind = Kind::kCommand;
  message.number = wish_->number;
  message.plan = wish_->plan;
  return true;
}

bool Peer::owes_program(Member& member, std::size_t index, Message& message, LocalTime now) {
  if (member.asked_chunk) {
    member.asked_chunk = false;
    message.kind = Kind::kChunk;
    message.program = member.chunk_program;
    message.number = member.chunk_offset;
    message.chunk_size = static_cast<std::uint8_t>(
        host_.read(member.chunk_program, member.chunk_offset, message.chunk));
    if (message.chunk_size > 0) return true;
  }
  if (fetch_.program == 0 || index != fetch_.from || now < fetch_.ask_at) return false;
  fetch_.ask_at = now + retry();
  message.kind = Kind::kAskChunk;
  message.program = fetch_.program;
  message.number = fetch_.offset;
  return true;
}

}  // namespace takt::sync
