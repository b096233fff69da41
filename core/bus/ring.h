// SPDX-License-Identifier: Apache-2.0
// A bounded lock-free queue of handles.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "takt/core/bus/handle.h"
#include "takt/core/bus/slot.h"

namespace takt::bus {

/// Many producers and one consumer; if the front is shared, others may take from it as well: to
/// displace, or to empty the queue of a consumer that hangs. After D. Vyukov's bounded queue: each
/// cell's sequence word says whose turn it is.
///
/// Positions count in steps of two from zero and wrap. The low bit of `tail_` is set while the
/// ring is closed, so closing and the last accepted push are ordered by one word: after close()
/// returns, nothing can enter. Cells and kind stay with the ring forever, so a producer that was
/// delayed between looking up the ring and pushing does no harm, whatever happened meanwhile.
///
/// Context.  push() and pop() never wait and may be called from interrupts. A producer that is
///           interrupted between claiming a cell and filling it hides what lies behind from the
///           consumer until it resumes; other producers are not held up.
class alignas(kCacheLine) Ring {
 public:
  struct Cell {
    std::atomic<std::uint32_t> turn{0};
    std::uint32_t handle = 0;
  };

  enum class Push : std::uint8_t { kDone, kFull, kClosed };

  /// How many cells a ring of `depth` needs: a power of two, and two at least, because with a
  /// single cell "filled" and "free for the next lap" would be the same turn.
  static constexpr std::uint32_t cells_for(std::uint32_t depth) {
    std::uint32_t cells = 2;
    // Bounded: by the bits of `depth`.
    while (cells < depth) cells *= 2;
    return cells;
  }

  /// Gives a new ring its cells for good. Requires a power of two, 2 at least. Stays closed. Unless
  /// the front is shared, pop() saves a locked instruction, and only one task at a time may call
  /// it.
  void use(std::span<Cell> cells, bool shared_front) {
    shared_front_ = shared_front;
    cells_ = cells.data();
    mask_ = static_cast<std::uint32_t>(cells.size()) - 1;
    for (std::uint32_t i = 0; i <= mask_; ++i) cells_[i].turn.store(2 * i);
  }
  bool shared_front() const { return shared_front_; }
  std::uint32_t cell_count() const { return cells_ == nullptr ? 0 : mask_ + 1; }

  /// How many handles may be inside at a time; what is inside already stays.
  void set_depth(std::uint32_t depth) {
    depth_.store(depth, std::memory_order_relaxed);
    limit_.store(depth > mask_ ? 0 : 2 * depth, std::memory_order_relaxed);
  }

  /// Accepts pushes from now on.
  void open() { tail_.fetch_and(~kClosed); }

  /// Nothing enters any more; what is inside stays until popped.
  void close() { tail_.fetch_or(kClosed); }

  /// True if nothing is inside and no producer is about to fill a cell.
  bool drained() const { return head_.load() == (tail_.load() & ~kClosed); }

  Push push(Handle handle) {
    std::uint32_t tail = tail_.load(std::memory_order_relaxed);
    // Bounded: another round means that another caller was faster; there are as few as tasks.
    for (;;) {
      if ((tail & kClosed) != 0) return Push::kClosed;
      Cell& cell = cells_[tail / 2 & mask_];
      const auto lap = static_cast<std::int32_t>(cell.turn.load(std::memory_order_acquire) - tail);
      if (lap < 0 || beyond_limit(tail)) return Push::kFull;
      if (lap > 0) {
        tail = tail_.load(std::memory_order_relaxed);
        continue;
      }
      if (tail_.compare_exchange_weak(tail, tail + 2, std::memory_order_seq_cst,
                                      std::memory_order_relaxed)) {
        cell.handle = handle.word();
        cell.turn.store(tail | kFilled, std::memory_order_release);
        return Push::kDone;
      }
    }
  }

  /// The oldest handle; the zero handle if the ring is empty, or the producer has not filled the
  /// cell yet.
  Handle pop() {
    if (shared_front_) [[unlikely]]
      return pop_shared();
    const std::uint32_t head = head_.load(std::memory_order_relaxed);
    Cell& cell = cells_[head / 2 & mask_];
    if (cell.turn.load(std::memory_order_acquire) != (head | kFilled)) return Handle{};
    const Handle handle{cell.handle};
    head_.store(head + 2, std::memory_order_relaxed);
    cell.turn.store(head + 2 * (mask_ + 1), std::memory_order_release);
    return handle;
  }

  /// Handles inside, those being filled included. From the consumer: never less than it can pop;
  /// from elsewhere: a moment's figure.
  std::uint32_t length() const {
    const std::uint32_t head = head_.load(std::memory_order_seq_cst);
    return ((tail_.load(std::memory_order_seq_cst) & ~kClosed) - head) / 2;
  }
  std::uint32_t depth() const { return depth_.load(std::memory_order_relaxed); }

  /// Handles ever accepted, modulo 2^31.
  std::uint32_t accepted() const { return tail_.load(std::memory_order_relaxed) / 2; }

 private:
  [[gnu::noinline]] Handle pop_shared() {
    std::uint32_t head = head_.load(std::memory_order_relaxed);
    // Bounded: another round means that another caller was faster; there are as few as tasks.
    for (;;) {
      Cell& cell = cells_[head / 2 & mask_];
      const auto lap =
          static_cast<std::int32_t>(cell.turn.load(std::memory_order_acquire) - (head | kFilled));
      if (lap < 0) return Handle{};
      if (lap > 0) {
        head = head_.load(std::memory_order_relaxed);
        continue;
      }
      if (head_.compare_exchange_weak(head, head + 2, std::memory_order_seq_cst,
                                      std::memory_order_relaxed)) {
        const Handle handle{cell.handle};
        cell.turn.store(head + 2 * (mask_ + 1), std::memory_order_release);
        return handle;
      }
    }
  }

  static constexpr std::uint32_t kClosed = 1;  // In a tail.
  static constexpr std::uint32_t kFilled = 1;  // In a turn.

  bool beyond_limit(std::uint32_t tail) const {
    const std::uint32_t limit = limit_.load(std::memory_order_relaxed);
    if (limit == 0) return false;
    // Signed: if `tail` is out of date, the head may be past it, and the claim below will fail.
    const std::uint32_t inside = tail - head_.load(std::memory_order_relaxed);
    return static_cast<std::int32_t>(inside) >= static_cast<std::int32_t>(limit);
  }

  alignas(kCacheLine) std::atomic<std::uint32_t> tail_{kClosed};
  std::uint32_t mask_ = 0;
  Cell* cells_ = nullptr;
  std::atomic<std::uint32_t> limit_{0};  // Twice the depth; 0 if that is all cells.
  std::atomic<std::uint32_t> depth_{0};
  bool shared_front_ = true;
  alignas(kCacheLine) std::atomic<std::uint32_t> head_{0};
};

}  // namespace takt::bus
