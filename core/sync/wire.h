// SPDX-License-Identifier: Apache-2.0
// Messages between devices as bytes.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "takt/core/base/authenticator.h"
#include "takt/core/base/status.h"
#include "takt/core/base/time.h"
#include "takt/core/sync/plan.h"

namespace takt::sync {

/// The largest datagram: what ESP-NOW takes.
inline constexpr std::size_t kMaxDatagram = 250;

/// Bytes of a program in one datagram.
inline constexpr std::size_t kChunkBytes = 160;

enum class Kind : std::uint8_t {
  kHello,     ///< I am here.
  kAskTime,   ///< Sent at `sent`.
  kTime,      ///< The answer: the request reached me at `reached`, this left at `answered`.
  kPropose,   ///< Asks whether the other can do `plan`.
  kVote,      ///< On the plan of revision `number`: `reason`, kNone is yes.
  kPlan,      ///< `plan` holds.
  kCommand,   ///< To the leader: command `number`; `plan` has what is wished.
  kAnswer,    ///< To command `number`: `reason`, kNone is done.
  kAskChunk,  ///< Of `program`, from byte `number` on.
  kChunk,     ///< The bytes that were asked for.
};

enum class Role : std::uint8_t { kListening, kFollowing, kLeading };

/// A word; static storage.
std::string_view name_of(Role role);

/// What every message says of its sender, so that any message that arrives brings both up to date.
struct Standing {
  /// The device that began the session it takes part in, and in which of its lives; 0: it takes
  /// part in none. Times, terms and revisions of another session mean nothing in this one.
  std::uint64_t session = 0;
  std::uint16_t term = 0;  ///< Of the leadership that it takes part in.
  Role role = Role::kListening;
  bool settled = false;  ///< Its clock is good enough to start with.
  /// It was stopped before it knew what is played: whatever plays, in any session, ends.
  bool stops = false;
  std::uint8_t side = 0;
  std::uint32_t revision = 0;  ///< Of its plan.
  std::uint32_t decided = 0;   ///< Proposals up to here have taken place or never will.
  std::uint32_t stopped = 0;   ///< The plans up to here were stopped.
  std::uint32_t lapsed = 0;    ///< The plans up to here ended because nobody was heard.

  std::uint32_t over() const { return std::max(stopped, lapsed); }
  bool operator==(const Standing&) const = default;
};

struct Message {
  Kind kind = Kind::kHello;
  std::uint32_t from = 0;       ///< Sender's number.
  std::uint32_t from_life = 0;  ///< Its life: a number that grows with each start.
  std::uint32_t to_life = 0;    ///< Of the receiver's, as the sender knows it; 0: it does not.
  std::uint32_t sequence = 0;   ///< Counts the sender's messages.
  Standing standing;

  LocalTime sent;
  SessionTime reached;
  SessionTime answered;
  Micros doubt;  ///< Of kTime: how far apart others may be that do not follow the sender yet.
  std::int32_t rate_ppb = 0;  ///< Of kTime: session time is faster than the sender's clock by it.
  std::uint32_t number = 0;
  Reason reason = Reason::kNone;
  Plan plan;
  ProgramHash program = 0;
  std::uint8_t chunk_size = 0;
  std::array<std::byte, kChunkBytes> chunk{};

  bool operator==(const Message&) const = default;
};

/// Writes only what `message.kind` has, and its tag. Returns how many bytes.
std::size_t encode(const Message& message, std::span<std::byte, kMaxDatagram> bytes,
                   Authenticator& authenticator);

/// Takes any bytes: reads none beyond them, and gives no message with a field out of range.
/// - kUnsupported: another version. - kCorrupt: anything else that encode() does not write.
Status decode(std::span<const std::byte> bytes, Authenticator& authenticator, Message& message);

}  // namespace takt::sync
