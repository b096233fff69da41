// SPDX-License-Identifier: Apache-2.0
// Modules that leave, hang or die: whatever they had goes back to the pool.
#include "takt/core/base/assert.h"
#include "takt/core/bus/bus.h"

namespace takt::bus {

// Who waits for room in it is told, and finds it closed.
void Bus::close(QueueRecord& queue) {
  queue.ring.close();
  queue.space.signal_after_store(pool_.waiter());
}

// False if a publisher was caught between claiming a cell and filling it: closed all the same.
bool Bus::empty_queues(ModuleRecord& record) {
  bool drained = true;
  for (unsigned i = 0; i < record.queue_count; ++i) {
    QueueRecord& queue = *record.queues[i];
    close(queue);
    for (Handle handle = queue.ring.pop(); handle; handle = queue.ring.pop()) {
      Pool::release(handle);
      queue.returned.add();
      record.returned.add();
    }
    drained = drained && queue.ring.drained();
  }
  return drained;
}

Status Bus::remove(ModuleId module) {
  using State = ModuleRecord::State;
  ModuleRecord& record = record_of(module);
  State seen = record.state.load();
  if (seen == State::kFree) return Status::kOk;
  for (unsigned i = 0; i < record.queue_count; ++i) {
    unsubscribe(*record.queues[i]);
    close(*record.queues[i]);
  }
  Event* arrival = record.arrival.load();
  const State next = arrival == nullptr ? State::kLeft : State::kLeaving;
  // Bounded: another round means that another caller was faster; there are as few as tasks.
  while (seen != State::kLeft && !record.state.compare_exchange_weak(seen, next)) {
  }
  if (arrival != nullptr) arrival->signal(pool_.waiter());
  // The front of the queues belongs to the task until it has confirmed.
  if (record.state.load() != State::kLeft || !empty_queues(record)) return Status::kBusy;

  record.returned.add(pool_.reclaim(module));
  for (unsigned i = 0; i < record.queue_count; ++i) {
    record.queues[i]->arrival.store(nullptr);
    record.queues[i]->module.store(kNobody);
  }
  record.queue_count = record.control_count = 0;
  record.targets.store(0);
  record.module.store(nullptr);
  record.arrival.store(nullptr);
  record.state.store(State::kFree);
  share_out();
  return Status::kOk;
}

bool Bus::pass(ModuleRecord& record, ModuleRecord::State from, ModuleRecord::State to) {
  return record.state.compare_exchange_strong(from, to);
}

void Bus::evict(ModuleId module) {
  using State = ModuleRecord::State;
  ModuleRecord& record = record_of(module);
  TAKT_ASSERT(record.options.stall_limit > Micros{0});
  if (!pass(record, State::kReady, State::kEvicting)) return;
  record.stalls.add();
  empty_queues(record);
  // Only now may its task open them again.
  pass(record, State::kEvicting, State::kEvicted);
  if (Event* arrival = record.arrival.load(); arrival != nullptr) arrival->signal(pool_.waiter());
}

unsigned Bus::evict_stalled(LocalTime now) {
  unsigned evicted = 0;
  for (unsigned id = 1; id <= kMaxModules; ++id) {
    const ModuleRecord* record = module(static_cast<ModuleId>(id));
    if (record == nullptr || record->options.stall_limit <= Micros{0}) continue;
    if (record->state.load() != ModuleRecord::State::kReady || !record->busy.load()) continue;
    // In 32 bits, which every processor reads at once; they wrap after 71 minutes.
    const auto held = static_cast<std::int32_t>(
        static_cast<std::uint32_t>(now.since_zero().count()) - record->busy_since.load());
    if (Micros{held} <= record->options.stall_limit) continue;
    evict(static_cast<ModuleId>(id));
    ++evicted;
  }
  return evicted;
}

// By the task of the module, or after its end.
bool Bus::restart(ModuleId module) {
  ModuleRecord& record = record_of(module);
  if (!empty_queues(record)) return false;
  if (const Handle held{record.current.exchange(0)}; held) {
    Pool::release(held);
    record.returned.add();
  }
  record.returned.add(pool_.reclaim(module));
  record.busy.store(false);
  if (!pass(record, ModuleRecord::State::kEvicted, ModuleRecord::State::kReady)) return false;
  record.restarts.add();
  // If remove() comes in between, it closes them once more after this task has confirmed.
  for (unsigned i = 0; i < record.queue_count; ++i) record.queues[i]->ring.open();
  return true;
}

Status Bus::recover(ModuleId module) {
  pass(record_of(module), ModuleRecord::State::kReady, ModuleRecord::State::kEvicted);
  return restart(module) ? Status::kOk : Status::kBusy;
}

}  // namespace takt::bus
