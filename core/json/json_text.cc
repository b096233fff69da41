// SPDX-License-Identifier: Apache-2.0
#include "takt/core/json/json_text.h"

#include <algorithm>

#include "takt/core/base/utf8.h"
#include "takt/core/json/limits.h"

namespace takt::json {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// -1: not a hexadecimal digit.
int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char l = lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

/// The code unit of the four digits at the start of `text`; -1: there are no four digits.
int code_unit(std::string_view text) {
  if (text.size() < 4) return -1;
  int unit = 0;
  for (const char c : text.substr(0, 4)) {
    const int digit = hex_digit(c);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

bool is_high_surrogate(int unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool is_low_surrogate(int unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

void append_byte(MessageText& message, char byte) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto value = static_cast<unsigned char>(byte);
  message.append("0x")
      .append(kDigits.substr(value >> 4U, 1))
      .append(kDigits.substr(value & 15U, 1));
}

class Scanner {
 public:
  Scanner(std::string_view text, Reporter& reporter) : text_(text), reporter_(reporter) {}

  Result<Extent> run() {
    at_ = begin_of(text_);
    while (at_ < text_.size() && status_ == Status::kOk) step();
    if (status_ != Status::kOk) return status_;
    return extent_;
  }

 private:
  void step() {
    const char c = text_[at_];
    if (c == '"') return string();
    if (c == '{' || c == '[') {
      open_ += 1;
      extent_.depth = std::max(extent_.depth, open_);
      if (open_ > kMaxJsonDepth) return too_deep();
    } else if (c == '}' || c == ']') {
      open_ -= open_ > 0;  // One too many is a matter of grammar.
    } else if (!is_space(c) && c != ',' && c != ':') {
      return word();
    }
    at_ += 1;
  }

  void too_deep() {
    MessageText message{"objects and arrays are nested too deep; the limit is "};
    message.append(static_cast<std::int64_t>(kMaxJsonDepth));
    fail(Status::kTooLarge, at_, message);
  }

  /// A number or literal: only its characters and its length are looked at.
  void word() {
    const std::size_t first = at_;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      const char l = lower(c);
      const bool part =
          (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.';
      if (!part) break;
      at_ += 1;
    }
    if (at_ == first) {
      MessageText message{"unexpected byte "};
      append_byte(message, text_[at_]);
      message.append(" outside a string");
      return fail(Status::kCorrupt, at_, message);
    }
    token(first, at_ - first);
  }

  void string() {
    const std::size_t first = at_;
    at_ += 1;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] == '\\') {
        if (!escape()) return;
      } else if (static_cast<unsigned char>(text_[at_]) < 0x20) {
        MessageText message{"a string contains the control character "};
        append_byte(message, text_[at_]);
        message.append("; write it as an escape, or close the string");
        return fail(Status::kCorrupt, at_, message);
      } else {
        const std::size_t length = utf8_sequence(text_.substr(at_));
        if (length == 0) {
          MessageText message{"a string is not valid UTF-8: byte "};
          append_byte(message, text_[at_]);
          return fail(Status::kCorrupt, at_, message);
        }
        at_ += length;
      }
    }
    if (at_ >= text_.size()) {
      return fail(Status::kCorrupt, first, MessageText{"a string has no closing quote"});
    }
    at_ += 1;
    token(first, at_ - first - 2);
  }

  bool escape() {
    constexpr std::string_view kSingle = "\"\\/bfnrt";
    const std::string_view rest = text_.substr(at_ + 1);
    if (!rest.empty() && kSingle.find(rest[0]) != std::string_view::npos) {
      at_ += 2;
      return true;
    }
    const int unit = rest.starts_with('u') ? code_unit(rest.substr(1)) : -1;
    const bool pair = is_high_surrogate(unit) && rest.size() >= 11 && rest[5] == '\\' &&
                      rest[6] == 'u' && is_low_surrogate(code_unit(rest.substr(7)));
    const bool alone = unit >= 0 && !is_high_surrogate(unit) && !is_low_surrogate(unit);
    if (!pair && !alone) {
      const char* const what = unit < 0 ? "a string has an unknown escape; valid are \\\" \\\\ \\/ "
                                          "\\b \\f \\n \\r \\t and \\u with four digits"
                                        : "a string has half a surrogate pair";
      fail(Status::kCorrupt, at_, MessageText{what});
      return false;
    }
    at_ += pair ? 12 : 6;
    return true;
  }

  void token(std::size_t first, std::size_t length) {
    extent_.longest_token = std::max(extent_.longest_token, length);
    if (length <= kMaxJsonStringBytes) return;
    MessageText message{"a string or number is too long; the limit is "};
    message.append(static_cast<std::int64_t>(kMaxJsonStringBytes)).append(" bytes");
    fail(Status::kTooLarge, first, message);
  }

  void fail(Status status, std::size_t offset, const MessageText& message) {
    status_ = status;
    Where where;
    where.offset = offset;
    reporter_.error(where, message);
  }

  std::string_view text_;
  Reporter& reporter_;
  Extent extent_;
  std::size_t at_ = 0;
  std::size_t open_ = 0;
  Status status_ = Status::kOk;
};

}  // namespace

