// SPDX-License-Identifier: Apache-2.0
// What is agreed on: commands, proposals, plans, and the programs they name.
#include <algorithm>

#include "takt/core/sync/peer.h"

namespace takt::sync {

void Peer::command(const Plan& plan, LocalTime now) {
  drop_wish(Reason::kReplaced);
  wish_ = Wish{plan, kOwn, ++commands_, now, now};
  command_result_ = Reason::kNone;
}

void Peer::stop(LocalTime now) {
  agreement_.stop();
  stop_on_joining_ = !joined_;
  drop_wish(Reason::kStopped);
  for (Member& member : members_) member.gossip_at = now;
}

/// Why nothing can be proposed at present; kNone: it can.
Reason Peer::obstacle(LocalTime now) const {
  if (member_count_ < config_.peers) return Reason::kOffline;
  for (std::size_t i = 0; i < member_count_; ++i) {
    if (!present(members_[i], now)) return Reason::kOffline;
  }
  if (!all_follow() || clock_.map().bound_at(now) > config_.pace.budget) {
    return Reason::kNotSynchronised;
  }
  return Reason::kNone;
}

void Peer::advance_wish(LocalTime now) {
  if (!wish_ || now < wish_->retry_at || agreement_.proposal()) return;
  if (all_on_one_side() && host_.judge(wish_->plan) == Reason::kSameSide) {
    // Also of a namesake, with which no session comes about.
    drop_wish(Reason::kSameSide);
    return;
  }
  if (role_ != Role::kLeading) {
    // take_datagram() sends it to the leader again and again.
    if (now - wish_->since < config_.takeover * 2) return;
    if (wish_->member == kOwn) command_result_ = Reason::kTimeout;
    wish_.reset();
    return;
  }
  if (agreement_.playing() && clock_.map().session_at(now) < agreement_.plan().effective) {
    // One change at a time, so that all take each of them; of several wishes the last one counts.
    wish_->retry_at = clock_.map().local_at(agreement_.plan().effective);
    return;
  }
  const Reason reason = begin_wish(now);
  if (reason == Reason::kNone) {
    proposed_ = wish_;
    wish_.reset();
    return;
  }
  const bool elsewhere = reason == Reason::kNoProgram && wish_->member != kOwn;
  if (elsewhere && now - wish_->since < config_.takeover) {
    fetch(wish_->member, wish_->plan, now);
    wish_->retry_at = now + retry();
    return;
  }
  const bool absent = reason == Reason::kOffline || reason == Reason::kNotSynchronised;
  if (absent && config_.wait_for_offline) {
    wish_->retry_at = now + config_.pace.poll / 2;
    return;
  }
  end_wish(*wish_, reason);
  wish_.reset();
}

Reason Peer::begin_wish(LocalTime now) {
  if (const Reason reason = obstacle(now); reason != Reason::kNone) return reason;
  Plan plan = wish_->plan;
  if (const Reason reason = host_.judge(plan); reason != Reason::kNone) return reason;
  const Plan& current = agreement_.plan();
  const SessionTime earliest = clock_.map().session_at(now) + config_.pace.lead;
  if (agreement_.playing()) {
    if (plan.program != current.program) return Reason::kBusy;
    host_.place(current, plan, std::max(earliest, current.effective));
    plan.epoch = current.epoch;
    plan.share = current.share;
    plan.share_side = current.share_side;
  } else {
    plan.epoch = plan.effective = earliest;
    plan.share = config_.pace.share;
    plan.share_side = config_.side;
  }
  const LocalTime deadline = now + config_.pace.lead / 2;
  const Reason reason = agreement_.propose(plan, deadline);
  if (reason != Reason::kNone) return reason;
  for (Member& member : members_) member.propose_at = now;
  return Reason::kNone;
}

/// That one will not have its turn.
void Peer::drop_wish(Reason reason) {
  if (wish_) end_wish(*wish_, reason);
  wish_.reset();
}

void Peer::end_wish(const Wish& wish, Reason reason) {
  if (wish.member == kOwn) {
    command_result_ = reason;
    return;
  }
  Member& member = members_[wish.member];
  if (member.command != wish.number) return;
  member.answer = member.answered = true;
  member.answer_reason = reason;
}

void Peer::on_command(std::size_t index, const Message& message, LocalTime now) {
  Member& member = members_[index];
  if (role_ != Role::kLeading) return;
  if (message.number == member.command) {
    member.answer = member.answered;
    return;
  }
  member.command = message.number;
  member.answered = false;
  const Wish wish{message.plan, index, message.number, now, now};
  const Standing& standing = message.standing;
  if (standing.over() < standing.revision && standing.revision <= agreement_.over()) {
    end_wish(wish, Reason::kStopped);  // It was given before its device knew of the end.
    return;
  }
  drop_wish(Reason::kReplaced);
  wish_ = wish;
}

void Peer::on_propose(std::size_t index, const Message& message, LocalTime now) {
  if (role_ != Role::kFollowing || index != leader_) return;
  Reason reason = host_.judge(message.plan);
  if (reason == Reason::kNoProgram) fetch(index, message.plan, now);
  if (!settled_ || clock_.map().bound_at(now) > config_.pace.budget) {
    reason = Reason::kNotSynchronised;
  }
  Member& member = members_[index];
  if (!agreement_.consider(index, message.plan, message.standing.revision,
                           clock_.map().session_at(now), reason)) {
    return;
  }
  member.vote = true;
  member.vote_revision = message.plan.revision;
  member.vote_reason = reason;
}

void Peer::learn(std::size_t index, const Plan& plan, LocalTime now) {
  if (plan.revision <= agreement_.plan().revision) return;
  agreement_.learn(plan);
  if (stop_on_joining_) agreement_.stop();
  ++clock_changes_;
  if (host_.judge(plan) == Reason::kNoProgram) fetch(index, plan, now);
}

void Peer::fetch(std::size_t from, const Plan& plan, LocalTime now) {
  if (fetch_.program == plan.program) {
    fetch_.from = from;
    return;
  }
  fetch_ = {plan.program, plan.program_bytes, 0, from, now, now};
}

/// Whoever named a program may have gone since, or never had it.
void Peer::find_source(LocalTime now) {
  if (fetch_.program == 0 || now - fetch_.since < std::max(seconds(1), retry() * 4)) return;
  fetch_.since = now;
  for (std::size_t i = 1; i <= member_count_; ++i) {
    const std::size_t other = (fetch_.from + i) % member_count_;
    if (!present(members_[other], now)) continue;
    fetch_.from = other;
    fetch_.ask_at = now;
    return;
  }
}

void Peer::on_chunk(std::size_t index, const Message& message, LocalTime now) {
  if (fetch_.program == 0 || message.program != fetch_.program || index != fetch_.from ||
      message.number != fetch_.offset || message.chunk_size == 0 ||
      message.chunk_size > fetch_.size - fetch_.offset) {
    return;
  }
  const Status status = host_.write(fetch_.program, fetch_.size, fetch_.offset,
                                    std::span{message.chunk}.first(message.chunk_size));
  const bool is_lost = status != Status::kOk && status != Status::kCorrupt;
  fetch_.offset = status == Status::kOk ? fetch_.offset + message.chunk_size : 0;
  fetch_.ask_at = fetch_.since = now;
  if (is_lost || fetch_.offset == fetch_.size) fetch_ = {};
}

}  // namespace takt::sync
