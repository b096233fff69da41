// SPDX-License-Identifier: Apache-2.0
#include "takt/core/json/json_reader.h"

#include <algorithm>
#include <cstdint>

#include "takt/core/base/assert.h"

#define RAPIDJSON_ASSERT(condition) TAKT_ASSERT(condition)
// The reader would make an allocator for itself only if it were given none.
#define RAPIDJSON_NEW(object) nullptr
#define RAPIDJSON_DELETE(object) static_cast<void>(object)

#include <rapidjson/reader.h>

namespace takt::json {
namespace {

/// Gives the reader the caller's memory. The reader has one block, its stack, and is told to take
/// all of it at once. Running out would be a fault of scratch_bytes(): the reader does not survive
/// a null, hence the assertion.
class OneBlock {
 public:
  explicit OneBlock(std::span<std::byte> block) : block_(block) {}

  void* Malloc(std::size_t size) { return Realloc(nullptr, 0, size); }
  void* Realloc(void* /*old*/, std::size_t /*old_size*/, std::size_t size) {
    TAKT_ASSERT(size <= block_.size());
    return block_.data();
  }
  static void Free(void* /*block*/) {}

 private:
  std::span<std::byte> block_;
};

/// The end of the text reads as '\0'; scan() has made sure that there is no other.
class TextStream {
 public:
  using Ch = char;

  explicit TextStream(std::string_view text) : text_(text), at_(begin_of(text)) {}

  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  char Take() {
    const char c = Peek();
    at_ += at_ < text_.size();
    return c;
  }
  std::size_t Tell() const { return at_; }

  // Writing in place is not for this stream, but the reader's code names these.
  char* PutBegin() { return nullptr; }
  void Put(char /*c*/) {}
  std::size_t PutEnd(char* /*begin*/) { return 0; }

 private:
  std::string_view text_;
  std::size_t at_;
};

/// Adds offsets to the reader's events: each token begins where the one before has ended.
class Events {
 public:
  Events(std::string_view text, const TextStream& stream, TokenHandler& handler)
      : text_(text), stream_(stream), handler_(handler), end_(begin_of(text)) {}

  bool Null() { return hand_on(Token::kNull, {}); }
  bool Bool(bool value) { return hand_on(value ? Token::kTrue : Token::kFalse, {}); }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool /*copy*/) {
    return hand_on(Token::kNumber, {text, size});
  }
  bool String(const char* text, rapidjson::SizeType size, bool /*copy*/) {
    return hand_on(Token::kString, {text, size});
  }
  bool Key(const char* text, rapidjson::SizeType size, bool /*copy*/) {
    return hand_on(Token::kKey, {text, size});
  }
  bool StartObject() { return hand_on(Token::kBeginObject, {}); }
  bool EndObject(rapidjson::SizeType /*count*/) { return hand_on(Token::kEndObject, {}); }
  bool StartArray() { return hand_on(Token::kBeginArray, {}); }
  bool EndArray(rapidjson::SizeType /*count*/) { return hand_on(Token::kEndArray, {}); }

  // With numbers as text the reader never calls these, but its code names them.
  bool Int(int /*value*/) { return false; }
  bool Uint(unsigned /*value*/) { return false; }
  bool Int64(std::int64_t /*value*/) { return false; }
  bool Uint64(std::uint64_t /*value*/) { return false; }
  bool Double(double /*value*/) { return false; }

 private:
  bool hand_on(Token token, std::string_view text) {
    const std::size_t begin = next_token(text_, end_);
    // Of brackets the reader tells before it takes them.
    end_ = std::max(stream_.Tell(), begin + 1);
    handler_.on_token(token, text, begin);
    return true;
  }

  std::string_view text_;
  const TextStream& stream_;
  TokenHandler& handler_;
  std::size_t end_;
};

std::string_view syntax_message(rapidjson::ParseErrorCode code, bool at_end) {
  switch (code) {
    case rapidjson::kParseErrorDocumentEmpty: return "the document is empty";
    case rapidjson::kParseErrorDocumentRootNotSingular: return "the document goes on after its end";
    case rapidjson::kParseErrorNumberTooBig: return "the number is too large";
    default: break;
  }
  if (at_end) return "the document ends too early: it is not complete";
  switch (code) {
    case rapidjson::kParseErrorObjectMissName: return "expected a field name in quotes";
    case rapidjson::kParseErrorObjectMissColon: return "expected ':' after the field name";
    case rapidjson::kParseErrorObjectMissCommaOrCurlyBracket:
      return "expected ',' or '}' after the field";
    case rapidjson::kParseErrorArrayMissCommaOrSquareBracket:
      return "expected ',' or ']' after the element";
    case rapidjson::kParseErrorNumberMissFraction:
      return "expected a digit after the decimal point";
    case rapidjson::kParseErrorNumberMissExponent: return "expected a digit in the exponent";
    default: return "expected a value: a string, number, true, false, null, object or array";
  }
}

}  // namespace

std::size_t scratch_bytes(const Extent& extent) {
  // The reader's stack holds two numbers of 32 bits for each open container and, above them, one
  // decoded token, never longer than its source, with a zero behind it.
  return 2 * sizeof(rapidjson::SizeType) * extent.depth + extent.longest_token + 1;
}

std::optional<SyntaxError> read(std::string_view text, const Extent& extent,
                                std::span<std::byte> scratch, TokenHandler& handler) {
  const std::size_t bytes = scratch_bytes(extent);
  TAKT_ASSERT(scratch.size() >= bytes);
  TAKT_ASSERT(reinterpret_cast<std::uintptr_t>(scratch.data()) % alignof(std::uint64_t) == 0);
  OneBlock block{scratch.first(bytes)};
  rapidjson::GenericReader<rapidjson::UTF8<>, rapidjson::UTF8<>, OneBlock> reader{&block, bytes};
  TextStream stream{text};
  Events events{text, stream, handler};
  constexpr unsigned kFlags =
      rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag;
  const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, events);
  if (!result.IsError()) return std::nullopt;
  // The reader gives the end of the text for what it misses there, even behind white space.
  const std::size_t offset = result.Offset();
  return SyntaxError{offset,
                     syntax_message(result.Code(), next_token(text, offset) >= text.size())};
}

}  // namespace takt::json
