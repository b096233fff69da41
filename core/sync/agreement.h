// SPDX-License-Identifier: Apache-2.0
// Decides which plan holds: all devices change to a new one or none does, whatever gets lost.
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

/// Two-phase commit of plans, and stops. It knows no messages: a peer sends exactly what the
/// other's standing shows to be missing.
///
/// A proposal gets a revision. A device that has voted for it plays nothing past its `effective`
/// until it knows the outcome: it is in doubt, and silent. The leader decides once all have voted,
/// or against the proposal at the deadline. So the leader knows the outcome at its deadline at the
/// latest, and the others with the first message from a device that knows. No device ever plays the
/// old plan while another plays the new one.
///
/// If all others have restarted, no device is left that knows the outcome. If the first message of
/// one comes before the proposal's `effective`, none can have played it, and the old plan goes on.
/// Else one of them may have: neither plan may be played any more, and both lapse.
///
/// A stop takes no agreement: it ends all plans up to a revision, the largest one that the stopping
/// device has heard of, and spreads like a rumour. A device that hears nobody ends its plan by
/// itself; this lapse spreads in the same way. A stop of what has lapsed still arrives.
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

  /// The plan that this device has voted for while it does not know the outcome.
  const std::optional<Plan>& accepted() const { return accepted_; }
  bool in_doubt(SessionTime now) const { return accepted_ && now >= accepted_->effective; }

  /// Leader: the plan that the others vote on.
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

  /// A device that knows says that `plan` holds.
  void learn(const Plan& plan);
  void learn(std::size_t peer, const Standing& standing);
  /// That peer has forgotten all and plays nothing since some time before `now`.
  void restarted(std::size_t peer, SessionTime now);

  void stop();
  void lapse();

  /// Makes this as new.
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
