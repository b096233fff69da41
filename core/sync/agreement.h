// SPDX-License-Identifier: Apache-2.0
// Which plan holds: all devices change to a new one or none does, whatever gets lost between them.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "takt/core/base/time.h"
#include "takt/core/sync/peer_config.h"
#include "takt/core/sync/plan.h"
#include "takt/core/sync/wire.h"

namespace takt::sync {

/// Two-phase commit of plans, and stops, without messages: what is to be sent follows from what
/// the standings of two devices differ in.
///
/// A proposal gets a revision. Who has voted for it plays nothing past its `effective` until it
/// knows the outcome: it is in doubt, and silent. The leader decides once all have voted, or
/// against it at the deadline. So the leader knows at its deadline at the latest, and the others
/// with the first message that arrives from anyone who knows; nobody ever plays the old plan while
/// somebody plays the new one.
///
/// If all others have restarted, nobody is left who knows the outcome. Where the first word of them
/// comes before the proposal's `effective`, none can have played it, and the old plan goes on. Else
/// one of them may have: neither plan may be played any more, and both lapse.
///
/// A stop takes no agreement: it ends all plans up to a revision, the largest one that the stopping
/// device has heard of, and spreads like a rumour. So does a lapse, the end that a device gives
/// itself which hears nobody; a stop of what has lapsed still arrives.
class Agreement {
 public:
  /// `two_phase` is cleared only to prove that the simulator would notice.
  Agreement(std::size_t peers, bool two_phase) : peers_(peers), two_phase_(two_phase) {}

  const Plan& plan() const { return plan_; }
  std::uint32_t decided() const { return decided_; }
  std::uint32_t stopped() const { return stopped_; }
  std::uint32_t lapsed() const { return lapsed_; }
  bool playing() const { return plan_.revision > over(); }
  bool is_stopped() const { return plan_.revision <= stopped_; }
  /// Plans up to here have ended, one way or the other.
  std::uint32_t over() const { return std::max(stopped_, lapsed_); }

  /// What this device has voted for, outcome unknown.
  const std::optional<Plan>& accepted() const { return accepted_; }
  bool in_doubt(SessionTime now) const { return accepted_ && now >= accepted_->effective; }

  /// Leader: what is being voted on.
  const std::optional<Plan>& proposal() const { return proposal_; }
  bool awaits(std::size_t peer) const { return proposal_ && !voted_[peer]; }

  /// Leader: proposes `plan` under a new revision, to be decided by `deadline`.
  /// kInDoubt or kBusy: not now.
  Reason propose(Plan plan, LocalTime deadline);
  void vote(std::size_t peer, std::uint32_t revision, Reason reason);
  /// Leader: decides what can be decided. True: a proposal ended; outcome() says how.
  bool decide(LocalTime now);
  Reason outcome() const { return outcome_; }
  /// When decide() has to be called without a vote.
  LocalTime deadline() const { return proposal_ ? deadline_ : kNever; }
  /// No longer the leader: an open proposal fails.
  void resign();

  /// The vote on `plan` of the peer that leads, whose plan has revision `base`; `verdict` is the
  /// application's. False: a matter decided long ago, to which no answer is due.
  bool consider(std::size_t leader, const Plan& plan, std::uint32_t base, SessionTime now,
                Reason& verdict);

  /// `plan` holds, says somebody who knows.
  void learn(const Plan& plan);
  void learn(std::size_t peer, const Standing& standing);
  /// That peer has forgotten all and plays nothing since some time before `now`.
  void restarted(std::size_t peer, SessionTime now);

  void stop();
  void lapse();

  /// As new.
  void forget();

 private:
  void conclude(std::uint32_t revision);
  void ignores(std::size_t peer);
  std::uint32_t newest() const;

  const std::size_t peers_;
  const bool two_phase_;

  Plan plan_;
  std::uint32_t decided_ = 0;
  std::uint32_t stopped_ = 0;
  std::uint32_t lapsed_ = 0;

  std::optional<Plan> accepted_;
  std::size_t proposer_ = 0;
  bool orphaned_ = false;      ///< The proposer of accepted_ has forgotten it.
  bool maybe_played_ = false;  ///< Someone who has forgotten accepted_ may have played it.
  /// Peers known not to know the outcome of accepted_, as of the latest restart of a peer that
  /// might have known it.
  std::array<bool, kMaxPeers> ignorant_{};

  std::optional<Plan> proposal_;
  std::array<bool, kMaxPeers> voted_{};
  Reason refusal_ = Reason::kNone;
  Reason outcome_ = Reason::kNone;
  LocalTime deadline_;
};

}  // namespace takt::sync
