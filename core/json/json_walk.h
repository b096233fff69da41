// SPDX-License-Identifier: Apache-2.0
// Reads a document by a table of what may stand in it, and says where it does not.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "takt/core/base/time.h"
#include "takt/core/json/json_reader.h"
#include "takt/core/json/limits.h"
#include "takt/core/json/report.h"

namespace takt::json {

enum class FieldType : std::uint8_t {
  kText,      ///< Any string.
  kAny,       ///< Anything; given if it is a string.
  kName,      ///< A string to keep: 1 to kMaxNameBytes bytes, no control characters.
  kTitle,     ///< As kName, or empty.
  kAnyTitle,  ///< As kTitle if it is a string, else read over.
  kId,        ///< A name of letters, digits, '_', '-' and '.', so that it can head a column.
  kInteger,   ///< `least` to `most`.
  kBool,
  kChoice,    ///< One of `choices`; given as its index.
  kNumbered,  ///< As kChoice, or the index itself as a number.
  kDuration,  ///< "1.5s", or in milliseconds under the field's name with "_ms" behind it.
  kRate,      ///< "1.5Hz", or in millihertz under the field's name with "_mhz" behind it.
  kObject,    ///< Of `child`.
  kObjects,   ///< An array of objects of `child`.
  kIds,       ///< An array of kId.
};

struct Shape;

struct Field {
  std::string_view name;
  std::uint8_t id = 0;  ///< Below 32, unique in its shape.
  FieldType type = FieldType::kText;
  bool nullable = false;  ///< null is as good as absent.
  const Shape* child = nullptr;
  std::span<const std::string_view> choices{};
  std::int64_t least = 0;
  std::int64_t most = std::numeric_limits<std::int32_t>::max();
};

/// What an object may hold.
struct Shape {
  std::string_view what;  ///< With its article: "a phase".
  std::span<const Field> fields;
  std::uint32_t required = 0;  ///< Bit i: the field with id i.
  /// Unknown fields are read over, and names match in any case: as the CycleOptima firmware does.
  bool lenient = false;

  Case letters() const { return lenient ? Case::kIgnored : Case::kExact; }
};

/// A value that fits its field.
struct Value {
  std::string_view text;    ///< Of everything that is a string; of kIds each element.
  std::int64_t number = 0;  ///< Of kInteger; of kBool 0 or 1; of choices the index; of kRate mHz.
  Micros duration;
};

class Walker;

/// Takes what a document holds. The Walker reports values that do not fit, and does not give them.
class Visitor {
 public:
  virtual void begin(const Walker& at, const Shape& shape) = 0;
  virtual void value(const Walker& at, const Shape& shape, const Field& field,
                     const Value& value) = 0;
  /// `seen`: bit i is set if the field with id i was there, fitting or not.
  virtual void end(const Walker& at, const Shape& shape, std::uint32_t seen) = 0;

 protected:
  ~Visitor() = default;
};

/// One walk through a document. Reports wrong types and values, unknown, missing and duplicate
/// fields; the Visitor reports what no table can say.
class Walker : private TokenHandler {
 public:
  /// A document is one object of `object`, or an array of objects of `elements`; null: not valid.
  struct Root {
    const Shape* object = nullptr;
    const Shape* elements = nullptr;
  };

  Walker(std::string_view text, Root root, Visitor& visitor, Reporter& reporter)
      : text_(text), root_(root), visitor_(visitor), reporter_(reporter) {}

  /// As json::read(); false: there was an error in the syntax. The Reporter knows the rest.
  bool run(const Extent& extent, std::span<std::byte> scratch);

  /// Places for the visitor's own reports. In value(): the value. In begin() and end(): the object.
  Where here() const { return {pointer(depth_), token_at_}; }
  /// In end(): a field of the object that ends. Absent fields are at their object.
  Where at_field(std::string_view name) const;

  Reporter& reporter() const { return reporter_; }
  std::string_view text() const { return text_; }
  /// The first byte of the value in value(), of the object in begin() and end().
  std::size_t offset() const { return token_at_; }

 private:
  enum class Kind : std::uint8_t { kObject, kObjects, kIds, kSkipped };

  struct Frame {
    Kind kind = Kind::kSkipped;
    const Shape* shape = nullptr;  ///< Of the object, or of the elements.
    const Field* field = nullptr;  ///< Of an object: what the value is for; null: read over.
    std::uint32_t begin = 0;
    std::uint32_t key = 0;    ///< Of an object: offset of the latest key; 0: none yet.
    std::uint32_t seen = 0;   ///< Of an object: bits of the fields so far.
    std::uint32_t nulls = 0;  ///< Of those, the ones that count as absent.
    std::int32_t index = -1;  ///< Of an array: the element.
    bool in_units = false;    ///< A number under the name with its unit behind it.
  };

  void on_token(Token token, std::string_view text, std::size_t offset) override;
  void on_key(Frame& frame, std::string_view name);
  void on_unknown_key(const Frame& frame, std::string_view name);
  void on_value(Token token, std::string_view text);
  void on_scalar(const Field& field, Token token, std::string_view text);
  void open(Token token);
  void open_root(Token token, Frame& frame);
  void open_inside(const Frame& parent, Token token, Frame& frame);
  void close();
  void end_object(const Frame& frame);

  bool parse_number(const Field& field, std::string_view text, Value& value);
  bool parse_string(const Field& field, std::string_view text, Value& value);
  bool parse_duration(std::string_view text, Value& value);
  bool parse_rate(std::string_view text, Value& value);
  bool parse_choice(const Field& field, std::string_view text, Value& value);
  bool parse_name(const Field& field, std::string_view text);
  bool parse_integer(std::string_view text, std::int64_t least, std::int64_t most,
                     std::int64_t& number);
  void wrong_type(const Field& field, bool in_units, Token token);
  /// Reports `text`, and behind it why it is not valid; false.
  bool misread(std::string_view text, std::string_view why);
  void error(const MessageText& message) { reporter_.error(here(), message); }

  PointerText pointer(std::size_t depth) const;

  std::string_view text_;
  Root root_;
  Visitor& visitor_;
  Reporter& reporter_;
  std::array<Frame, kMaxJsonDepth> frames_{};
  std::size_t depth_ = 0;
  std::size_t token_at_ = 0;
  const Shape* ended_ = nullptr;  ///< The object that ends, during end().
};

/// What stands behind the name of a field whose value is a number in a unit; "" for most types.
std::string_view unit_behind(FieldType type);

/// "'a', 'b', 'c'".
void append_list(MessageText& message, std::span<const std::string_view> names);

}  // namespace takt::json
