// SPDX-License-Identifier: Apache-2.0
#include "takt/core/sync/agreement.h"

#include <algorithm>

#include "takt/core/base/assert.h"

namespace takt::sync {

Reason Agreement::propose(Plan plan, LocalTime deadline) {
  if (proposal_) return Reason::kBusy;
  if (accepted_) return Reason::kInDoubt;
  plan.revision = std::max({plan_.revision, decided_, over()}) + 1;
  proposal_ = plan;
  voted_ = {};
  refusal_ = Reason::kNone;
  deadline_ = deadline;
  if (!two_phase_) voted_.fill(true);
  return Reason::kNone;
}

void Agreement::vote(std::size_t peer, std::uint32_t revision, Reason reason) {
  TAKT_ASSERT(peer < peers_);
  if (!proposal_ || proposal_->revision != revision) return;
  if (reason == Reason::kNone) {
    voted_[peer] = true;
  } else {
    refusal_ = reason;
  }
}

bool Agreement::decide(LocalTime now) {
  if (!proposal_) return false;
  const bool all = std::all_of(voted_.begin(), voted_.begin() + peers_, [](bool v) { return v; });
  if (proposal_->revision <= over()) {
    outcome_ = Reason::kStopped;
  } else if (refusal_ != Reason::kNone) {
    outcome_ = refusal_;
  } else if (now >= deadline_ && two_phase_) {
    outcome_ = Reason::kTimeout;
  } else if (all) {
    outcome_ = Reason::kNone;
    plan_ = *proposal_;
  } else {
    return false;
  }
  conclude(proposal_->revision);
  proposal_.reset();
  return true;
}

void Agreement::resign() {
  if (!proposal_) return;
  conclude(proposal_->revision);
  proposal_.reset();
  outcome_ = Reason::kTimeout;
}

bool Agreement::consider(std::size_t leader, const Plan& plan, std::uint32_t base, SessionTime now,
                         Reason& verdict) {
  if (plan.revision <= std::max({plan_.revision, decided_, over()})) return false;
  if (accepted_ && *accepted_ == plan) {
    verdict = Reason::kNone;
    return true;
  }
  if (accepted_) {
    verdict = Reason::kInDoubt;
  } else if (base != plan_.revision) {
    verdict = Reason::kStale;
  } else if (now >= plan.effective) {
    verdict = Reason::kTimeout;
  }
  if (verdict != Reason::kNone) return true;
  accepted_ = plan;
  proposer_ = leader;
  orphaned_ = maybe_played_ = false;
  return true;
}

/// The fate of all proposals up to `revision` is settled.
void Agreement::conclude(std::uint32_t revision) {
  decided_ = std::max(decided_, revision);
  if (accepted_ && accepted_->revision <= revision) accepted_.reset();
}

void Agreement::learn(const Plan& plan) {
  if (plan.revision <= plan_.revision) return;
  plan_ = plan;
  conclude(plan.revision);
}

void Agreement::learn(std::size_t peer, const Standing& standing) {
  const bool played = playing();
  stopped_ = std::max(stopped_, standing.stopped);
  lapsed_ = std::max(lapsed_, standing.lapsed);
  if (accepted_ && accepted_->revision <= over()) accepted_.reset();
  // A person who stopped what plays did not want it to go on in another way. A vote comes with its
  // sender's standing, so no change is agreed to behind a stop.
  if (played && !playing()) refusal_ = Reason::kStopped;
  // A peer that knows of plans that we do not know may count one of them among the decided.
  if (standing.revision <= plan_.revision) conclude(standing.decided);
  if (accepted_ && orphaned_ && standing.revision < accepted_->revision) ignores(peer);
}

void Agreement::restarted(std::size_t peer, SessionTime now) {
  if (!accepted_) return;
  orphaned_ = orphaned_ || peer == proposer_;
  maybe_played_ = maybe_played_ || in_doubt(now);
  ignorant_ = {};  // It may have told the others before it forgot.
  ignores(peer);
}

void Agreement::ignores(std::size_t peer) {
  ignorant_[peer] = true;
  if (!std::all_of(ignorant_.begin(), ignorant_.begin() + peers_, [](bool i) { return i; })) return;
  if (maybe_played_) {
    lapse();
  } else {
    conclude(accepted_->revision);
  }
}

void Agreement::forget() {
  plan_ = {};
  decided_ = stopped_ = lapsed_ = 0;
  accepted_.reset();
  proposal_.reset();
}

std::uint32_t Agreement::newest() const {
  return std::max({over(), plan_.revision, decided_, accepted_ ? accepted_->revision : 0,
                   proposal_ ? proposal_->revision : 0});
}

void Agreement::stop() {
  stopped_ = newest();
  accepted_.reset();
}

void Agreement::lapse() {
  lapsed_ = newest();
  accepted_.reset();
}

}  // namespace takt::sync
