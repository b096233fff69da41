// SPDX-License-Identifier: Apache-2.0
// The sending side of the bus.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <utility>

#include "takt/core/base/assert.h"
#include "takt/core/base/bits.h"
#include "takt/core/base/status.h"
#include "takt/core/base/time.h"
#include "takt/core/bus/event.h"
#include "takt/core/bus/pool.h"
#include "takt/core/bus/records.h"
#include "takt/core/bus/reference.h"
#include "takt/core/bus/topic.h"
#include "takt/core/bus/trace.h"

namespace takt::bus {

/// An address: one bit per target, so a list of them is a sum.
class Targets {
 public:
  constexpr Targets() = default;
  constexpr Targets operator|(Targets other) const { return Targets{bits_ | other.bits_}; }
  constexpr bool operator==(const Targets&) const = default;

 private:
  friend class Bus;
  friend class Registry;
  constexpr explicit Targets(std::uint32_t bits) : bits_(bits) {}
  std::uint32_t bits_ = 0;
};

/// What became of a message. Delivered and dropped add up to the number of queues addressed.
class [[nodiscard]] Broadcast {
 public:
  constexpr Broadcast() = default;
  constexpr Broadcast(std::uint32_t delivered, std::uint32_t dropped, std::uint32_t displaced)
      : counts_(delivered | dropped << 8 | static_cast<std::uint64_t>(displaced) << 16) {}

  /// Queues that took it.
  constexpr std::uint32_t delivered() const { return counts_ & 0xFF; }
  /// Queues that were full or closed.
  constexpr std::uint32_t dropped() const { return counts_ >> 8 & 0xFF; }
  /// Older messages that made room for it.
  constexpr std::uint32_t displaced() const { return static_cast<std::uint32_t>(counts_ >> 16); }

 private:
  std::uint64_t counts_ = 0;  // One word, so that it is returned in registers.
};

/// Passes messages from publishers to the queues of modules, by reference. Its Registry decides
/// which modules are on it. A module takes its messages from a Consumer.
///
/// Order.    The count of a message is raised for all its queues before the first one sees it,
///           and the last one gets the reference that the publisher held until then: it cannot be
///           freed while it is being handed out. tests/models/broadcast.pml proves that order.
/// Locks.    None. Publishing is safe from any task or interrupt, at any time, whatever is being
///           attached or removed meanwhile.
/// Context.  Any. alloc_for() and publish_for() wait, so only tasks may call them.
class Bus {
 public:
  /// `pool` outlives the bus.
  explicit Bus(Pool& pool) : records_(pool) {}
  Bus(const Bus&) = delete;
  Bus& operator=(const Bus&) = delete;

  /// A message to write. Never waits.
  /// - kTooLarge, kNoMemory: as Pool::try_alloc(); kNoMemory also when the topic's quota is used.
  template <Payload P>
  Result<Loan<P>> try_alloc(Topic<P> topic, ModuleId source) {
    Status why = Status::kOk;
    Slot* slot = records_.pool.try_alloc(sizeof(P), source, tally(topic.number), why);
    return lend<P>(slot, why);
  }
  Result<Loan<Bytes>> try_alloc(Topic<Bytes> topic, std::uint32_t length, ModuleId source) {
    Status why = Status::kOk;
    Slot* slot = records_.pool.try_alloc(length, source, tally(topic.number), why);
    return lend(slot, why, length);
  }

  /// The same, but waits up to `timeout` from `now`.
  /// - kTooLarge, kTimeout: as Pool::alloc_for().
  template <Payload P>
  Result<Loan<P>> alloc_for(Topic<P> topic, ModuleId source, LocalTime now, Micros timeout) {
    Status why = Status::kOk;
    Slot* slot = records_.pool.alloc_for(sizeof(P), source, tally(topic.number), now, timeout, why);
    return lend<P>(slot, why);
  }
  Result<Loan<Bytes>> alloc_for(Topic<Bytes> topic, std::uint32_t length, ModuleId source,
                                LocalTime now, Micros timeout) {
    Status why = Status::kOk;
    Slot* slot = records_.pool.alloc_for(length, source, tally(topic.number), now, timeout, why);
    return lend(slot, why, length);
  }

  /// To all queues that subscribed. Never waits; consumes the loan whatever the outcome.
  template <Payload P>
  Broadcast publish(Topic<P> topic, Loan<P>&& loan, LocalTime now) {
    return send(std::move(loan), topic.number, Targets{}, now, now);
  }
  /// To the queues behind these addresses, each once. Requires one address at least.
  template <Payload P>
  Broadcast publish_to(Targets targets, Topic<P> topic, Loan<P>&& loan, LocalTime now) {
    TAKT_ASSERT(targets != Targets{});
    return send(std::move(loan), topic.number, targets, now, now);
  }
  /// As publish(), then waits for room in those full queues whose policy is kWait, up to `timeout`
  /// from `now`: one deadline for all.
  template <Payload P>
  Broadcast publish_for(Topic<P> topic, Loan<P>&& loan, LocalTime now, Micros timeout) {
    return send(std::move(loan), topic.number, Targets{}, now, deadline_after(now, timeout));
  }

