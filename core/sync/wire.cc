// SPDX-License-Identifier: Apache-2.0
#include "takt/core/sync/wire.h"

#include <algorithm>
#include <limits>

#include "takt/core/base/bytes.h"
#include "takt/core/base/clock_map.h"

namespace takt::sync {
namespace {

constexpr std::uint8_t kMagic = 0x74;
constexpr std::uint8_t kVersion = 1;

// One function for both directions, so that they cannot differ.

template <typename Time>
void time(ByteWriter& out, const Time& at) {
  out.number(static_cast<std::uint64_t>(at.since_zero().count()));
}

/// Instants beyond a thousand years are nobody's; sums with them stay in range.
template <typename Time>
void time(ByteReader& in, Time& at) {
  constexpr std::int64_t kFarthest = 1'000LL * 366 * 24 * 3600 * 1'000'000;
  std::uint64_t count = 0;
  in.number(count);
  const auto signed_count = static_cast<std::int64_t>(count);
  if (signed_count > kFarthest || signed_count < -kFarthest) return in.fail();
  at = Time{Micros{signed_count}};
}

template <typename Enum>
void choice(ByteWriter& out, const Enum& value, Enum /*last*/) {
  out.number(static_cast<std::uint8_t>(value));
}
template <typename Enum>
void choice(ByteReader& in, Enum& value, Enum last) {
  std::uint8_t number = 0;
  in.number(number);
  if (number > static_cast<std::uint8_t>(last)) return in.fail();
  value = static_cast<Enum>(number);
}

void flag(ByteWriter& out, const bool& value) { out.number(static_cast<std::uint8_t>(value)); }
void flag(ByteReader& in, bool& value) {
  std::uint8_t number = 0;
  in.number(number);
  if (number > 1) in.fail();
  value = number == 1;
}

/// What is too long for it counts as the longest: 71 minutes of doubt are as good as any more.
void micros(ByteWriter& out, const Micros& value) {
  constexpr Micros kMost{std::numeric_limits<std::uint32_t>::max()};
  out.number(static_cast<std::uint32_t>(std::min(value, kMost).count()));
}
void micros(ByteReader& in, Micros& value) {
  std::uint32_t count = 0;
  in.number(count);
  value = Micros{count};
}

void rate(ByteWriter& out, const std::int32_t& ppb) { out.number(static_cast<std::uint32_t>(ppb)); }
void rate(ByteReader& in, std::int32_t& ppb) {
  std::uint32_t number = 0;
  in.number(number);
  const auto read = static_cast<std::int32_t>(number);
  if (read > ClockMap::kMaxRatePpb || read < -ClockMap::kMaxRatePpb) return in.fail();
  ppb = read;
}

void size(ByteWriter& out, const std::uint8_t& value, std::size_t /*most*/) { out.number(value); }
void size(ByteReader& in, std::uint8_t& value, std::size_t most) {
  in.number(value);
  if (value > most) {
    value = 0;
    in.fail();
  }
}

template <typename Stream, typename PlanType>
void plan_fields(Stream& stream, PlanType& plan) {
  stream.number(plan.revision);
  stream.number(plan.program);
  stream.number(plan.program_bytes);
  time(stream, plan.epoch);
  time(stream, plan.effective);
  micros(stream, plan.share);
  stream.number(plan.share_side);
  size(stream, plan.parameters.size, Parameters::kMax);
  stream.blob(std::span{plan.parameters.bytes}.first(plan.parameters.size));
}

template <typename Stream, typename MessageType>
void fields(Stream& stream, MessageType& message) {
  choice(stream, message.kind, Kind::kChunk);
  stream.number(message.from);
  stream.number(message.from_life);
  stream.number(message.to_life);
  stream.number(message.sequence);
  stream.number(message.standing.session);
  stream.number(message.standing.term);
  choice(stream, message.standing.role, Role::kLeading);
  flag(stream, message.standing.settled);
  flag(stream, message.standing.stops);
  stream.number(message.standing.side);
  stream.number(message.standing.revision);
  stream.number(message.standing.decided);
  stream.number(message.standing.stopped);
  stream.number(message.standing.lapsed);
  if (!stream.ok()) return;
  switch (message.kind) {
    case Kind::kHello: break;
    case Kind::kAskTime: time(stream, message.sent); break;
    case Kind::kTime:
      time(stream, message.sent);
      time(stream, message.reached);
      time(stream, message.answered);
      micros(stream, message.doubt);
      rate(stream, message.rate_ppb);
      break;
    case Kind::kPropose:
    case Kind::kPlan: plan_fields(stream, message.plan); break;
    case Kind::kCommand:
      stream.number(message.number);
      plan_fields(stream, message.plan);
      break;
    case Kind::kVote:
    case Kind::kAnswer:
      stream.number(message.number);
      choice(stream, message.reason, kLastReason);
      break;
    case Kind::kAskChunk:
      stream.number(message.program);
      stream.number(message.number);
      break;
    case Kind::kChunk:
      stream.number(message.program);
      stream.number(message.number);
      size(stream, message.chunk_size, kChunkBytes);
      stream.blob(std::span{message.chunk}.first(message.chunk_size));
      break;
  }
}

}  // namespace

std::string_view name_of(Role role) {
  switch (role) {
    case Role::kListening: return "listening";
    case Role::kFollowing: return "following";
    case Role::kLeading: return "leading";
  }
  return "unknown";
}

std::size_t encode(const Message& message, std::span<std::byte, kMaxDatagram> bytes,
                   Authenticator& authenticator) {
  ByteWriter out{bytes};
  out.number(kMagic);
  out.number(kVersion);
  fields(out, message);
  const AuthTag tag = authenticator.tag_of(bytes.first(out.size()));
  out.blob(tag);
  return out.size();
}

Status decode(std::span<const std::byte> bytes, Authenticator& authenticator, Message& message) {
  constexpr std::size_t kTag = AuthTag{}.size();
  if (bytes.size() < 2 + kTag || bytes.size() > kMaxDatagram) return Status::kCorrupt;
  if (bytes[0] != std::byte{kMagic}) return Status::kCorrupt;
  if (bytes[1] != std::byte{kVersion}) return Status::kUnsupported;
  const auto signed_part = bytes.first(bytes.size() - kTag);
  const AuthTag tag = authenticator.tag_of(signed_part);
  std::byte differs{0};  // All bytes, always: how long it takes tells a forger nothing.
  for (std::size_t i = 0; i < kTag; ++i) differs |= tag[i] ^ bytes[signed_part.size() + i];
  if (differs != std::byte{0}) return Status::kCorrupt;
  ByteReader in{signed_part.subspan(2)};
  message = {};
  fields(in, message);
  return in.at_end() ? Status::kOk : Status::kCorrupt;
}

}  // namespace takt::sync
