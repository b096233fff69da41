// SPDX-License-Identifier: Apache-2.0
// What is agreed on: commands, proposals, plans, and the programs they name.
#include <algorithm>

#include "core/sync/peer.h"

namespace takt::sync {

void Peer::command(const Plan& plan, LocalTime now) {
  is_polled_ = false;
  drop_wish(Reason::kReplaced);
  wish_ = Wish{plan, kOwn, ++commands_, now, now};
  command_result_ = Reason::kNone;
}

void Peer::stop(LocalTime now) {
  agreement_.stop();
  stop_on_joining_ = !joined_;
  drop_wish(Reason::kStopped);
  for (Debt& debt : debts_) debt.gossip_at = now;
}

/// Why nothing can be proposed at present; kNone: it can.
Reason Peer::obstacle(LocalTime now) const {
  if (!members_.all_present(now)) return Reason::kOffline;
  if (!roles_.all_follow() || clock_.map().bound_at(now) > config_.pace.budget) {
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
  if (!roles_.is_leading()) {
    // next_datagram() sends it to the leader again and again.
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
    transfer_.fetch(wish_->plan.program, wish_->plan.program_bytes, wish_->member, now);
    wish_->retry_at = now + config_.pace.retry();
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
  for (Debt& debt : debts_) debt.propose_at = now;
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
  Debt& debt = debts_[wish.member];
  if (debt.command != wish.number) return;
  debt.answer = debt.answered = true;
  debt.answer_reason = reason;
}

void Peer::on_command(std::size_t index, const Message& message, LocalTime now) {
  Debt& debt = debts_[index];
  if (!roles_.is_leading()) return;
  if (message.number == debt.command) {
    debt.answer = debt.answered;
    return;
  }
  debt.command = message.number;
  debt.answered = false;
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
  if (!roles_.is_following(index)) return;
  Reason reason = host_.judge(message.plan);
  if (reason == Reason::kNoProgram) {
    transfer_.fetch(message.plan.program, message.plan.program_bytes, index, now);
  }
  if (!settled_ || clock_.map().bound_at(now) > config_.pace.budget) {
    reason = Reason::kNotSynchronised;
  }
  if (!agreement_.consider(index, message.plan, message.standing.revision,
                           clock_.map().session_at(now), reason)) {
    return;
  }
  Debt& debt = debts_[index];
  debt.vote = true;
  debt.vote_revision = message.plan.revision;
  debt.vote_reason = reason;
}

void Peer::learn(std::size_t index, const Plan& plan, LocalTime now) {
  if (plan.revision <= agreement_.plan().revision) return;
  agreement_.learn(plan);
  if (stop_on_joining_) agreement_.stop();
  ++clock_changes_;
  if (host_.judge(plan) == Reason::kNoProgram) {
    transfer_.fetch(plan.program, plan.program_bytes, index, now);
  }
}

}  // namespace takt::sync
