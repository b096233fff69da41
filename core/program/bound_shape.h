// SPDX-License-Identifier: Apache-2.0
// A field described once, in a row that knows the member behind it: reading JSON, writing JSON and
// the compiled form, both ways, follow from such rows.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include "takt/core/base/bits.h"
#include "takt/core/base/time.h"
#include "takt/core/json/json_walk.h"

namespace takt {

/// A pointer to a member that has forgotten its types, so that one loop serves every struct. A call
/// with an object of another struct than the member's is a fault of the programmer.
class Member {
 public:
  enum class Type : std::uint8_t {
    kNone,  ///< No member: the code that reads and writes the object handles the field.
    kText,
    kFlag,
    kByte,  ///< Also an enumeration.
    kU16,
    kU32,
    kI16,
    kI32,
    kTime
  };

  constexpr Member() = default;

  /// `kFirst` points to a member, each of `kRest` to a member of the one before it.
  template <auto kFirst, auto... kRest>
  static constexpr Member of() {
    return {&at<kFirst, kRest...>, type_of(MemberType<kFirst, kRest...>{})};
  }

  constexpr Type type() const { return type_; }
  constexpr bool is_number() const { return type_ != Type::kNone && type_ != Type::kText; }

  std::string_view text(const void* object) const;
  void set_text(void* object, std::string_view text) const;

  /// A time is in microseconds, a flag 0 or 1.
  std::int64_t number(const void* object) const;
  /// A number that the member cannot hold becomes the nearest that it can.
  void set_number(void* object, std::int64_t number) const;
  /// The least and the largest number that it can hold.
  std::int64_t least() const;
  std::int64_t most() const;

 private:
  using Place = void* (*)(void* object);

  constexpr Member(Place place, Type type) : at_(place), type_(type) {}

  template <typename Struct, typename Value>
  static Struct struct_of(Value Struct::*);
  template <auto kFirst>
  using StructOf = decltype(struct_of(kFirst));

  template <auto kFirst, auto... kRest>
  using MemberType =
      std::remove_cvref_t<decltype(((std::declval<StructOf<kFirst>&>().*kFirst).*....*kRest))>;

  template <auto kFirst, auto... kRest>
  static void* at(void* object) {
    return &((static_cast<StructOf<kFirst>*>(object)->*kFirst).*....*kRest);
  }

  static constexpr Type type_of(std::string_view) { return Type::kText; }
  static constexpr Type type_of(Micros) { return Type::kTime; }
  template <typename Number>
  requires std::integral<Number> || std::is_enum_v<Number>
  static constexpr Type type_of(Number) {
    if (std::is_same_v<Number, bool>) return Type::kFlag;
    if (sizeof(Number) == 1) return Type::kByte;
    if (sizeof(Number) == 2) return std::is_signed_v<Number> ? Type::kI16 : Type::kU16;
    return std::is_signed_v<Number> ? Type::kI32 : Type::kU32;
  }

  Place at_ = nullptr;
  Type type_ = Type::kNone;
};

/// All that is known of a field. docs/program.md and docs/program.schema.json say the same to
/// people and editors; a test holds the three together.
struct Row {
  std::string_view name;
  json::FieldType type = json::FieldType::kText;
  /// A number behind a kId is the index of the output of that id, behind a kName that of a phase,
  /// behind a kDuration milliseconds; behind kIds it has a bit for each output. A number outside
  /// `least` to `most` and one that is none of the choices stand for a field that is not there.
  Member member{};
  bool required = false;
  bool always = false;    ///< Written even where it has its default.
  bool internal = false;  ///< In the compiled form only; such rows are the last.
  std::int64_t least = 0;
  std::int64_t most = std::numeric_limits<std::int32_t>::max();  ///< Of a text: bytes.
  std::span<const std::string_view> choices{};
  const json::Shape* child = nullptr;
  /// Its place among those that stand in every compiled object, from 1. Never changes, as old
  /// files are read by it.
  std::uint8_t place = 0;
  /// For a field that is not among those: the number, from 1 and ascending, that goes before it in
  /// the compiled form of objects that have it. Programs without it stay the same bytes.
  std::uint8_t tag = 0;
};

/// What a row says beside its json::Field.
struct Binding {
  [[no_unique_address]] Member member;  // The rest lies in its padding.
  bool always = false;
  std::uint8_t tag = 0;
};

/// A json::Shape whose fields are bound to the members of a struct.
struct BoundShape : json::Shape {
  std::span<const json::Field> all;        ///< `fields`, and behind them the internal ones.
  std::span<const Binding> bindings;       ///< Of `all`, in their order.
  std::span<const std::uint8_t> in_order;  ///< Of the compiled form: indices into `all`.
  const void* defaults = nullptr;          ///< An object in which every field has its default.
  std::size_t object_bytes = 0;

