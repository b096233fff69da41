// SPDX-License-Identifier: Apache-2.0
#include "takt/core/bus/registry.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>

#include "takt/core/base/assert.h"
#include "takt/core/base/bits.h"

namespace takt::bus {

Registry::~Registry() {
  for (std::atomic<ModuleRecord*>& module : records_.modules) {
    if (ModuleRecord* record = module.load(); record != nullptr) records_.empty_queues(*record);
  }
}

template <typename T>
std::span<T> Registry::cut(std::size_t count) {
  void* place = memory_.data();
  std::size_t room = memory_.size();
  if (std::align(alignof(T), count * sizeof(T), place, room) == nullptr) return {};
  memory_ = memory_.last(room - count * sizeof(T));
  auto* first = static_cast<T*>(place);
  for (std::size_t i = 0; i < count; ++i) new (first + i) T;
  return {first, count};
}

Status Registry::identify(std::uint8_t number, const char* name, const void* mark) {
  if (number >= kMaxTopics) return Status::kOutOfRange;
  TopicRecord& topic = records_.topics[number];
  if (topic.name != nullptr) {
    const bool same = topic.type_mark == mark && std::strcmp(topic.name, name) == 0;
    return same ? Status::kOk : Status::kBusy;
  }
  topic.name = name;
  topic.type_mark = mark;
  return Status::kOk;
}

Status Registry::open_topic(std::uint8_t number, const char* name, const void* mark,
                            const TopicOptions& options) {
  if (pool().class_index(options.max_bytes) == pool().class_count()) return Status::kTooLarge;
  if (const Status status = identify(number, name, mark); status != Status::kOk) return status;
  records_.topics[number].max_bytes = options.max_bytes;
  records_.topics[number].tally.limit = options.quota;
  return Status::kOk;
}

// A record of an earlier module serves again, so attaching and removing for years needs no more
// memory than doing it once.
ModuleRecord* Registry::free_module(ModuleId id, std::uint8_t keeps) {
  ModuleRecord* record = records_.modules[id].load();
  if (record != nullptr && record->state.load() != ModuleRecord::State::kFree) return nullptr;
  Ledger& ledger = pool().ledger(id);
  if (ledger.capacity() < keeps) {
    const std::span<Ledger::Entry> entries = cut<Ledger::Entry>(keeps);
    if (entries.empty()) return nullptr;
    ledger.use(entries);
  }
  if (record == nullptr) {
    const std::span<ModuleRecord> fresh = cut<ModuleRecord>(1);
    if (fresh.empty()) return nullptr;
    record = fresh.data();
  }
  ledger.set_limit(keeps);
  return record;
}

Result<ModuleId> Registry::attach(Module& module, const ModuleOptions& options) {
  for (unsigned i = 1; i <= kMaxModules; ++i) {
    const auto id = static_cast<ModuleId>(i);
    ModuleRecord* record = free_module(id, options.keeps);
    if (record == nullptr) continue;
    record->module.store(&module);
    record->options = options;
    record->queue_count = record->control_count = record->next_queue = 0;
    records_.modules[id].store(record, std::memory_order_release);
    record->state.store(ModuleRecord::State::kReady);
    return id;
  }
  return Status::kNoMemory;
}

QueueRecord* Registry::free_queue(std::uint32_t cells, bool shared_front) {
  const std::size_t existing = records_.queue_count.load();
  for (std::size_t i = 0; i < existing; ++i) {
    QueueRecord& queue = *records_.queues[i];
    if (queue.module.load() == kNobody && queue.ring.cell_count() == cells &&
        queue.ring.shared_front() == shared_front && queue.ring.drained()) {
      queue.second_hand = true;
      return &queue;
    }
  }
  if (existing == kMaxQueues) return nullptr;
  const std::span<Ring::Cell> memory = cut<Ring::Cell>(cells);
  const std::span<QueueRecord> fresh = cut<QueueRecord>(1);
  if (memory.empty() || fresh.empty()) return nullptr;
  fresh[0].ring.use(memory, shared_front);
  fresh[0].number = static_cast<std::uint8_t>(existing);
  records_.queues[existing] = fresh.data();
  records_.queue_count.store(existing + 1, std::memory_order_release);
  return fresh.data();
}

Result<QueueRecord*> Registry::add_queue(ModuleId module, const QueueOptions& options) {
  ModuleRecord& record = records_.of(module);
  TAKT_ASSERT(record.state.load() == ModuleRecord::State::kReady);
  if (options.depth == 0) return Status::kOutOfRange;
  if (record.queue_count == kQueuesPerModule) return Status::kNoMemory;
  // Not only the owner takes from the front: so do publishers that displace, and evict().
  const bool displaces = options.policy == Policy::kDropOldest || options.policy == Policy::kLatest;
  const bool shared_front = displaces || record.options.stall_limit > Micros{0};
  QueueRecord* queue = free_queue(Ring::cells_for(options.depth), shared_front);
  if (queue == nullptr) return Status::kNoMemory;
  queue->options = options;
  if (options.policy == Policy::kLatest) queue->options.depth = 1;
  queue->classes = 0;
  queue->policy.store(options.policy);
  queue->has_waiters = options.policy == Policy::kWait;
  queue->module.store(module);
  queue->arrival.store(record.arrival.load());

  unsigned place = record.queue_count++;
  if (options.lane == Lane::kControl) {
    for (; place > record.control_count; --place) record.queues[place] = record.queues[place - 1];
    ++record.control_count;
  }
  record.queues[place] = queue;
  share_out();
  queue->ring.open();
  return queue;
}

std::uint32_t Registry::share_of(const QueueRecord& queue) const {
  if (queue.options.quota != 0) return queue.options.quota;
  std::uint32_t share = Handle::kMaxSlots;
  for (std::size_t c = 0; c < pool().class_count(); ++c) {
    if (!queue.uses(c)) continue;
    std::uint32_t claimed = 0;
    std::uint32_t sharers = 1;
    for (std::size_t i = 0; i < queue_count(); ++i) {
      const QueueRecord& other = *records_.queues[i];
      if (other.module.load() == kNobody || !other.uses(c)) continue;
      claimed += other.options.quota;
      sharers += other.options.quota == 0;
    }
    const std::uint32_t left = pool().entries(c) - std::min(pool().entries(c), claimed);
    share = std::min(share, std::max<std::uint32_t>(1, left / sharers));
  }
  return share;
}

void Registry::share_out() {
  for (std::size_t i = 0; i < queue_count(); ++i) {
    QueueRecord& queue = *records_.queues[i];
    if (queue.module.load() == kNobody) continue;
    queue.ring.set_depth(std::min<std::uint32_t>(queue.options.depth, share_of(queue)));
  }
}

bool Registry::quotas_fit(std::size_t size) const {
  std::uint32_t claimed = 0;
  for (std::size_t i = 0; i < queue_count(); ++i) {
    const QueueRecord& queue = *records_.queues[i];
    if (queue.module.load() != kNobody && queue.uses(size)) claimed += queue.options.quota;
  }
  return claimed == 0 || claimed < pool().entries(size);
}

Status Registry::subscribe_to(QueueRecord& queue, std::uint8_t topic, const char* name,
                              const void* mark, std::uint32_t bytes) {
  if (const Status status = identify(topic, name, mark); status != Status::kOk) return status;
  const ModuleRecord& record = records_.of(queue.module.load());
  for (unsigned i = 0; i < record.queue_count; ++i) {
    const QueueRecord& other = *record.queues[i];
    if (&other != &queue && records_.topics[topic].has(other.number)) return Status::kBusy;
  }
  const std::uint8_t before = queue.classes;
  if (bytes == 0) bytes = records_.topics[topic].max_bytes;
  if (const std::size_t size = pool().class_index(bytes);
      bytes != 0 && size < pool().class_count()) {
    queue.classes = static_cast<std::uint8_t>(before | bit(size));
    if (!quotas_fit(size)) {
      queue.classes = before;
      return Status::kNoMemory;
    }
  }
  share_out();
  records_.topics[topic].queues[queue.number / 32].fetch_or(bit(queue.number % 32),
                                                            std::memory_order_release);
  return Status::kOk;
}

Result<Targets> Registry::add_target(QueueRecord& queue) {
  for (std::size_t i = 0; i < kMaxTargets; ++i) {
    if (records_.targets[i].load() != kNoQueue) continue;
    const Targets target{bit(i)};
    records_.of(queue.module.load()).targets.fetch_or(target.bits_);
    records_.targets[i].store(queue.number, std::memory_order_release);
    return target;
  }
  return Status::kNoMemory;
}

void Registry::unsubscribe(const QueueRecord& queue) {
  for (TopicRecord& topic : records_.topics) {
    topic.queues[queue.number / 32].fetch_and(~bit(queue.number % 32));
  }
  for (std::atomic<std::uint8_t>& target : records_.targets) {
    if (target.load() == queue.number) target.store(kNoQueue);
  }
}

Event& Registry::claim_arrival() {
  std::size_t place = 0;
  // Bounded: by kMaxTasks.
  while (place < kMaxTasks && used_arrivals_[place]) ++place;
  TAKT_ASSERT(place < kMaxTasks);
  used_arrivals_[place] = true;
  return records_.arrivals[place];
}

void Registry::release_arrival(const Event& arrival) {
  used_arrivals_[static_cast<std::size_t>(&arrival - records_.arrivals.data())] = false;
}

// Modules that leave, hang or die: whatever they had goes back to the pool.

Status Registry::remove(ModuleId module) {
  using State = ModuleRecord::State;
  ModuleRecord& record = records_.of(module);
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
  if (arrival != nullptr) arrival->signal(pool().waiter());
  // The front of the queues belongs to the task until it has confirmed.
  if (record.state.load() != State::kLeft || !records_.empty_queues(record)) return Status::kBusy;

  record.returned.add(pool().reclaim(module));
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

void Registry::evict(ModuleId module) {
  using State = ModuleRecord::State;
  ModuleRecord& record = records_.of(module);
  TAKT_ASSERT(record.options.stall_limit > Micros{0});
  if (!record.pass(State::kReady, State::kEvicting)) return;
  record.stalls.add();
  records_.empty_queues(record);
  // Only now may its task open them again.
  record.pass(State::kEvicting, State::kEvicted);
  if (Event* arrival = record.arrival.load(); arrival != nullptr) arrival->signal(pool().waiter());
}

unsigned Registry::evict_stalled(LocalTime now) {
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

Status Registry::recover(ModuleId module) {
  records_.of(module).pass(ModuleRecord::State::kReady, ModuleRecord::State::kEvicted);
  return consumer(module).restart() ? Status::kOk : Status::kBusy;
}

}  // namespace takt::bus
