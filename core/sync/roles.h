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

/// The role of this device, which follows from those of the others. It says what is to be done. The
/// caller does it, together with everything else that depends on the role.
///
/// Among listening devices the smallest id leads. A device that has not heard its leader for
/// PeerConfig::takeover, or learns that the leader lost its state, takes over. Of two leaders the
/// one with the higher term stays.
///
/// A device that leads without having been in a session opens a new one. Times of different
/// sessions cannot be compared. Of two sessions the one that has agreed on a plan stays.
class Roles {
 public:
  enum class Move : std::uint8_t {
    kStay,
    kFollow,  ///< The member that was just heard.
    kLead,
    kListen,  ///< Forget all, and begin again.
  };

  /// What this device would bring along.
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
  /// The id of the leader; 0: there is none.
  std::uint32_t leader_id() const;
  std::uint64_t session() const { return session_; }  ///< See Standing.
  std::uint16_t term() const { return term_; }
  LocalTime since() const { return since_; }

  /// Whether times, terms and revisions of a device with this standing mean anything here.
  bool in_session(const Standing& standing) const {
    return session_ != 0 && (standing.session == session_ || !config_.protections.replay_check);
  }
  bool all_listen() const;
  /// Leading: all are there, and their clocks are good.
  bool all_follow() const;

  /// What to do after `member`'s standing has changed.
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
  /// From now on it takes part in no session.
  void leave_session() { session_ = 0; }
  /// From now on it takes part in a session of its own.
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
  LocalTime since_;         ///< When the role began.
};

}  // namespace takt::sync