  const Member& member_of(const json::Field& field) const { return bindings[field.id].member; }
  bool has_default(const json::Field& field, const void* object) const;
  /// False: what `object` holds says that the field is not there.
  bool has_value(const json::Field& field, const void* object) const;
  /// Gives every field of `object` its default.
  void reset(void* object) const;
};

namespace bound_shape_detail {

void fail();  // Has no definition: a call is an error of the compiler.

consteval bool are_sound(std::span<const Row> rows) {
  bool internal = false;
  std::uint8_t last_tag = 0;
  std::uint32_t places = 0;
  for (const Row& row : rows) {
    if (internal && !row.internal) return false;
    internal = row.internal;
    if (row.place > 0 && row.tag > 0) return false;
    if (row.place > 0 && has(places, row.place)) return false;
    if (row.place > 0) places |= bit(row.place);
    if (row.tag > 0 && row.tag <= last_tag) return false;
    if (row.tag > 0) last_tag = row.tag;
  }
  return rows.size() <= 32;
}

template <const auto& kRows>
inline constexpr auto kFields = [] {
  static_assert(are_sound(kRows));
  std::array<json::Field, std::size(kRows)> fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const Row& row = kRows[i];
    fields[i] = {.name = row.name,
                 .id = static_cast<std::uint8_t>(i),
                 .type = row.type,
                 .child = row.child,
                 .choices = row.choices,
                 .least = row.least,
                 .most = row.most};
  }
  return fields;
}();

template <const auto& kRows>
inline constexpr auto kBindings = [] {
  std::array<Binding, std::size(kRows)> bindings;
  for (std::size_t i = 0; i < bindings.size(); ++i) {
    bindings[i] = {kRows[i].member, kRows[i].always, kRows[i].tag};
  }
  return bindings;
}();

template <const auto& kRows>
inline constexpr auto kInOrder = [] {
  constexpr auto kPlaced = [](const Row& row) { return row.place > 0; };
  std::array<std::uint8_t, std::ranges::count_if(kRows, kPlaced)> order{};
  std::size_t count = 0;
  for (std::size_t i = 0; i < std::size(kRows); ++i) {
    if (kPlaced(kRows[i])) order[count++] = static_cast<std::uint8_t>(i);
  }
  std::ranges::sort(order, {}, [](std::uint8_t i) { return kRows[i].place; });
  return order;
}();

}  // namespace bound_shape_detail

/// The id of the named field in json::Field; a name that is not there does not compile.
consteval std::uint8_t id_of(std::span<const Row> rows, std::string_view name) {
  const auto row = std::ranges::find(rows, name, &Row::name);
  if (row == rows.end()) bound_shape_detail::fail();
  return static_cast<std::uint8_t>(row - rows.begin());
}

/// The set of the named fields, as in json::Shape::required.
template <typename... Names>
consteval std::uint32_t ids_of(std::span<const Row> rows, Names... names) {
  return (bit(id_of(rows, names)) | ...);
}

/// `kDefaults` is an object of the struct to whose members `kRows` point.
template <const auto& kRows, const auto& kDefaults>
consteval BoundShape shape_of(std::string_view what) {
  using namespace bound_shape_detail;
  static_assert(std::is_trivially_copyable_v<std::remove_cvref_t<decltype(kDefaults)>>);
  std::uint32_t required = 0;
  std::size_t json = 0;
  for (std::size_t i = 0; i < std::size(kRows); ++i) {
    if (kRows[i].required) required |= bit(i);
    if (!kRows[i].internal) json = i + 1;
  }
  return {{.what = what, .fields = std::span{kFields<kRows>}.first(json), .required = required},
          kFields<kRows>,
          kBindings<kRows>,
          kInOrder<kRows>,
          &kDefaults,
          sizeof(kDefaults)};
}

}  // namespace takt
