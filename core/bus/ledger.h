// SPDX-License-Identifier: Apache-2.0
// Which references a module has kept, so that they can be returned when it no longer can.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "takt/core/bus/handle.h"

namespace takt::bus {

/// One module's kept references, at most as many as it has entries. The context that strikes an
/// entry out owes the release. The module's destructor and its recovery may race, and exactly one
/// wins.
class Ledger {
 public:
  using Entry = std::atomic<std::uint32_t>;

  /// Where the entries lie; they outlive the ledger. Requires that none is in use.
  void use(std::span<Entry> memory) { memory_ = memory; }
  std::size_t capacity() const { return memory_.size(); }
  /// How many of them may be used. Requires limit <= capacity(), and that none is in use.
  void set_limit(std::size_t limit) { entries_ = memory_.first(limit); }

  /// False if every entry is in use: the module already holds its share.
  bool enter(Handle handle) { return replace(0, handle.word()); }

  /// False if there is no such entry: released before, or taken away by recovery.
  bool strike(Handle handle) { return replace(handle.word(), 0); }

  /// Takes any one entry out; the zero handle if none is left.
  Handle strike_any() {
    for (Entry& entry : entries_) {
      if (const std::uint32_t word = entry.exchange(0, std::memory_order_acq_rel); word != 0) {
        return Handle{word};
      }
    }
    return Handle{};
  }

  unsigned held() const {
    unsigned count = 0;
    for (const Entry& entry : entries_) count += entry.load(std::memory_order_relaxed) != 0;
    return count;
  }

 private:
  bool replace(std::uint32_t from, std::uint32_t to) {
    for (Entry& entry : entries_) {
      std::uint32_t expected = from;
      if (entry.load(std::memory_order_relaxed) == from &&
          entry.compare_exchange_strong(expected, to, std::memory_order_acq_rel)) {
        return true;
      }
    }
    return false;
  }

  std::span<Entry> memory_;
  std::span<Entry> entries_;
};

}  // namespace takt::bus
