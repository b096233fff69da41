// SPDX-License-Identifier: Apache-2.0
// The way of a message: publish, enqueue, take.
#include "core/bus/bus.h"

#include <bit>

#include "core/base/assert.h"

namespace takt::bus {
namespace {

// Another producer may take the room that a displaced message left. Each round somebody's message
// gets in, so giving up after this many is a full queue, not a fault.
constexpr int kDisplacements = 8;

template <typename Visit>
void for_each_bit(const std::array<std::uint32_t, kMaxQueues / 32>& set, Visit visit) {
  for (std::size_t word = 0; word < set.size(); ++word) {
    for (std::uint32_t bits = set[word]; bits != 0; bits &= bits - 1) {
      visit(32 * word + static_cast<std::size_t>(std::countr_zero(bits)));
    }
  }
}

}  // namespace

Bus::QueueSet Bus::queues_of(std::uint8_t topic, Targets targets) const {
  QueueSet set{};
  if (targets == Targets{}) {
    for (std::size_t word = 0; word < set.size(); ++word) {
      set[word] = topics_[topic].queues[word].load(std::memory_order_acquire);
    }
    return set;
  }
  for (std::uint32_t bits = targets.bits_; bits != 0; bits &= bits - 1) {
    const auto target = static_cast<std::size_t>(std::countr_zero(bits));
    const std::uint8_t queue = targets_[target].load(std::memory_order_acquire);
    if (queue != kNoQueue) set[queue / 32] |= 1U << queue % 32;
  }
  return set;
}

Bus::Offer Bus::offer(QueueRecord& queue, Handle handle, Broadcast& result) {
  const Policy policy = queue.policy.load(std::memory_order_relaxed);
  const bool displaces = policy == Policy::kDropOldest || policy == Policy::kLatest;
  for (int round = 0;; ++round) {
    switch (queue.ring.push(handle)) {
      case Ring::Push::kDone:
        ++result.delivered;
        if (Event* arrival = queue.arrival.load(std::memory_order_acquire); arrival != nullptr) {
          arrival->signal(pool_.waiter());
        }
        return Offer::kTaken;
      case Ring::Push::kClosed:
        return Offer::kClosed;
      case Ring::Push::kFull:
        break;
    }
    if (!displaces || round == kDisplacements) return Offer::kFull;
    const Handle oldest = queue.ring.pop();
    if (!oldest) continue;
    Pool::release(oldest);
    queue.displaced.add();
    ++result.displaced;
  }
}

Bus::Offer Bus::wait_for_room(QueueRecord& queue, Handle handle, LocalTime deadline,
                              Broadcast& result) {
  Waiter* waiter = pool_.waiter();
  TAKT_ASSERT(waiter != nullptr);
  for (bool in_time = true;;) {
    const std::uint32_t ticket = queue.space.enter();
    const Offer outcome = offer(queue, handle, result);
    const bool wait = outcome == Offer::kFull && in_time;
    if (wait) in_time = queue.space.wait(*waiter, ticket, deadline);
    queue.space.leave();
    if (!wait) return outcome;
  }
}

Broadcast Bus::send(LoanBase&& loan, std::uint8_t topic, Targets targets, LocalTime now,
                    LocalTime deadline) {
  TAKT_ASSERT(loan && topic < kMaxTopics);
  const Grant grant = std::exchange(loan.grant_, {});
  Header& header = grant.slot->header;
  header.published = now;
  header.targets = targets.bits_;
  header.topic = topic;
  header.source = grant.slot->borrower.load(std::memory_order_relaxed);

  const QueueSet set = queues_of(topic, targets);
  std::uint32_t unused = 0;
  for_each_bit(set, [&](std::size_t) { ++unused; });
  const ModuleId source = header.source;
  Pool::raise(grant, unused);
  note({Trace::Kind::kPublish, grant.handle, topic, source, now});

  Broadcast result;
  QueueSet full{};
  for_each_bit(set, [&](std::size_t index) {
    QueueRecord& queue = *queues_[index];
    const Offer outcome = offer(queue, grant.handle, result);
    if (outcome == Offer::kTaken) {
      note({Trace::Kind::kEnqueue, grant.handle, queue.number, source, now});
    } else if (outcome == Offer::kFull && deadline > now &&
               queue.policy.load(std::memory_order_relaxed) == Policy::kWait) {
      full[index / 32] |= 1U << index % 32;
    } else {
      queue.dropped.add();
    }
  });
  for_each_bit(full, [&](std::size_t index) {
    QueueRecord& queue = *queues_[index];
    if (wait_for_room(queue, grant.handle, deadline, result) != Offer::kTaken) queue.dropped.add();
  });
  unused -= result.delivered;
  result.dropped = static_cast<std::uint16_t>(unused);
  Pool::release(grant.handle, 1 + unused);
  return result;
}

bool Bus::is_wanted(const ModuleRecord& record, std::uint8_t queue, const Header& header) const {
  if (header.targets != 0) {
    return (header.targets & record.targets.load(std::memory_order_relaxed)) != 0;
  }
  return topics_[header.topic].has(queue);
}

Bus::Arrived Bus::pop(ModuleRecord& record, QueueRecord& queue, LocalTime now) {
  for (;;) {
    const std::uint32_t length = queue.ring.length();
    if (length == 0) return {};
    const Handle handle = queue.ring.pop();
    if (!handle) return {};
    // Before anything else, so that recovery finds it whatever happens next.
    record.current.store(handle.word(), std::memory_order_relaxed);
    if (queue.policy.load(std::memory_order_relaxed) == Policy::kWait) {
      queue.space.signal_after_store(pool_.waiter());
    }
    const Slot* slot = Pool::read(handle);
    if (slot == nullptr) continue;  // A double release elsewhere took it; read() has counted it.
    if (!is_wanted(record, queue.number, slot->header)) {
      queue.returned.add();
      Pool::release(handle);
      continue;
    }
    queue.delivered.add();
    queue.lengths.add(length);
    queue.age.add(now - slot->header.published);
    return {slot, handle};
  }
}

Bus::Arrived Bus::pop_any(ModuleRecord& record, LocalTime now) {
  for (unsigned i = 0; i < record.control_count; ++i) {
    if (const Arrived arrived = pop(record, *record.queues[i], now); arrived.slot != nullptr) {
      return arrived;
    }
  }
  unsigned place = record.next_queue;
  for (unsigned i = record.control_count; i < record.queue_count; ++i) {
    if (place >= record.queue_count || place < record.control_count) place = record.control_count;
    QueueRecord& queue = *record.queues[place++];
    if (const Arrived arrived = pop(record, queue, now); arrived.slot != nullptr) {
      record.next_queue = place;
      return arrived;
    }
  }
  return {};
}

Delivery Bus::take(ModuleId module, LocalTime now) {
  ModuleRecord& record = record_of(module);
  const Arrived arrived = pop_any(record, now);
  if (arrived.slot == nullptr) {
    record.current.store(0, std::memory_order_relaxed);
    return {};
  }
  note({Trace::Kind::kReceive, arrived.handle, module, arrived.slot->header.source, now});
  return {*this, *arrived.slot, arrived.handle, module};
}

Delivery::~Delivery() {
  if (bus_ != nullptr) release();
}

Delivery& Delivery::operator=(Delivery&& other) noexcept {
  if (this == &other) return *this;
  if (bus_ != nullptr) release();
  bus_ = std::exchange(other.bus_, nullptr);
  slot_ = other.slot_;
  handle_ = other.handle_;
  module_ = other.module_;
  return *this;
}

void Delivery::release() {
  std::atomic<std::uint32_t>& current = std::exchange(bus_, nullptr)->record_of(module_).current;
  // Recovery that gave this task up for dead has released the message already.
  if (current.load(std::memory_order_relaxed) != handle_.word()) return;
  current.store(0, std::memory_order_relaxed);
  Pool::release(handle_);
}

void Delivery::finish(LocalTime now) {
  if (bus_ == nullptr) return;
  bus_->note({Trace::Kind::kRelease, handle_, module_, slot_->header.source, now});
  release();
}

}  // namespace takt::bus
