// SPDX-License-Identifier: Apache-2.0
// Programs on their way from device to device.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "takt/core/base/time.h"
#include "takt/core/sync/host.h"
#include "takt/core/sync/members.h"
#include "takt/core/sync/peer_config.h"
#include "takt/core/sync/plan.h"
#include "takt/core/sync/wire.h"

namespace takt::sync {

/// Fetches one program at a time, from the first chunk to the last, and gives others what they ask
/// for. The device that named a program may have gone since, or never had it: after a silence the
/// next member that is there is asked for the rest.
class Transfer {
 public:
  /// `config` and `host` outlive this.
  Transfer(const PeerConfig& config, Host& host) : config_(config), host_(host) {}

  /// The program that is on its way here; 0: none.
  ProgramHash coming() const { return fetch_.program; }

  /// Fetches `program` of `size` from `member`; what has come of it already counts.
  void fetch(ProgramHash program, std::uint32_t size, std::size_t member, LocalTime now);
  void abandon() { fetch_ = {}; }
  /// Asks another of `members` when nothing has come for long.
  void find_source(const Members& members, LocalTime now);
  /// Takes a kChunk if it is the one that was asked for.
  void take(std::size_t member, const Message& chunk, LocalTime now);

  /// A kAskChunk came from `member`.
  void ask(std::size_t member, const Message& message);
  /// Drops what that member has asked for.
  void forget(std::size_t member) { asked_[member] = {}; }

  /// Whether `member` is owed a chunk, or has to be asked for one; then `message` says so.
  bool owes(std::size_t member, Message& message, LocalTime now);
  /// When something is to be asked for, whatever comes; kNever: nothing is on its way.
  LocalTime deadline() const { return fetch_.program != 0 ? fetch_.ask_at : kNever; }

 private:
  struct Fetch {
    ProgramHash program = 0;
    std::uint32_t size = 0;
    std::uint32_t offset = 0;
    std::size_t from = 0;
    LocalTime ask_at;
    LocalTime since;  ///< When it last made progress, or asked another device.
  };
  struct Asked {
    ProgramHash program = 0;
    std::uint32_t offset = 0;
    bool is_owed = false;
  };

  const PeerConfig& config_;
  Host& host_;
  Fetch fetch_;
  std::array<Asked, kMaxPeers> asked_{};
};

}  // namespace takt::sync
