// SPDX-License-Identifier: Apache-2.0
#include "takt/core/bus/bus.h"

#include "takt/core/base/assert.h"
#include "takt/core/base/bits.h"

namespace takt::bus {
namespace {

// Another producer may take the room that a displaced message left. Each round somebody's message
// gets in, so giving up after this many is a full queue, not a fault.
constexpr int kDisplacements = 8;

}  // namespace

Bus::QueueSet Bus::queues_behind(Targets targets) const {
  QueueSet set{};
  for (const std::uint8_t target : Members{targets.bits_}) {
    const std::uint8_t queue = records_.targets[target].load(std::memory_order_acquire);
    if (queue != kNoQueue) set[queue / 32] |= bit(queue % 32);
  }
  return set;
}

// Off the straight path: the queue is full or closed, or somebody else is at its end.
Bus::Offer Bus::offer_again(QueueRecord& queue, Item item, std::uint32_t& displaced) {
  const Policy policy = queue.policy.load(std::memory_order_relaxed);
  const bool displaces = policy == Policy::kDropOldest || policy == Policy::kLatest;
  // Bounded: by kDisplacements.
  for (int round = 0;; ++round) {
    const Ring::Push outcome = push(queue, item);
    if (outcome == Ring::Push::kDone) return Offer::kTaken;
    if (outcome == Ring::Push::kClosed) return Offer::kClosed;
    if (!displaces || round == kDisplacements) return Offer::kFull;
    const Handle oldest = queue.ring.pop();
    if (!oldest) continue;
    Pool::release(oldest);
    queue.displaced.add();
    ++displaced;
  }
}

Bus::Offer Bus::wait_for_room(QueueRecord& queue, Item item, LocalTime deadline) {
  Waiter* waiter = pool().waiter();
  TAKT_ASSERT(waiter != nullptr);
  std::uint32_t displaced = 0;  // Nothing: the policy is to wait.
  // Bounded: by the deadline.
  for (bool in_time = true;;) {
    const std::uint32_t ticket = queue.space.enter();
    const Offer outcome = offer_again(queue, item, displaced);
    const bool wait = outcome == Offer::kFull && in_time;
    if (wait) in_time = queue.space.wait(*waiter, ticket, deadline);
    queue.space.leave();
    if (!wait) return outcome;
  }
}

// Second round, for the queues that did not take the message at once. Their references are still
// the publisher's.
Broadcast Bus::insist(const QueueSet& set, Item item, std::uint32_t addressed, LocalTime deadline) {
  // Copied: once the last reference is handed over, the slot is somebody else's.
  const LocalTime published = item.slot->header.published;
  const ModuleId source = item.slot->header.source;
  std::uint32_t displaced = 0;
  std::uint32_t dropped = 0;
  for_each_bit(set, [&](std::size_t index) {
    QueueRecord& queue = *records_.queues[index];
    Offer outcome = offer_again(queue, item, displaced);
    if (outcome == Offer::kFull && deadline > published &&
        queue.policy.load(std::memory_order_relaxed) == Policy::kWait) {
      outcome = wait_for_room(queue, item, deadline);
    }
    if (outcome == Offer::kTaken) {
      if (Trace* trace = records_.tracing(); trace != nullptr) {
        trace->record({Trace::Kind::kEnqueue, item.handle, queue.number, source, published});
      }
    } else {
      queue.dropped.add();
      ++dropped;
    }
  });
  if (dropped > 0) Pool::release(*item.slot, item.handle, dropped);
  return {addressed - dropped, dropped, displaced};
}

}  // namespace takt::bus
