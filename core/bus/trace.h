// SPDX-License-Identifier: Apache-2.0
// A record of what happened to each message, for a viewer of Chrome or Perfetto traces.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <span>
#include <string_view>

#include "takt/core/base/time.h"
#include "takt/core/bus/handle.h"

namespace takt::bus {

/// Keeps the newest instants in a ring. record() costs one atomic increment and four stores, and
/// may be called from any context; the bus without a trace pays one load per instant.
class Trace {
 public:
  enum class Kind : std::uint8_t { kPublish, kEnqueue, kReceive, kRelease };

  /// What happened, to which message, where (kPublish: topic; kEnqueue: queue; kReceive and
  /// kRelease: module), by whom it was published, and when.
  struct Instant {
    Kind kind = Kind::kPublish;
    Handle handle;
    std::uint8_t place = 0;
    ModuleId source = kNobody;
    LocalTime time;
  };

  /// One instant in memory: words, so that a reader who meets a writer notices and skips it.
  struct Entry {
    std::atomic<std::uint32_t> turn{0};
    std::array<std::atomic<std::uint32_t>, 4> words{};
  };

  /// `entries` outlive the trace; requires one at least.
  explicit Trace(std::span<Entry> entries) : entries_(entries) {}

  void record(const Instant& instant);

  /// Instants recorded since the start, modulo 2^31; the newest entries.size() are kept.
  std::uint32_t recorded() const { return next_.load(std::memory_order_relaxed); }

  /// Calls `visit(const Instant&)` for each kept instant, oldest first. An instant that is being
  /// overwritten meanwhile is left out.
  template <typename Visit>
  void for_each(Visit visit) const {
    const std::uint32_t end = recorded();
    const auto size = static_cast<std::uint32_t>(entries_.size());
    for (std::uint32_t n = end < size ? 0 : end - size; n != end; ++n) {
      Instant instant;
      if (read(n, instant)) visit(instant);
    }
  }

 private:
  bool read(std::uint32_t number, Instant& instant) const;

  std::span<Entry> entries_;
  std::atomic<std::uint32_t> next_{0};
};

}  // namespace takt::bus
