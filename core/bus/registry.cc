// SPDX-License-Identifier: Apache-2.0
// Who is on the bus: topics, modules, queues, addresses, and each queue's share of the pool.
#include <algorithm>
#include <cstring>
#include <memory>
#include <new>

#include "takt/core/base/assert.h"
#include "takt/core/base/bits.h"
#include "takt/core/bus/bus.h"

namespace takt::bus {

Bus::Bus(Pool& pool, std::span<std::byte> memory) : pool_(pool), memory_(memory) {
  for (std::atomic<std::uint8_t>& target : targets_) target.store(kNoQueue);
}

Bus::~Bus() {
  for (std::atomic<ModuleRecord*>& module : modules_) {
    if (ModuleRecord* record = module.load(); record != nullptr) empty_queues(*record);
  }
}

template <typename T>
std::span<T> Bus::cut(std::size_t count) {
  void* place = memory_.data();
  std::size_t room = memory_.size();
  if (std::align(alignof(T), count * sizeof(T), place, room) == nullptr) return {};
  memory_ = memory_.last(room - count * sizeof(T));
  auto* first = static_cast<T*>(place);
  for (std::size_t i = 0; i < count; ++i) new (first + i) T;
  return {first, count};
}

Status Bus::identify(std::uint8_t number, const char* name, const void* mark) {
  if (number >= kMaxTopics) return Status::kOutOfRange;
  TopicRecord& topic = topics_[number];
  if (topic.name != nullptr) {
    const bool same = topic.type_mark == mark && std::strcmp(topic.name, name) == 0;
    return same ? Status::kOk : Status::kBusy;
  }
  topic.name = name;
  topic.type_mark = mark;
  return Status::kOk;
}

Status Bus::open_topic(std::uint8_t number, const char* name, const void* mark,
                       const TopicOptions& options) {
  if (pool_.class_index(options.max_bytes) == pool_.class_count()) return Status::kTooLarge;
  if (const Status status = identify(number, name, mark); status != Status::kOk) return status;
  topics_[number].max_bytes = options.max_bytes;
  topics_[number].tally.limit = options.quota;
  return Status::kOk;
}

// A record of an earlier module serves again, so attaching and removing for years needs no more
// memory than doing it once.
ModuleRecord* Bus::free_module(ModuleId id, std::uint8_t keeps) {
  ModuleRecord* record = modules_[id].load();
  if (record != nullptr && record->state.load() != ModuleRecord::State::kFree) return nullptr;
  Ledger& ledger = pool_.ledger(id);
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

Result<ModuleId> Bus::attach(Module& module, const ModuleOptions& options) {
  for (unsigned i = 1; i <= kMaxModules; ++i) {
    const auto id = static_cast<ModuleId>(i);
    ModuleRecord* record = free_module(id, options.keeps);
    if (record == nullptr) continue;
    record->module.store(&module);
    record->options = options;
    record->queue_count = record->control_count = record->next_queue = 0;
    modules_[id].store(record, std::memory_order_release);
    record->state.store(ModuleRecord::State::kReady);
    return id;
  }
  return Status::kNoMemory;
}

QueueRecord* Bus::free_queue(std::uint32_t cells, bool shared_front) {
  const std::size_t existing = queue_count_.load();
  for (std::size_t i = 0; i < existing; ++i) {
    QueueRecord& queue = *queues_[i];
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
  queues_[existing] = fresh.data();
  queue_count_.store(existing + 1, std::memory_order_release);
  return fresh.data();
}

Result<QueueRecord*> Bus::add_queue(ModuleId module, const QueueOptions& options) {
  ModuleRecord& record = record_of(module);
  TAKT_ASSERT(record.state.load() == ModuleRecord::State::kReady);
  if (options.depth == 0) return Status::kOutOfRange;
  if (record.queue_count == kQueuesPerModule) return Status::kNoMemory;
  // Who else takes from the front: publishers that displace, and evict().
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

std::uint32_t Bus::share_of(const QueueRecord& queue) const {
  if (queue.options.quota != 0) return queue.options.quota;
  std::uint32_t share = Handle::kMaxSlots;
  for (std::size_t c = 0; c < pool_.class_count(); ++c) {
    if (!queue.uses(c)) continue;
    std::uint32_t claimed = 0;
    std::uint32_t sharers = 1;
    for (std::size_t i = 0; i < queue_count(); ++i) {
      const QueueRecord& other = *queues_[i];
      if (other.module.load() == kNobody || !other.uses(c)) continue;
      claimed += other.options.quota;
      sharers += other.options.quota == 0;
    }
    const std::uint32_t left = pool_.entries(c) - std::min(pool_.entries(c), claimed);
    share = std::min(share, std::max<std::uint32_t>(1, left / sharers));
  }
  return share;
}

void Bus::share_out() {
  for (std::size_t i = 0; i < queue_count(); ++i) {
    QueueRecord& queue = *queues_[i];
    if (queue.module.load() == kNobody) continue;
    queue.ring.set_depth(std::min<std::uint32_t>(queue.options.depth, share_of(queue)));
  }
}

bool Bus::quotas_fit(std::size_t size) const {
  std::uint32_t claimed = 0;
  for (std::size_t i = 0; i < queue_count(); ++i) {
    const QueueRecord& queue = *queues_[i];
    if (queue.module.load() != kNobody && queue.uses(size)) claimed += queue.options.quota;
  }
  return claimed == 0 || claimed < pool_.entries(size);
}

Status Bus::subscribe_to(QueueRecord& queue, std::uint8_t topic, const char* name, const void* mark,
                         std::uint32_t bytes) {
  if (const Status status = identify(topic, name, mark); status != Status::kOk) return status;
  const ModuleRecord& record = record_of(queue.module.load());
  for (unsigned i = 0; i < record.queue_count; ++i) {
    const QueueRecord& other = *record.queues[i];
    if (&other != &queue && topics_[topic].has(other.number)) return Status::kBusy;
  }
  const std::uint8_t before = queue.classes;
  if (bytes == 0) bytes = topics_[topic].max_bytes;
  if (const std::size_t size = pool_.class_index(bytes); bytes != 0 && size < pool_.class_count()) {
    queue.classes = static_cast<std::uint8_t>(before | bit(size));
    if (!quotas_fit(size)) {
      queue.classes = before;
      return Status::kNoMemory;
    }
  }
  share_out();
  topics_[topic].queues[queue.number / 32].fetch_or(bit(queue.number % 32),
                                                    std::memory_order_release);
  return Status::kOk;
}

Result<Targets> Bus::add_target(QueueRecord& queue) {
  for (std::size_t i = 0; i < kMaxTargets; ++i) {
    if (targets_[i].load() != kNoQueue) continue;
    const Targets target{bit(i)};
    record_of(queue.module.load()).targets.fetch_or(target.bits_);
    targets_[i].store(queue.number, std::memory_order_release);
    return target;
  }
  return Status::kNoMemory;
}

void Bus::unsubscribe(const QueueRecord& queue) {
  for (TopicRecord& topic : topics_) {
    topic.queues[queue.number / 32].fetch_and(~bit(queue.number % 32));
  }
  for (std::atomic<std::uint8_t>& target : targets_) {
    if (target.load() == queue.number) target.store(kNoQueue);
  }
}

}  // namespace takt::bus
