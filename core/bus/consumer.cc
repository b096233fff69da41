// SPDX-License-Identifier: Apache-2.0
#include "takt/core/bus/consumer.h"

namespace takt::bus {

bool Consumer::is_wanted(const QueueRecord& queue, const Slot& slot) const {
  const Header& header = slot.header;
  if (header.targets != 0) {
    return (header.targets & record_->targets.load(std::memory_order_relaxed)) != 0;
  }
  return records_->topics[header.topic].has(queue.number);
}

Item Consumer::pop_in_turn(LocalTime now) {
  ModuleRecord& record = *record_;
  for (unsigned i = 0; i < record.control_count; ++i) {
    const Item item = pop(*record.queues[i], now);
    if (item.slot != nullptr) return item;
  }
  unsigned place = record.next_queue;
  for (unsigned i = record.control_count; i < record.queue_count; ++i) {
    if (place >= record.queue_count || place < record.control_count) place = record.control_count;
    const Item item = pop(*record.queues[place++], now);
    if (item.slot == nullptr) continue;
    record.next_queue = place;
    return item;
  }
  return {};
}

/// Gives back all that the module had, and opens its queues again. By its own task, or after that
/// task's end. False: a publisher was caught in the act, or the module is about to leave.
bool Consumer::restart() {
  ModuleRecord& record = *record_;
  if (!records_->empty_queues(record)) return false;
  if (const Handle held{record.current.exchange(0)}; held) {
    Pool::release(held);
    record.returned.add();
  }
  record.returned.add(records_->pool.reclaim(id_));
  record.busy.store(false);
  if (!record.pass(ModuleRecord::State::kEvicted, ModuleRecord::State::kReady)) return false;
  record.restarts.add();
  // If remove() comes in between, it closes them once more after this task has confirmed.
  for (unsigned i = 0; i < record.queue_count; ++i) record.queues[i]->ring.open();
  return true;
}

}  // namespace takt::bus
