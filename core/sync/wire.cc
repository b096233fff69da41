// SPDX-License-Identifier: Apache-2.0
#include "takt/core/sync/wire.h"

#include <algorithm>
#include <concepts>
#include <limits>

#include "takt/core/base/assert.h"
#include "takt/core/base/clock_map.h"

namespace takt::sync {
namespace {

constexpr std::uint8_t kMagic = 0x74;
constexpr std::uint8_t kVersion = 1;

/// Little-endian; one function for both directions, so that they cannot differ.
class Writer {
 public:
  explicit Writer(std::span<std::byte> bytes) : bytes_(bytes) {}

  template <std::unsigned_integral Number>
  void number(Number value) {
    for (std::size_t i = 0; i < sizeof(Number); ++i) {
      put(static_cast<std::byte>(static_cast<std::uint64_t>(value) >> (8 * i)));
    }
  }
  void blob(const std::byte* from, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) put(from[i]);
  }
  std::size_t size() const { return used_; }
  static constexpr bool ok() { return true; }

 private:
  void put(std::byte byte) {
    TAKT_ASSERT(used_ < bytes_.size());
    bytes_[used_++] = byte;
  }

  std::span<std::byte> bytes_;
  std::size_t used_ = 0;
};

class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  template <std::unsigned_integral Number>
  void number(Number& value) {
    std::uint64_t read = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i) {
      read |= std::to_integer<std::uint64_t>(get()) << (8 * i);
    }
    value = static_cast<Number>(read);
  }
  void blob(std::byte* to, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) to[i] = get();
  }
  void fail() { ok_ = false; }
  bool ok() const { return ok_; }
  bool at_end() const { return ok_ && used_ == bytes_.size(); }

 private:
  std::byte get() {
    if (used_ == bytes_.size()) ok_ = false;
    return ok_ ? bytes_[used_++] : std::byte{0};
  }

  std::span<const std::byte> bytes_;
  std::size_t used_ = 0;
  bool ok_ = true;
};

template <typename Time>
void time(Writer& out, const Time& at) {
  out.number(static_cast<std::uint64_t>(at.since_zero().count()));
}

/// Instants beyond a thousand years are nobody's; sums with them stay in range.
template <typename Time>
void time(Reader& in, Time& at) {
  constexpr std::int64_t kFarthest = 1'000LL * 366 * 24 * 3600 * 1'000'000;
  std::uint64_t count = 0;
  in.number(count);
  const auto signed_count = static_cast<std::int64_t>(count);
  if (signed_count > kFarthest || signed_count < -kFarthest) return in.fail();
  at = Time{Micros{signed_count}};
}

template <typename Enum>
void choice(Writer& out, const Enum& value, Enum /*last*/) {
  out.number(static_cast<std::uint8_t>(value));
}
template <typename Enum>
void choice(Reader& in, Enum& value, Enum last) {
  std::uint8_t number = 0;
  in.number(number);
  if (number > static_cast<std::uint8_t>(last)) return in.fail();
  value = static_cast<Enum>(number);
}

void flag(Writer& out, const bool& value) { out.number(static_cast<std::uint8_t>(value)); }
void flag(Reader& in, bool& value) {
  std::uint8_t number = 0;
  in.number(number);
  if (number > 1) in.fail();
  value = number == 1;
}

/// What is too long for it counts as the longest: 71 minutes of doubt are as good as any more.
void micros(Writer& out, const Micros& value) {
  constexpr Micros kMost{std::numeric_limits<std::uint32_t>::max()};
  out.number(static_cast<std::uint32_t>(std::min(value, kMost).count()));
}
void micros(Reader& in, Micros& value) {
  std::uint32_t count = 0;
  in.number(count);
  value = Micros{count};
}

void rate(Writer& out, const std::int32_t& ppb) { out.number(static_cast<std::uint32_t>(ppb)); }
void rate(Reader& in, std::int32_t& ppb) {
  std::uint32_t number = 0;
  in.number(number);
  const auto read = static_cast<std::int32_t>(number);
  if (read > ClockMap::kMaxRatePpb || read < -ClockMap::kMaxRatePpb) return in.fail();
  ppb = read;
}

void size(Writer& out, const std::uint8_t& value, std::size_t /*most*/) { out.number(value); }
void size(Reader& in, std::uint8_t& value, std::size_t most) {
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
  stream.blob(plan.parameters.bytes.data(), plan.parameters.size);
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
      stream.blob(message.chunk.data(), message.chunk_size);
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
  Writer out{bytes};
  out.number(kMagic);
  out.number(kVersion);
  fields(out, message);
  const AuthTag tag = authenticator.tag_of(bytes.first(out.size()));
  out.blob(tag.data(), tag.size());
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
  Reader in{signed_part.subspan(2)};
  message = {};
  fields(in, message);
  return in.at_end() ? Status::kOk : Status::kCorrupt;
}

}  // namespace takt::sync
