// SPDX-License-Identifier: Apache-2.0
#include "takt/core/json/json_walk.h"

#include <algorithm>

#include "takt/core/base/bits.h"
#include "takt/core/json/duration_text.h"
#include "takt/core/json/names.h"

namespace takt::json {
namespace {

std::string_view name_of(Token token) {
  switch (token) {
    case Token::kNull: return "null";
    case Token::kFalse:
    case Token::kTrue: return "true or false";
    case Token::kNumber: return "a number";
    case Token::kBeginObject: return "an object";
    case Token::kBeginArray: return "an array";
    default: return "a string";
  }
}

std::string_view wanted_by(FieldType type) {
  switch (type) {
    case FieldType::kInteger: return "a whole number";
    case FieldType::kBool: return "true or false";
    case FieldType::kDuration: return "a duration in quotes such as \"1.5s\"";
    case FieldType::kRate: return "a rate in quotes such as \"1.5Hz\"";
    case FieldType::kObject: return "an object";
    case FieldType::kObjects: return "an array of objects";
    case FieldType::kIds: return "an array of strings";
    default: return "a string";
  }
}

bool takes_anything(FieldType type) {
  return type == FieldType::kAny || type == FieldType::kAnyTitle;
}

bool takes_numbers(const Field& field, bool in_units) {
  return in_units || field.type == FieldType::kInteger || field.type == FieldType::kNumbered;
}

bool takes_strings(FieldType type) {
  return type != FieldType::kInteger && type != FieldType::kBool && type != FieldType::kObject &&
         type != FieldType::kObjects && type != FieldType::kIds;
}

}  // namespace

std::string_view unit_behind(FieldType type) {
  if (type == FieldType::kDuration) return "_ms";
  return type == FieldType::kRate ? "_mhz" : "";
}

void append_list(MessageText& message, std::span<const std::string_view> names) {
  std::string_view separator;
  for (const std::string_view name : names) {
    message.append(separator).append("'").append(name).append("'");
    separator = ", ";
  }
}

bool Walker::run(const Extent& extent, std::span<std::byte> scratch) {
  const std::optional<SyntaxError> fault = read(text_, extent, scratch, *this);
  if (fault) reporter_.error({pointer(depth_), fault->offset}, MessageText{fault->message});
  return !fault;
}

PointerText Walker::pointer(std::size_t depth) const {
  PointerText pointer;
  for (const Frame& frame : std::span{frames_}.first(depth)) {
    if (text_[frame.begin] == '[') {
      if (frame.index >= 0) append_pointer(pointer, static_cast<std::uint32_t>(frame.index));
    } else if (frame.key != 0) {
      MessageText key;  // Longer keys than a message are cut, as is the pointer.
      StringDecoder decoder{string_at(text_, frame.key)};
      // Bounded: by the key.
      while (const std::optional<char> c = decoder.next()) key.append({&*c, 1});
      append_pointer(pointer, key.view());
    }
  }
  return pointer;
}

Where Walker::at_field(std::string_view name) const {
  Where where = here();
  TAKT_ASSERT(ended_ != nullptr);
  std::optional<Member> member = find_member(text_, token_at_, name, ended_->letters());
  for (const Field& field : ended_->fields) {
    if (member || field.name != name || unit_behind(field.type).empty()) continue;
    MessageText in_units{name};
    in_units.append(unit_behind(field.type));
    member = find_member(text_, token_at_, in_units.view(), ended_->letters());
  }
  if (!member) return where;
  where.offset = member->value;
  append_pointer(where.pointer, string_at(text_, member->key));
  return where;
}

void Walker::on_token(Token token, std::string_view text, std::size_t offset) {
  token_at_ = offset;
  switch (token) {
    case Token::kKey:
      frames_[depth_ - 1].key = static_cast<std::uint32_t>(offset);
      frames_[depth_ - 1].field = nullptr;
      if (frames_[depth_ - 1].kind == Kind::kObject) on_key(frames_[depth_ - 1], text);
      return;
    case Token::kEndObject:
    case Token::kEndArray: return close();
    default:
      if (depth_ > 0) frames_[depth_ - 1].index += 1;
      if (token == Token::kBeginObject || token == Token::kBeginArray) return open(token);
      return on_value(token, text);
  }
}

void Walker::on_key(Frame& frame, std::string_view name) {
  const Shape& shape = *frame.shape;
  for (const Field& field : shape.fields) {
    const bool exact = same_name(name, field.name, shape.letters());
    const std::string_view unit = unit_behind(field.type);
    const bool in_units = !unit.empty() && name.ends_with(unit) &&
                          name.substr(0, name.size() - unit.size()) == field.name;
    if (!exact && !in_units) continue;
    if (has(frame.seen, field.id)) {
      MessageText message;
      append_quoted(message, name);
      return error(message.append(" is given twice in this object"));
    }
    frame.seen |= bit(field.id);
    frame.field = &field;
    frame.in_units = in_units;
    return;
  }
  if (!shape.lenient) on_unknown_key(frame, name);
}

void Walker::on_unknown_key(const Frame& frame, std::string_view name) {
  MessageText message{"unknown field "};
  append_quoted(message, name);
  message.append(" in ").append(frame.shape->what).append("; valid are ");
  std::string_view separator;
  for (const Field& field : frame.shape->fields) {
    message.append(separator).append(field.name);
    separator = ", ";
  }
  error(message);
}

void Walker::on_value(Token token, std::string_view text) {
  if (depth_ == 0) return error(MessageText{"a program is a JSON object"});
  const Frame& frame = frames_[depth_ - 1];
  if (frame.kind == Kind::kObject) {
    if (frame.field != nullptr) on_scalar(*frame.field, token, text);
  } else if (frame.kind == Kind::kIds) {
    const Frame& parent = frames_[depth_ - 2];
    Value value{text, 0, {}};
    if (token != Token::kString) {
      MessageText message{"must be a string, not "};
      error(message.append(name_of(token)));
    } else if (parse_name(*parent.field, text)) {
      visitor_.value(*this, *parent.shape, *parent.field, value);
    }
  } else if (frame.kind == Kind::kObjects) {
    MessageText message{"must be an object, "};
    error(message.append(frame.shape->what).append(", not ").append(name_of(token)));
  }
}

void Walker::on_scalar(const Field& field, Token token, std::string_view text) {
  const Frame& frame = frames_[depth_ - 1];
  if (field.nullable && token == Token::kNull) {
    frames_[depth_ - 1].nulls |= bit(field.id);
    return;
  }
  if (takes_anything(field.type) && token != Token::kString) return;
  Value value;
  bool good = false;
  if (token == Token::kNumber && takes_numbers(field, frame.in_units)) {
    good = parse_number(field, text, value);
  } else if (!frame.in_units && takes_strings(field.type) && token == Token::kString) {
    good = parse_string(field, text, value);
  } else if (field.type == FieldType::kBool && (token == Token::kTrue || token == Token::kFalse)) {
    value.number = token == Token::kTrue;
    good = true;
  } else {
    return wrong_type(field, frame.in_units, token);
  }
  if (good) visitor_.value(*this, *frame.shape, field, value);
}

void Walker::wrong_type(const Field& field, bool in_units, Token token) {
  const std::string_view unit = in_units ? unit_behind(field.type) : "";
  MessageText message;
  message.append("'").append(field.name).append(unit).append("' must be ");
  message.append(unit == "_ms"    ? "a whole number of milliseconds"
                 : unit == "_mhz" ? "a whole number of millihertz"
                                  : wanted_by(field.type));
  error(message.append(", not ").append(name_of(token)));
}

bool Walker::parse_number(const Field& field, std::string_view text, Value& value) {
  switch (field.type) {
    case FieldType::kDuration:
      if (!parse_integer(text, 0, kMaxDuration / millis(1), value.number)) return false;
      value.duration = millis(value.number);
      return true;
    case FieldType::kNumbered:
      return parse_integer(text, 0, static_cast<std::int64_t>(field.choices.size()) - 1,
                           value.number);
    default: return parse_integer(text, field.least, field.most, value.number);
  }
}

bool Walker::parse_string(const Field& field, std::string_view text, Value& value) {
  value.text = text;
  switch (field.type) {
    case FieldType::kText:
    case FieldType::kAny: return true;
    case FieldType::kDuration: return parse_duration(text, value);
    case FieldType::kRate: return parse_rate(text, value);
    case FieldType::kChoice:
    case FieldType::kNumbered: return parse_choice(field, text, value);
    default: return parse_name(field, text);
  }
}

bool Walker::parse_duration(std::string_view text, Value& value) {
  const std::optional<Micros> duration = takt::parse_duration(text);
  if (duration) {
    value.duration = *duration;
    return true;
  }
  return misread(text,
                 " is not a duration; valid is a number with the unit us, ms, s, m or h, such as "
                 "\"1.5s\", in whole microseconds and at most 2147483647ms");
}

bool Walker::parse_rate(std::string_view text, Value& value) {
  const std::optional<std::uint32_t> rate = takt::parse_rate(text);
  if (rate) {
    value.number = *rate;
    return true;
  }
  return misread(text,
                 " is not a rate; valid is a number with the unit Hz or mHz, such as \"1.5Hz\", in "
                 "whole millihertz");
}

bool Walker::misread(std::string_view text, std::string_view why) {
  MessageText message;
  append_quoted(message, text);
  error(message.append(why));
  return false;
}

bool Walker::parse_choice(const Field& field, std::string_view text, Value& value) {
  const auto found = std::find(field.choices.begin(), field.choices.end(), text);
  value.number = found - field.choices.begin();
  if (found != field.choices.end()) return true;
  MessageText message;
  append_quoted(message, text);
  message.append(" is no valid '").append(field.name).append("'; valid are ");
  append_list(message, field.choices);
  error(message);
  return false;
}

bool Walker::parse_name(const Field& field, std::string_view text) {
  MessageText message;
  message.append("'").append(field.name).append("' ");
  const bool may_be_empty = field.type == FieldType::kTitle || field.type == FieldType::kAnyTitle;
  if (text.empty() && !may_be_empty) {
    error(message.append("must not be empty"));
  } else if (text.size() > kMaxNameBytes) {
    message.append("is too long: ").append(static_cast<std::int64_t>(text.size()));
    message.append(" bytes, the limit is ").append(static_cast<std::int64_t>(kMaxNameBytes));
    error(message);
  } else if (has_control(text)) {
    error(message.append("must not contain control characters"));
  } else if ((field.type == FieldType::kId || field.type == FieldType::kIds) && !is_id(text)) {
    append_quoted(message, text);
    error(message.append(" must consist of letters, digits, '_', '-' and '.'"));
  } else {
    return true;
  }
  return false;
}

bool Walker::parse_integer(std::string_view text, std::int64_t least, std::int64_t most,
                           std::int64_t& number) {
  const bool negative = text.starts_with('-');
  const std::string_view digits = text.substr(negative ? 1 : 0);
  bool whole = !(negative && digits == "0");
  std::int64_t magnitude = 0;
  for (const char digit : digits) {
    whole = whole && digit >= '0' && digit <= '9';
    // Saturates far outside every range.
    if (whole && magnitude < (std::int64_t{1} << 40U)) magnitude = magnitude * 10 + (digit - '0');
  }
  number = negative ? -magnitude : magnitude;
  if (whole && number >= least && number <= most) return true;
  MessageText message{"must be a whole number from "};
  message.append(least).append(" to ").append(most).append(", not ");
  message.append(text.substr(0, 32)).append(text.size() > 32 ? "..." : "");
  error(message);
  return false;
}

void Walker::open(Token token) {
  TAKT_ASSERT(depth_ < frames_.size());
  Frame frame;
  frame.begin = static_cast<std::uint32_t>(token_at_);
  if (depth_ == 0) {
    open_root(token, frame);
  } else {
    open_inside(frames_[depth_ - 1], token, frame);
  }
  if (frame.kind == Kind::kObject) visitor_.begin(*this, *frame.shape);
  frames_[depth_++] = frame;
}

void Walker::open_root(Token token, Frame& frame) {
  frame.shape = token == Token::kBeginObject ? root_.object : root_.elements;
  if (frame.shape == nullptr) {
    error(MessageText{"a program is a JSON object"});
    return;
  }
  frame.kind = token == Token::kBeginObject ? Kind::kObject : Kind::kObjects;
}

void Walker::open_inside(const Frame& parent, Token token, Frame& frame) {
  const bool is_object = token == Token::kBeginObject;
  if (parent.kind == Kind::kObject && parent.field != nullptr) {
    const FieldType type = parent.field->type;
    frame.shape = parent.field->child;
    if (takes_anything(type)) return;
    if (type == FieldType::kObject && is_object) {
      frame.kind = Kind::kObject;
    } else if (type == FieldType::kObjects && !is_object) {
      frame.kind = Kind::kObjects;
    } else if (type == FieldType::kIds && !is_object) {
      frame.kind = Kind::kIds;
    } else {
      wrong_type(*parent.field, parent.in_units, token);
    }
  } else if (parent.kind == Kind::kObjects) {
    frame.shape = parent.shape;
    if (is_object) {
      frame.kind = Kind::kObject;
    } else {
      MessageText message{"must be an object, "};
      error(message.append(parent.shape->what).append(", not an array"));
    }
  } else if (parent.kind == Kind::kIds) {
    MessageText message{"must be a string, not "};
    error(message.append(name_of(token)));
  }
}

void Walker::close() {
  depth_ -= 1;
  const Frame& frame = frames_[depth_];
  if (frame.kind == Kind::kObject) end_object(frame);
}

void Walker::end_object(const Frame& frame) {
  token_at_ = frame.begin;
  for (const Field& field : frame.shape->fields) {
    const std::uint32_t bit = 1U << field.id;
    if ((frame.shape->required & bit & ~frame.seen) == 0) continue;
    MessageText message{frame.shape->what};
    error(message.append(" must have the field '").append(field.name).append("'"));
  }
  ended_ = frame.shape;
  visitor_.end(*this, *frame.shape, frame.seen & ~frame.nulls);
  ended_ = nullptr;
}

}  // namespace takt::json