bool same_name(std::string_view a, std::string_view b, Case letters) {
  if (letters == Case::kExact) return a == b;
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::size_t begin_of(std::string_view text) {
  return text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
}

Result<Extent> scan(std::string_view text, Reporter& reporter) {
  return Scanner(text, reporter).run();
}

std::optional<char> StringDecoder::next() {
  if (given_ < count_) return bytes_[given_++];
  if (rest_.empty()) return std::nullopt;
  const char first = rest_[0];
  if (first != '\\' || rest_.size() < 2) {
    rest_.remove_prefix(1);
    return first;
  }
  constexpr std::string_view kNames = "bfnrt";
  constexpr std::string_view kMeant = "\b\f\n\r\t";
  const char kind = rest_[1];
  rest_.remove_prefix(2);
  if (kind != 'u') {
    const std::size_t i = kNames.find(kind);
    return i == std::string_view::npos ? kind : kMeant[i];
  }
  auto code = static_cast<std::uint32_t>(std::max(code_unit(rest_), 0));
  rest_.remove_prefix(std::min<std::size_t>(rest_.size(), 4));
  if (is_high_surrogate(static_cast<int>(code)) && rest_.size() >= 6) {
    const auto low = static_cast<std::uint32_t>(std::max(code_unit(rest_.substr(2)), 0));
    code = 0x10000U + ((code - 0xD800U) << 10U) + ((low - 0xDC00U) & 0x3FFU);
    rest_.remove_prefix(6);
  }
  const auto tail = [&](unsigned shift) {
    return static_cast<char>(0x80U | ((code >> shift) & 0x3FU));
  };
  given_ = 1;
  if (code < 0x80) {
    count_ = 1;
    bytes_ = {static_cast<char>(code)};
  } else if (code < 0x800) {
    count_ = 2;
    bytes_ = {static_cast<char>(0xC0U | code >> 6U), tail(0)};
  } else if (code < 0x10000) {
    count_ = 3;
    bytes_ = {static_cast<char>(0xE0U | code >> 12U), tail(6), tail(0)};
  } else {
    count_ = 4;
    bytes_ = {static_cast<char>(0xF0U | code >> 18U), tail(12), tail(6), tail(0)};
  }
  return bytes_[0];
}

std::size_t next_token(std::string_view text, std::size_t offset) {
  while (offset < text.size() &&
         (is_space(text[offset]) || text[offset] == ',' || text[offset] == ':')) {
    offset += 1;
  }
  return offset;
}

std::string_view string_at(std::string_view text, std::size_t offset) {
  std::size_t end = offset + 1;
  while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
  return text.substr(offset + 1, end - offset - 1);
}

bool string_equals(std::string_view text, std::size_t offset, std::string_view name, Case letters) {
  StringDecoder decoder{string_at(text, offset)};
  for (const char expected : name) {
    const std::optional<char> c = decoder.next();
    if (!c || !same_name({&*c, 1}, {&expected, 1}, letters)) return false;
  }
  return !decoder.next();
}

bool strings_equal(std::string_view text, std::size_t offset_a, std::size_t offset_b) {
  StringDecoder a{string_at(text, offset_a)};
  StringDecoder b{string_at(text, offset_b)};
  // Bounded: by the shorter string.
  for (;;) {
    const std::optional<char> c = a.next();
    if (c != b.next()) return false;
    if (!c) return true;
  }
}

std::size_t skip_value(std::string_view text, std::size_t offset) {
  std::size_t open = 0;
  while (offset < text.size()) {
    const char c = text[offset];
    if (c == '"') {
      offset += string_at(text, offset).size() + 2;
    } else if (c == '{' || c == '[') {
      open += 1;
      offset += 1;
    } else if (c == '}' || c == ']') {
      if (open == 0) return offset;  // The end of the container that the value would be in.
      open -= 1;
      offset += 1;
    } else {
      const std::size_t end = text.find_first_of(" \t\n\r,:{}[]\"", offset);
      offset = std::min(end, text.size());
    }
    if (open == 0) return offset;
    offset = next_token(text, offset);
  }
  return text.size();
}

std::optional<Member> find_member(std::string_view text, std::size_t object, std::string_view name,
                                  Case letters) {
  if (object >= text.size() || text[object] != '{') return std::nullopt;
  std::size_t at = next_token(text, object + 1);
  while (at < text.size() && text[at] == '"') {
    const std::size_t value = next_token(text, skip_value(text, at));
    if (string_equals(text, at, name, letters)) return Member{at, value};
    at = next_token(text, skip_value(text, value));
  }
  return std::nullopt;
}

std::optional<std::size_t> find_element(std::string_view text, std::size_t array,
                                        std::uint32_t index) {
  if (array >= text.size() || text[array] != '[') return std::nullopt;
  std::size_t at = next_token(text, array + 1);
  for (std::uint32_t i = 0; at < text.size() && text[at] != ']'; ++i) {
    if (i == index) return at;
    at = next_token(text, skip_value(text, at));
  }
  return std::nullopt;
}

}  // namespace takt::json
