// SPDX-License-Identifier: Apache-2.0
// The grammar of JSON, token by token, in memory that the caller lends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "takt/core/json/json_text.h"

namespace takt::json {

enum class Token : std::uint8_t {
  kNull,
  kFalse,
  kTrue,
  kNumber,
  kString,
  kKey,
  kBeginObject,
  kEndObject,
  kBeginArray,
  kEndArray,
};

class TokenHandler {
 public:
  /// `text` is the decoded string or key, or the digits of the number, valid during the call;
  /// `offset` that of the token's first byte.
  virtual void on_token(Token token, std::string_view text, std::size_t offset) = 0;

 protected:
  ~TokenHandler() = default;
};

struct SyntaxError {
  std::size_t offset = 0;
  std::string_view message;  ///< Static storage.
};

/// The bytes that read() works in.
std::size_t scratch_bytes(const Extent& extent);

/// Hands every token to `handler`. `text` must have passed scan() with `extent`; `scratch` must be
/// aligned for std::uint64_t and hold scratch_bytes(extent). No recursion.
std::optional<SyntaxError> read(std::string_view text, const Extent& extent,
                                std::span<std::byte> scratch, TokenHandler& handler);

}  // namespace takt::json
