// SPDX-License-Identifier: Apache-2.0
// The receiving side of the bus.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include "takt/core/base/assert.h"
#include "takt/core/base/time.h"
#include "takt/core/bus/records.h"
#include "takt/core/bus/reference.h"
#include "takt/core/bus/trace.h"

namespace takt::bus {

/// A message in the hands of its consumer; given back by the destructor.
class Delivery {
 public:
  Delivery() = default;
  Delivery(Delivery&& other) noexcept
      : record_(std::exchange(other.record_, nullptr)),
        slot_(other.slot_),
        handle_(other.handle_),
        module_(other.module_) {}
  Delivery& operator=(Delivery&& other) noexcept;
  Delivery(const Delivery&) = delete;
  ~Delivery() {
    if (record_ != nullptr) release();
  }

  explicit operator bool() const { return record_ != nullptr; }
  /// Requires a message. The view must not outlive this delivery.
  Message message() const {
    TAKT_ASSERT(record_ != nullptr);
    return {handle_, *slot_, module_};
  }

 private:
  friend class Consumer;
  Delivery(ModuleRecord& record, Slot& slot, Handle handle, ModuleId module)
      : record_(&record), slot_(&slot), handle_(handle), module_(module) {}
  void release();

  ModuleRecord* record_ = nullptr;
  Slot* slot_ = nullptr;
  Handle handle_;
  ModuleId module_ = kNobody;
};

/// The source of one module's messages. Registry::consumer() makes this value; it stays valid until
/// the module has been removed.
///
/// Context.  The task of that module.
class Consumer {
 public:
  /// Belongs to no module: only module() may be called.
  Consumer() = default;

  /// kNobody: it belongs to no module.
  ModuleId module() const { return id_; }

  /// The next message, control lane first, then the queues in turn; empty if none. Requires that
  /// the delivery before is gone: a module has one message in hand.
  Delivery take(LocalTime now);
  /// Releases it and notes for the trace when that was; the destructor only releases.
  void finish(Delivery&& delivery, LocalTime now);

 private:
  friend class Executor;
  friend class Registry;

  Consumer(Records& records, ModuleId id) : records_(&records), record_(&records.of(id)), id_(id) {}

  Item pop(QueueRecord& queue, LocalTime now);
  Item pop_in_turn(LocalTime now);
  bool is_wanted(const QueueRecord& queue, const Slot& slot) const;
  bool restart();

  Records* records_ = nullptr;
  ModuleRecord* record_ = nullptr;
  ModuleId id_ = kNobody;
};

// The straight path, inline: one queue per module.

inline Item Consumer::pop(QueueRecord& queue, LocalTime now) {
  // Bounded: by the queue, as every round takes one out.
  for (;;) {
    const Handle handle = queue.ring.pop();
    if (!handle) return {};
    // Before anything else, so that recovery finds it whatever happens next.
    record_->current.store(handle.word(), std::memory_order_relaxed);
    if (queue.has_waiters) queue.space.signal_after_store(records_->pool.waiter());
    Slot* slot = records_->pool.read_own(handle);
    if (slot == nullptr || (queue.second_hand && !is_wanted(queue, *slot))) [[unlikely]] {
      queue.discard(slot, handle);
      continue;
    }
    queue.lengths.add(1 + queue.ring.length());
    queue.age.add(now - slot->header.published);
    return {slot, handle};
  }
}

inline Delivery Consumer::take(LocalTime now) {
  ModuleRecord& record = *record_;
  TAKT_ASSERT(record.current.load(std::memory_order_relaxed) == 0);
  const Item item = record.queue_count == 1 ? pop(*record.queues[0], now) : pop_in_turn(now);
  if (item.slot == nullptr) {
    record.current.store(0, std::memory_order_relaxed);
    return {};
  }
  if (Trace* trace = records_->tracing(); trace != nullptr) [[unlikely]] {
    trace->record({Trace::Kind::kReceive, item.handle, id_, item.slot->header.source, now});
  }
  return {record, *item.slot, item.handle, id_};
}

inline void Consumer::finish(Delivery&& delivery, LocalTime now) {
  if (!delivery) return;
  if (Trace* trace = records_->tracing(); trace != nullptr) [[unlikely]] {
    trace->record(
        {Trace::Kind::kRelease, delivery.handle_, id_, delivery.slot_->header.source, now});
  }
  delivery.release();
}

inline Delivery& Delivery::operator=(Delivery&& other) noexcept {
  if (this == &other) return *this;
  if (record_ != nullptr) release();
  record_ = std::exchange(other.record_, nullptr);
  slot_ = other.slot_;
  handle_ = other.handle_;
  module_ = other.module_;
  return *this;
}

inline void Delivery::release() {
  std::atomic<std::uint32_t>& current = std::exchange(record_, nullptr)->current;
  // Recovery that gave this task up for dead has released the message already.
  if (current.load(std::memory_order_relaxed) != handle_.word()) return;
  current.store(0, std::memory_order_relaxed);
  Pool::release(*slot_, handle_);
}

}  // namespace takt::bus
