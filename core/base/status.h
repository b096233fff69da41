// SPDX-License-Identifier: Apache-2.0
// Faults of the world as values.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "takt/core/base/assert.h"

namespace takt {

// Ahead of the definition, because clang-format 14 cannot lay out an enum with an attribute.
enum class [[nodiscard]] Status : std::uint8_t;

enum class Status : std::uint8_t {
  kOk,
  kBusy,         ///< Not now: something else is running; nothing was changed.
  kNotLoaded,    ///< There is nothing to act on.
  kOutOfRange,   ///< A value lies outside what its description allows.
  kTooLarge,     ///< A stated limit, or the room in the caller's buffer, is exceeded.
  kNoMemory,     ///< The region, pool or budget has no room left.
  kCorrupt,      ///< Bytes that fail their own checksum or structure.
  kUnsupported,  ///< Well-formed, but of a version or kind that this build does not know.
  kTooFast,      ///< Events come faster than the stated refill latency allows.
  kTimeout,      ///< The deadline of the whole operation passed.
  kIo,           ///< A file, port or device failed.
};

/// A short lower-case name, for logs and JSON; static storage.
std::string_view name_of(Status status);

/// A value, or the reason why there is none.
template <typename T>
class [[nodiscard]] Result {
 public:
  // Both conversions are implicit on purpose: `return value;` and `return Status::kBusy;`.
  Result(T value) : value_(std::move(value)) {}
  Result(Status error) : status_(error) { TAKT_ASSERT(error != Status::kOk); }

  bool ok() const { return value_.has_value(); }
  Status status() const { return status_; }

  /// The value; asking a failed result for it is a fault of the programmer.
  T& value() {
    TAKT_ASSERT(ok());
    return *value_;
  }
  const T& value() const {
    TAKT_ASSERT(ok());
    return *value_;
  }

 private:
  std::optional<T> value_;
  Status status_ = Status::kOk;
};

}  // namespace takt
