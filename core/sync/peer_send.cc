// SPDX-License-Identifier: Apache-2.0
// Composes outgoing datagrams: what each peer is still owed.
#include "takt/core/sync/peer.h"

namespace takt::sync {

Standing Peer::standing() const {
  return {.session = roles_.session(),
          .term = roles_.term(),
          .role = roles_.role(),
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
  return member.is_met() && roles_.in_session(member.standing) &&
         (member.standing.revision < agreement_.plan().revision ||
          member.standing.decided < agreement_.decided() ||
          member.standing.stopped < agreement_.stopped() ||
          member.standing.lapsed < agreement_.lapsed());
}

bool Peer::next_datagram(Datagram& datagram, LocalTime now) {
  Message message;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    Member& member = members_[i];
    if (member.is_met() && owes(i, message, now)) {
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
  return owes_time(index, message, now) || owes_agreement(index, message, now) ||
         wishes_.owes(index, roles_.is_following(index), message, now) ||
         transfer_.owes(index, message, now);
}

bool Peer::owes_time(std::size_t index, Message& message, LocalTime now) {
  Debt& debt = debts_[index];
  if (debt.asked_time) {
    debt.asked_time = false;
    message.kind = Kind::kTime;
    message.sent = debt.asked_sent;
    message.reached = debt.asked_reached;
    message.answered = clock_.map().session_at(now);
    message.doubt = clock_.map().bound_at(now);
    message.rate_ppb = clock_.map().rate_ppb;
    return true;
  }
  if (!poll_due_ || !roles_.is_following(index)) return false;
  poll_due_ = false;
  message.kind = Kind::kAskTime;
  message.sent = now;
  outstanding_[next_outstanding_] = now;
  next_outstanding_ = (next_outstanding_ + 1) % kOutstanding;
  return true;
}

bool Peer::owes_agreement(std::size_t index, Message& message, LocalTime now) {
  const Member& member = members_[index];
  Debt& debt = debts_[index];
  if (debt.vote) {
    debt.vote = false;
    message.kind = Kind::kVote;
    message.number = debt.vote_revision;
    message.reason = debt.vote_reason;
    return true;
  }
  if (agreement_.awaits(index) && now >= debt.propose_at) {
    debt.propose_at = now + repeat(member, now);
    message.kind = Kind::kPropose;
    message.plan = *agreement_.proposal();
    return true;
  }
  if (!behind(member) || now < debt.gossip_at) return false;
  debt.gossip_at = now + repeat(member, now);
  const bool lacks_plan = member.standing.revision < agreement_.plan().revision;
  message.kind = lacks_plan ? Kind::kPlan : Kind::kHello;
  message.plan = agreement_.plan();
  return true;
}

}  // namespace takt::sync
