// SPDX-License-Identifier: Apache-2.0
// The other devices of a session: which of their messages count, and who of them is there.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "takt/core/base/time.h"
#include "takt/core/sync/peer_config.h"
#include "takt/core/sync/replay_window.h"
#include "takt/core/sync/wire.h"

namespace takt::sync {

/// Another device, as far as it was heard.
struct Member {
  std::uint32_t id = 0;
  std::uint32_t life = 0;       ///< The life that we hear; 0: not met.
  std::uint32_t candidate = 0;  ///< A newer life that has not proved to be present.
  ReplayWindow window;
  LocalTime heard;
  Standing standing;
  bool greet = false;  ///< A hello to its life, or to its candidate, is owed.

  bool is_met() const { return life != 0; }
};

/// What a message is good for.
struct Hearing {
  std::size_t member = 0;    ///< The sender, if it is a member.
  bool is_new_life = false;  ///< It is the first one of a life of that member.
  bool is_restart = false;   ///< What was known of that member is about a life that is over.
  bool counts = false;       ///< Sent to this device's life, and not heard before.
  bool is_newest = false;    ///< Its standing is the member's.
};

/// Freshness. Every message names the lives of its sender and its receiver and a number within the
/// sender's life, so a recorded message has no effect a second time, nor after a restart of either.
/// A sender that does not know this device's life is owed a hello, which tells it.
///
/// Presence. A device is present if it was heard within LinkPace::offline_after(). The first
/// PeerConfig::peers numbers that are heard are the members; they stay for good.
class Members {
 public:
  /// `config` outlives this.
  explicit Members(const PeerConfig& config) : config_(config) {}

  std::size_t size() const { return size_; }
  bool is_complete() const { return size_ == config_.peers; }
  Member& operator[](std::size_t index) { return members_[index]; }
  const Member& operator[](std::size_t index) const { return members_[index]; }
  std::span<Member> all() { return std::span{members_}.first(size_); }
  std::span<const Member> all() const { return std::span{members_}.first(size_); }

  /// Judges a message that arrived at `at`, and counts it in rejected() if it does not count.
  Hearing hear(const Message& message, LocalTime at, LocalTime now);
  /// Notes that what arrived was no message with this session's key.
  void reject_foreign();

  bool is_present(const Member& member, LocalTime now) const {
    return member.is_met() && now - member.heard < config_.pace.offline_after();
  }
  bool all_present(LocalTime now) const;
  std::size_t count_present(LocalTime now) const;
  /// When one of them was heard last; `start` if there is none yet.
  LocalTime last_heard(LocalTime start) const;

  /// How many members and namesakes are present and play this device's side.
  std::size_t count_on_own_side(LocalTime now) const;
  /// Whether all have been met and all play this device's side, by what each said last, present or
  /// not. Also true of a pair whose other device is known as a namesake only, which cannot be met.
  bool all_on_one_side() const;

  /// Owes a hello to all that were met.
  void greet_all();

  std::uint32_t rejected() const { return rejected_; }    ///< See PeerStatus.
  std::uint32_t foreign() const { return foreign_; }      ///< See PeerStatus.
  std::uint32_t namesakes() const { return namesakes_; }  ///< See PeerStatus.

 private:
  Member* find(std::uint32_t id);
  bool admit(Member& member, const Message& message, LocalTime now, Hearing& hearing);
  static void meet(Member& member, std::uint32_t life, LocalTime now, Hearing& hearing);

  const PeerConfig& config_;
  std::array<Member, kMaxPeers> members_{};
  std::size_t size_ = 0;
  std::uint32_t rejected_ = 0;
  std::uint32_t foreign_ = 0;
  std::uint32_t namesakes_ = 0;
  bool namesake_on_side_ = false;  ///< The latest of them plays this one's side.
};

}  // namespace takt::sync
