// SPDX-License-Identifier: Apache-2.0
#include "takt/core/sync/roles.h"

#include <algorithm>

namespace takt::sync {

std::uint32_t Roles::leader_id() const {
  switch (role_) {
    case Role::kListening: return 0;
    case Role::kFollowing: return members_[leader_].id;
    case Role::kLeading: return config_.id;
  }
  return 0;
}

bool Roles::all_listen() const {
  return std::ranges::all_of(members_.all(),
                             [](const Member& m) { return m.standing.role == Role::kListening; });
}

bool Roles::all_follow() const {
  return members_.is_complete() && std::ranges::all_of(members_.all(), [this](const Member& m) {
           return in_session(m.standing) && m.standing.role == Role::kFollowing &&
                  m.standing.term == term_ && m.standing.settled;
         });
}

Roles::Move Roles::heed(std::size_t member, Assets own) const {
  const Member& other = members_[member];
  if (other.standing.role != Role::kLeading) return Move::kStay;
  switch (role_) {
    case Role::kListening: return Move::kFollow;
    case Role::kFollowing:
      if (member != leader_) {
        return outranks(other, term_, members_[leader_].id, own) ? Move::kFollow : Move::kStay;
      }
      if (in_session(other.standing)) {
        // Of a new term, its line is another one than before.
        return other.standing.term != term_ ? Move::kFollow : Move::kStay;
      }
      // It has forgotten all and begun anew.
      return !own.time || outranks(other, term_, config_.id, own) ? Move::kFollow : Move::kLead;
    case Role::kLeading:
      return outranks(other, term_, config_.id, own) ? Move::kFollow : Move::kStay;
  }
  return Move::kStay;
}

/// Whether that leader stays, and not the one with `term` and `id` in this device's session.
bool Roles::outranks(const Member& leader, std::uint16_t term, std::uint32_t id, Assets own) const {
  const Standing& other = leader.standing;
  if (!in_session(other)) {
    const bool theirs = other.revision > 0;
    if (theirs != own.plan) return theirs;
  }
  return other.term > term || (other.term == term && leader.id < id);
}

bool Roles::is_leaderless(LocalTime now) const {
  const Member& leader = members_[leader_];
  return leader.standing.role == Role::kListening ||
         (leader.standing.role == Role::kFollowing && now - since_ >= config_.takeover) ||
         now - leader.heard >= config_.takeover;
}

Roles::Move Roles::succeed(Assets own, LocalTime now) const {
  if (!is_following() || !is_leaderless(now)) return Move::kStay;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    const Member& other = members_[i];
    if (i != leader_ && members_.is_present(other, now) && in_session(other.standing) &&
        other.standing.role == Role::kFollowing && other.id < config_.id) {
      return Move::kStay;  // That one is to lead.
    }
  }
  if (own.time) return Move::kLead;
  // Nobody plays, or not by a clock that this device could continue: begin again.
  const bool is_lost = all_listen() || now - since_ >= config_.holdover;
  return is_lost ? Move::kListen : Move::kStay;
}

Roles::Move Roles::elect(LocalTime now) const {
  if (role_ != Role::kListening || !all_listen()) return Move::kStay;
  bool has_company = false;
  for (const Member& member : members_.all()) {
    if (!members_.is_present(member, now)) continue;
    has_company = true;
    if (member.id < config_.id) return Move::kStay;
  }
  const bool has_waited = members_.all_present(now) || now - since_ >= config_.pace.lead * 3;
  return has_company && has_waited ? Move::kLead : Move::kStay;
}

LocalTime Roles::deadline() const {
  return is_following() ? members_[leader_].heard + config_.takeover : kNever;
}

void Roles::lead(LocalTime now) {
  role_ = Role::kLeading;
  since_ = now;
  for (const Member& member : members_.all()) term_ = std::max(term_, member.standing.term);
  ++term_;
}

void Roles::follow(std::size_t member, LocalTime now) {
  role_ = Role::kFollowing;
  since_ = now;
  leader_ = member;
  term_ = members_[member].standing.term;
  session_ = members_[member].standing.session;
}

void Roles::listen(LocalTime now) {
  role_ = Role::kListening;
  since_ = now;
}

}  // namespace takt::sync
