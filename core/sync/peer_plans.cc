// SPDX-License-Identifier: Apache-2.0
// What is agreed on: commands, proposals, plans, and the programs they name.
#include <algorithm>

#include "takt/core/sync/peer.h"

namespace takt::sync {

void Peer::command(const Plan& plan, LocalTime now) {
  is_polled_ = false;
  wishes_.command(plan, now);
}

void Peer::stop(LocalTime now) {
  agreement_.stop();
  stop_on_joining_ = !joined_;
  wishes_.drop(Reason::kStopped);
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
  if (!wishes_.is_due(now) || agreement_.proposal()) return;
  const Wish& wish = *wishes_.waiting();
  if (all_on_one_side() && host_.judge(wish.plan) == Reason::kSameSide) {
    // Also of a namesake, with which no session comes about.
    return wishes_.drop(Reason::kSameSide);
  }
  if (!roles_.is_leading()) {
    // The leader is told of it again and again.
    if (now - wish.since >= config_.takeover * 2) wishes_.drop(Reason::kTimeout);
    return;
  }
  if (agreement_.playing() && clock_.map().session_at(now) < agreement_.plan().effective) {
    // One change at a time, so that all take each of them; of several wishes the last one counts.
    return wishes_.defer(clock_.map().local_at(agreement_.plan().effective));
  }
  const Reason reason = propose(wish.plan, now);
  if (reason == Reason::kNone) return wishes_.propose();
  const bool elsewhere = reason == Reason::kNoProgram && !wish.is_own();
  if (elsewhere && now - wish.since < config_.takeover) {
    transfer_.fetch(wish.plan.program, wish.plan.program_bytes, wish.member, now);
    return wishes_.defer(now + config_.pace.retry());
  }
  const bool absent = reason == Reason::kOffline || reason == Reason::kNotSynchronised;
  if (absent && config_.wait_for_offline) return wishes_.defer(now + config_.pace.poll / 2);
  wishes_.drop(reason);
}

/// Has all vote on `plan`; kNone, or why not.
Reason Peer::propose(Plan plan, LocalTime now) {
  if (const Reason reason = obstacle(now); reason != Reason::kNone) return reason;
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