  Pool& pool() const { return records_.pool; }

 private:
  friend class Registry;

  using QueueSet = std::array<std::uint32_t, kMaxQueues / 32>;
  enum class Offer : std::uint8_t { kTaken, kFull, kClosed };

  template <Payload P>
  static Result<Loan<P>> lend(Slot* slot, Status why) {
    if (slot == nullptr) return why;
    return Loan<P>{*slot};
  }
  static Result<Loan<Bytes>> lend(Slot* slot, Status why, std::uint32_t length) {
    if (slot == nullptr) return why;
    return Loan<Bytes>{*slot, length};
  }
  Tally* tally(std::uint8_t topic) {
    TAKT_ASSERT(topic < kMaxTopics);
    Tally& tally = records_.topics[topic].tally;
    return tally.limit == 0 ? nullptr : &tally;
  }

  Broadcast send(LoanBase&& loan, std::uint8_t topic, Targets targets, LocalTime now,
                 LocalTime deadline);
  QueueSet queues_of(std::uint8_t topic, Targets targets) const;
  QueueSet queues_behind(Targets targets) const;
  Ring::Push push(QueueRecord& queue, Item item) {
    // Looked up first: after the locked instruction in push() every load would have to queue.
    Event* arrival = queue.arrival.load(std::memory_order_acquire);
    const Ring::Push outcome = queue.ring.push(item.handle);
    if (outcome == Ring::Push::kDone && arrival != nullptr) arrival->signal(pool().waiter());
    return outcome;
  }
  Broadcast insist(const QueueSet& set, Item item, std::uint32_t addressed, LocalTime deadline);
  Offer offer_again(QueueRecord& queue, Item item, std::uint32_t& displaced);
  Offer wait_for_room(QueueRecord& queue, Item item, LocalTime deadline);

  Records records_;
};

// The straight path, inline: nothing is full, nobody waits.

template <typename Visit>
void for_each_bit(const std::array<std::uint32_t, kMaxQueues / 32>& set, Visit visit) {
  for (std::size_t word = 0; word < set.size(); ++word) {
    for (const std::uint8_t queue : Members{set[word]}) visit(32 * word + queue);
  }
}

inline Bus::QueueSet Bus::queues_of(std::uint8_t topic, Targets targets) const {
  if (targets != Targets{}) return queues_behind(targets);
  QueueSet set{};
  for (std::size_t word = 0; word < set.size(); ++word) {
    set[word] = records_.topics[topic].queues[word].load(std::memory_order_acquire);
  }
  return set;
}

inline Broadcast Bus::send(LoanBase&& loan, std::uint8_t topic, Targets targets, LocalTime now,
                           LocalTime deadline) {
  TAKT_ASSERT(loan && topic < kMaxTopics);
  Slot& slot = *std::exchange(loan.slot_, nullptr);
  const Handle handle = loan.handle_;
  const ModuleId source = slot.borrower.load(std::memory_order_relaxed);
  Header& header = slot.header;
  header.published = now;
  header.targets = targets.bits_;
  header.topic = topic;
  header.source = source;

  const QueueSet set = queues_of(topic, targets);
  std::uint32_t addressed = 0;
  for_each_bit(set, [&](std::size_t) { ++addressed; });
  Trace* trace = records_.tracing();
  if (trace != nullptr) [[unlikely]]
    trace->record({Trace::Kind::kPublish, handle, topic, source, now});
  if (addressed == 0) {
    Pool::drop(slot, handle);
    return {};
  }
  // One reference for each queue. That of the last queue is the publisher's own until then.
  Pool::raise(slot, handle, addressed);
  QueueSet missed{};
  for (std::size_t word = 0; word < set.size(); ++word) {
    for (const std::uint8_t index : Members{set[word]}) {
      QueueRecord& queue = *records_.queues[32 * word + index];
      if (push(queue, {&slot, handle}) != Ring::Push::kDone) [[unlikely]] {
        missed[word] |= bit(index);
      } else if (trace != nullptr) [[unlikely]] {
        trace->record({Trace::Kind::kEnqueue, handle, queue.number, source, now});
      }
    }
  }
  if ((missed[0] | missed[1]) != 0) [[unlikely]] {
    return insist(missed, {&slot, handle}, addressed, deadline);
  }
  return {addressed, 0, 0};
}

}  // namespace takt::bus
