// SPDX-License-Identifier: Apache-2.0
// JSON as bytes: what can be known of a text without its grammar, and finding places in it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "takt/core/base/status.h"
#include "takt/core/json/report.h"

namespace takt::json {

enum class Case : std::uint8_t { kExact, kIgnored };

/// Whether two names are equal; `Case` is that of ASCII letters.
bool same_name(std::string_view a, std::string_view b, Case letters);

/// Where the text begins: behind a byte order mark, if there is one.
std::size_t begin_of(std::string_view text);

/// How deep a text nests, and how long its tokens are.
struct Extent {
  std::size_t depth = 0;          ///< Containers inside each other.
  std::size_t longest_token = 0;  ///< Bytes of the longest string or number, escapes included.
};

/// Checks what the grammar parser does not: limits of depth and length, UTF-8, control characters,
/// escapes with their surrogate pairs. Reports the first fault. Cost: one pass, no memory.
/// - kCorrupt: not JSON.
/// - kTooLarge: a limit of limits.h is exceeded.
Result<Extent> scan(std::string_view text, Reporter& reporter);

/// Decodes a string literal of a scanned text byte by byte, without memory.
class StringDecoder {
 public:
  /// `raw` stands between the quotes.
  explicit StringDecoder(std::string_view raw) : rest_(raw) {}

  /// The next byte of the decoded string, or nothing at its end.
  std::optional<char> next();

 private:
  std::string_view rest_;
  std::array<char, 4> bytes_{};  ///< Of the escape that is being given out.
  std::uint8_t count_ = 0;
  std::uint8_t given_ = 0;
};

/// The functions below read texts that passed scan(), and, as far as they walk, the grammar. The
/// offset of a value or key is that of its first byte.

/// The first byte of the next token at or after `offset`; commas and colons are no tokens here.
std::size_t next_token(std::string_view text, std::size_t offset);

/// What stands between the quotes of the string that begins at `offset`.
std::string_view string_at(std::string_view text, std::size_t offset);

/// Whether the string literal at `offset` decodes to `name`.
bool string_equals(std::string_view text, std::size_t offset, std::string_view name, Case letters);
/// Whether two string literals decode to the same text.
bool strings_equal(std::string_view text, std::size_t offset_a, std::size_t offset_b);

/// The offset behind the value that begins at `offset`.
std::size_t skip_value(std::string_view text, std::size_t offset);

struct Member {
  std::size_t key = 0;
  std::size_t value = 0;
};

/// The first member of that name of the object at `object`.
std::optional<Member> find_member(std::string_view text, std::size_t object, std::string_view name,
                                  Case letters);
/// The element of the array at `array`.
std::optional<std::size_t> find_element(std::string_view text, std::size_t array,
                                        std::uint32_t index);

}  // namespace takt::json
