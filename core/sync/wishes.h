// SPDX-License-Identifier: Apache-2.0
// Commands, from the wish to its end.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "takt/core/base/time.h"
#include "takt/core/sync/peer_config.h"
#include "takt/core/sync/plan.h"
#include "takt/core/sync/wire.h"

namespace takt::sync {

/// A command, and whose it is.
struct Wish {
  Plan plan;
  std::size_t member = kMaxPeers;  ///< This device's own is nobody else's.
  std::uint32_t number = 0;        ///< Counts the commands of its owner.
  LocalTime since;
  LocalTime retry_at;

  bool is_own() const { return member == kMaxPeers; }
};

/// One command waits for its turn, one may be under way: what the open proposal is about. A later
/// command replaces the one that waits. A follower says its own to the leader again and again,
/// until that one answers how it ended. An answer that was lost is given again.
class Wishes {
 public:
  /// `config` outlives this.
  explicit Wishes(const PeerConfig& config) : config_(config) {}

  /// Of this device.
  void command(const Plan& plan, LocalTime now);
  /// Leading: a kCommand came from `member`; plans up to `over` have ended.
  void take(std::size_t member, const Message& command, std::uint32_t over, LocalTime now);
  /// A kAnswer came.
  void take_answer(const Message& answer);

  const std::optional<Wish>& waiting() const { return waiting_; }
  bool is_due(LocalTime now) const { return waiting_ && now >= waiting_->retry_at; }
  bool is_pending() const { return waiting_ || proposed_; }
  /// How this device's last command ended; kNone as long as it has not.
  Reason result() const { return result_; }

  /// The one that waits does so until `at`,
  void defer(LocalTime at) { waiting_->retry_at = at; }
  /// is under way,
  void propose();
  /// or will not have its turn. Nothing happens if none waits.
  void drop(Reason reason);
  /// The proposal has ended; where another one may do better, its command waits again.
  void settle(Reason outcome, LocalTime now);
  /// This device follows from now on: commands of others are the new leader's matter.
  void follow();
  /// That member knows of no command any more.
  void forget(std::size_t member);

  /// Whether `member` is owed an answer, or this device's command if it is the leader; `message`
  /// is it.
  bool owes(std::size_t member, bool is_leader, Message& message, LocalTime now);
  /// When the one that waits is to be tried again; kNever: none does.
  LocalTime deadline() const { return waiting_ ? waiting_->retry_at : kNever; }

 private:
  /// The latest command of a member.
  struct Order {
    std::uint32_t number = 0;
    bool has_ended = false;
    bool is_owed = false;  ///< The answer, which is `reason`.
    Reason reason = Reason::kNone;
  };

  void end(const Wish& wish, Reason reason);

  const PeerConfig& config_;
  std::optional<Wish> waiting_;
  std::optional<Wish> proposed_;
  std::uint32_t commands_ = 0;
  Reason result_ = Reason::kNone;
  std::array<Order, kMaxPeers> orders_{};
};

}  // namespace takt::sync
