// SPDX-License-Identifier: Apache-2.0
#include "takt/core/program/bound_shape.h"

#include <cstring>

#include "takt/core/base/assert.h"
#include "takt/core/program/model.h"

namespace takt {
namespace {

using Type = Member::Type;

template <typename Number>
std::int64_t load(const void* from) {
  return static_cast<std::int64_t>(*static_cast<const Number*>(from));
}

template <typename Number>
void store(void* to, std::int64_t number) {
  *static_cast<Number*>(to) = static_cast<Number>(number);
}

template <typename Number>
constexpr std::int64_t kMost = std::numeric_limits<Number>::max();

}  // namespace

std::string_view Member::text(const void* object) const {
  TAKT_ASSERT(type_ == Type::kText);
  return *static_cast<const std::string_view*>(at_(const_cast<void*>(object)));
}

void Member::set_text(void* object, std::string_view text) const {
  TAKT_ASSERT(type_ == Type::kText);
  *static_cast<std::string_view*>(at_(object)) = text;
}

std::int64_t Member::number(const void* object) const {
  TAKT_ASSERT(is_number());
  const void* const from = at_(const_cast<void*>(object));
  switch (type_) {
    case Type::kTime: return static_cast<const Micros*>(from)->count();
    case Type::kU16: return load<std::uint16_t>(from);
    case Type::kU32: return load<std::uint32_t>(from);
    case Type::kI16: return load<std::int16_t>(from);
    case Type::kI32: return load<std::int32_t>(from);
    default: return load<std::uint8_t>(from);
  }
}

void Member::set_number(void* object, std::int64_t number) const {
  TAKT_ASSERT(is_number());
  void* const to = at_(object);
  number = std::clamp(number, least(), most());
  switch (type_) {
    case Type::kTime: *static_cast<Micros*>(to) = Micros{number}; break;
    case Type::kU16: store<std::uint16_t>(to, number); break;
    case Type::kU32: store<std::uint32_t>(to, number); break;
    case Type::kI16: store<std::int16_t>(to, number); break;
    case Type::kI32: store<std::int32_t>(to, number); break;
    default: store<std::uint8_t>(to, number);
  }
}

std::int64_t Member::least() const {
  switch (type_) {
    case Type::kTime: return -kMost<std::int64_t>;
    case Type::kI16: return std::numeric_limits<std::int16_t>::min();
    case Type::kI32: return std::numeric_limits<std::int32_t>::min();
    default: return 0;
  }
}

std::int64_t Member::most() const {
  switch (type_) {
    case Type::kTime: return kMost<std::int64_t>;
    case Type::kFlag: return 1;
    case Type::kU16: return kMost<std::uint16_t>;
    case Type::kU32: return kMost<std::uint32_t>;
    case Type::kI16: return kMost<std::int16_t>;
    case Type::kI32: return kMost<std::int32_t>;
    default: return kMost<std::uint8_t>;
  }
}

bool BoundShape::has_default(const json::Field& field, const void* object) const {
  const Member& member = member_of(field);
  if (member.type() == Type::kText) return member.text(object) == member.text(defaults);
  return !member.is_number() || member.number(object) == member.number(defaults);
}

bool BoundShape::has_value(const json::Field& field, const void* object) const {
  const Member& member = member_of(field);
  if (member.type() == Type::kText) return !member.text(object).empty();
  if (!member.is_number()) return false;
  const std::int64_t number = member.number(object);
  switch (field.type) {
    case json::FieldType::kInteger: return number >= field.least && number <= field.most;
    case json::FieldType::kDuration: return number >= field.least;
    case json::FieldType::kChoice: return number < static_cast<std::int64_t>(field.choices.size());
    case json::FieldType::kId: return number != kNoOutput;
    case json::FieldType::kIds: return number != 0;
    default: return true;
  }
}

void BoundShape::reset(void* object) const { std::memcpy(object, defaults, object_bytes); }

}  // namespace takt
