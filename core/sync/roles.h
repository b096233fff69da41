// SPDX-License-Identifier: Apache-2.0
// The leader of a session, and which session it is.
#pragma once

#include <cstddef>
#include <cstdint>

#include "takt/core/base/time.h"
#include "takt/core/sync/members.h"
#include "takt/core/sync/peer_config.h"
#include "takt/core/sync/wire.h"

namespace takt::sync {

/// The role of this device, which follows from those of the others. It says what is to be done;
/// the caller does it, together with what else depends on the role.
///
/// Of those that listen the smallest id leads. A device that hears nothing of its leader for
/// PeerConfig::takeover, or hears that it has forgotten all, leads in its place. Of two leaders the
/// one with the higher term stays.
///
/// A device that leads without having been in a session begins one, whose time has nothing to do
/// with that of any other. Of two sessions the one that has agreed on a plan stays.
class Roles {
 public:
  enum class Move : std::uint8_t {
    kStay,
    kFollow,  ///< The member that was just heard.
    kLead,
    kListen,  ///< Forget all, and begin again.
  };

  /// What else of this device counts.
  struct Assets {
    bool time = false;  ///< It has a notion of the session's time.
    bool plan = false;  ///< It knows of a plan.
  };

  /// `config` and `members` outlive this.
  Roles(const PeerConfig& config, const Members& members, LocalTime now)
      : config_(config), members_(members), since_(now) {}

  Role role() const { return role_; }
  bool is_leading() const { return role_ == Role::kLeading; }
  bool is_following() const { return role_ == Role::kFollowing; }
  bool is_following(std::size_t member) const { return is_following() && leader_ == member; }
  /// The id of who leads; 0: nobody.
  std::uint32_t leader_id() const;
  std::uint64_t session() const { return session_; }  ///< See Standing.
  std::uint16_t term() const { return term_; }
  LocalTime since() const { return since_; }

  /// Whether times, terms and revisions of who stands so mean anything here.
  bool in_session(const Standing& standing) const {
    return session_ != 0 && (standing.session == session_ || !config_.protections.replay_check);
  }
  bool all_listen() const;
  /// Leading: all are there, and their clocks are good.
  bool all_follow() const;

  /// After `member`'s standing has changed.
  Move heed(std::size_t member, Assets own) const;
  /// Following: whether somebody else has to lead.
  Move succeed(Assets own, LocalTime now) const;
  /// Listening: whether all had time to be heard, and this device has the smallest id.
  Move elect(LocalTime now) const;
  /// When succeed() has to be called; kNever: not before the next message.
  LocalTime deadline() const;

  void lead(LocalTime now);
  void follow(std::size_t member, LocalTime now);
  void listen(LocalTime now);
  /// Takes part in none any more,
  void leave_session() { session_ = 0; }
  /// or in one of its own.
  void begin_session() { session_ = std::uint64_t{config_.id} << 32U | config_.life; }

 private:
  bool outranks(const Member& leader, std::uint16_t term, std::uint32_t id, Assets own) const;
  bool is_leaderless(LocalTime now) const;

  const PeerConfig& config_;
  const Members& members_;
  Role role_ = Role::kListening;
  std::uint16_t term_ = 0;
  std::uint64_t session_ = 0;
  std::size_t leader_ = 0;  ///< Valid while following.
  LocalTime since_;         ///< Of the role.
};

}  // namespace takt::sync
