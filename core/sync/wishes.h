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

/// A command and its owner.
struct Wish {
  Plan plan;
  std::size_t member = kMaxPeers;  ///< kMaxPeers: it is this device's own.
  std::uint32_t number = 0;        ///< Counts the commands of its owner.
  LocalTime since;
  LocalTime retry_at;

  bool is_own() const { return member == kMaxPeers; }
};

/// One command may wait for its turn, and one may be under way as the open proposal. A later
/// command replaces the one that waits. A follower repeats its own command to the leader until the
/// leader answers how it ended. A lost answer is given again.
class Wishes {
 public:
  /// `config` outlives this.
  explicit Wishes(const PeerConfig& config) : config_(config) {}

  /// Takes a command of this device.
  void command(const Plan& plan, LocalTime now);
  /// Leading: a kCommand came from `member`; plans up to `over` have ended.
  void take(std::size_t member, const Message& command, std::uint32_t over, LocalTime now);
  /// Takes a kAnswer.
  void take_answer(const Message& answer);

  const std::optional<Wish>& waiting() const { return waiting_; }
  bool is_due(LocalTime now) const { return waiting_ && now >= waiting_->retry_at; }
  bool is_pending() const { return waiting_ || proposed_; }
  /// How this device's last command ended; kNone as long as it has not.
  Reason result() const { return result_; }

  /// The command that waits goes on to do so until `at`.
  void defer(LocalTime at) { waiting_->retry_at = at; }
  /// From now on the command that waits is under way.
  void propose();
  /// The command that waits will not have its turn. Nothing happens if none waits.
  void drop(Reason reason);
  /// The proposal has ended. If another one may do better, its command waits again.
  void settle(Reason outcome, LocalTime now);
  /// From now on this device follows, and the new leader sees to the commands of others.
  void follow();
  /// Drops the commands of a member that knows of none any more.
  void forget(std::size_t member);

  /// Whether `member` is owed an answer or, if it leads, this device's command; then `message` has
  /// it.
  bool owes(std::size_t member, bool is_leader, Message& message, LocalTime now);
  /// When to try the command that waits again; kNever: none waits.
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
