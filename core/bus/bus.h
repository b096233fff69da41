// SPDX-License-Identifier: Apache-2.0
// The dispatcher: who gets which message.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "takt/core/base/bits.h"
#include "takt/core/base/status.h"
#include "takt/core/base/time.h"
#include "takt/core/bus/module.h"
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
  constexpr explicit Targets(std::uint32_t bits) : bits_(bits) {}
  std::uint32_t bits_ = 0;
};

struct TopicOptions {
  std::uint16_t quota = 0;      ///< Most messages of it in existence at once; 0: no limit.
  std::uint32_t max_bytes = 0;  ///< For topics of bytes: the longest message.
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

class Delivery;

/// Passes messages from publishers to the queues of modules, by reference.
///
/// Order.    The count of a message is raised for all its queues before the first one sees it,
///           and the last one gets the reference that the publisher held until then: it cannot be
///           freed while it is being handed out. tests/models/broadcast.pml proves that order.
/// Locks.    None. Publishing is safe from any task or interrupt, at any time, whatever is being
///           attached or removed meanwhile.
/// Context.  try_alloc() and publish() from anywhere. alloc_for() and publish_for() wait, so from
///           tasks only. take() from the task of that module. All else ("registry") from one
///           task at a time.
/// Memory.   Queues and ledgers are cut out of `memory` when they are first needed, and used
///           again after a module has gone. Internal memory, if the board has two kinds.
class Bus {
 public:
  /// `pool` and `memory` outlive the bus.
  Bus(Pool& pool, std::span<std::byte> memory);
  Bus(const Bus&) = delete;
  Bus& operator=(const Bus&) = delete;
  /// Empties all queues. Requires that no task uses the bus any more.
  ~Bus();

  /// Bytes of memory that one queue of `depth` takes, alignment included.
  static constexpr std::size_t queue_bytes(std::uint16_t depth) {
    return sizeof(QueueRecord) + alignof(QueueRecord) + Ring::cells_for(depth) * sizeof(Ring::Cell);
  }
  /// Bytes of memory that a module and its ledger take, alignment included.
  static constexpr std::size_t module_bytes(std::uint8_t keeps) {
    return sizeof(ModuleRecord) + alignof(ModuleRecord) + keeps * sizeof(Ledger::Entry);
  }

  /// Registry: makes a topic known. Not needed for topics without quota; required for bytes.
  /// - kOutOfRange: number not below kMaxTopics.
  /// - kBusy: the number belongs to a topic of another name or payload.
  /// - kTooLarge: no size of the pool holds its payload.
  template <Payload P>
  Status open(Topic<P> topic, TopicOptions options = {}) {
    if constexpr (!std::is_same_v<P, Bytes>) options.max_bytes = sizeof(P);
    return open_topic(topic.number, topic.name, &detail::kTypeMark<P>, options);
  }

  /// Registry: a new consumer. `module` stays until remove() has returned kOk.
  /// - kNoMemory: too many modules, or no memory for the ledger.
  Result<ModuleId> attach(Module& module, const ModuleOptions& options);

  /// Registry: a queue of that module; before its task runs it.
  /// - kNoMemory: too many queues, or no memory.
  /// - kOutOfRange: depth 0.
  Result<QueueRecord*> add_queue(ModuleId module, const QueueOptions& options);

  /// Registry: messages of that topic go into this queue, too.
  /// - kOutOfRange, kBusy: as open().
  /// - kBusy: another queue of this module has the topic already.
  /// - kNoMemory: the quotas of the queues that use a size would take all of it.
  template <Payload P>
  Status subscribe(QueueRecord& queue, Topic<P> topic) {
    const std::uint32_t bytes = std::is_same_v<P, Bytes> ? 0 : sizeof(P);
    return subscribe_to(queue, topic.number, topic.name, &detail::kTypeMark<P>, bytes);
  }

  /// Registry: a new address for this queue. A queue with two addresses gets a message once.
  /// - kNoMemory: no address left.
  Result<Targets> add_target(QueueRecord& queue);

  /// Registry: sets the limits of all queues without a quota of their own: an equal share of each
  /// size that their topics use, with one share left for publishers. Whoever makes the pool grow
  /// or shrink calls this afterwards; attach, add and subscribe do it themselves.
  void share_out();

  /// Registry: unsubscribes, closes and empties all queues of the module, and returns what it
  /// keeps, as one operation.
  /// - kBusy: its task has not confirmed yet, or a publisher was caught in the act. The queues
  ///   receive nothing any more; call again, later, to finish. (If the task hangs: evict() first.)
  /// Without a task, requires that nobody is in take() for it.
  Status remove(ModuleId module);

  /// Registry: takes the messages of a module whose handler hangs, and closes its queues until
  /// its task comes back and restarts it. What the handler itself holds stays valid. Requires that
  /// the module has a stall limit.
  void evict(ModuleId module);

  /// Registry: evicts all modules that have been in a handler for longer than their stall limit,
  /// which is below 35 minutes. Returns how many.
  unsigned evict_stalled(LocalTime now);

  /// Registry: for a module whose task has ended without returning (killed by a watchdog): returns
  /// all it had queued, held, kept and borrowed, counts the restart, and opens its queues again.
  /// Requires that the task no longer runs, and did not end inside a call of this class: such a
  /// call is a few instructions, or a wait that has a deadline.
  /// - kBusy: as remove(); the queues are still closed.
  Status recover(ModuleId module);

  /// A message to write. Never waits.
  /// - kTooLarge, kNoMemory: as Pool::try_alloc(); kNoMemory also when the topic's quota is used.
  template <Payload P>
  Result<Loan<P>> try_alloc(Topic<P> topic, ModuleId source) {
    Status why = Status::kOk;
    Slot* slot = pool_.try_alloc(sizeof(P), source, tally(topic.number), why);
    return lend<P>(slot, why);
  }
  Result<Loan<Bytes>> try_alloc(Topic<Bytes> topic, std::uint32_t length, ModuleId source) {
    Status why = Status::kOk;
    Slot* slot = pool_.try_alloc(length, source, tally(topic.number), why);
    return lend(slot, why, length);
  }

  /// The same, but waits up to `timeout` from `now`.
  /// - kTooLarge, kTimeout: as Pool::alloc_for().
  template <Payload P>
  Result<Loan<P>> alloc_for(Topic<P> topic, ModuleId source, LocalTime now, Micros timeout) {
    Status why = Status::kOk;
    Slot* slot = pool_.alloc_for(sizeof(P), source, tally(topic.number), now, timeout, why);
    return lend<P>(slot, why);
  }
  Result<Loan<Bytes>> alloc_for(Topic<Bytes> topic, std::uint32_t length, ModuleId source,
                                LocalTime now, Micros timeout) {
    Status why = Status::kOk;
    Slot* slot = pool_.alloc_for(length, source, tally(topic.number), now, timeout, why);
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
  template <Payload P>
  Broadcast publish_to_for(Targets targets, Topic<P> topic, Loan<P>&& loan, LocalTime now,
                           Micros timeout) {
    TAKT_ASSERT(targets != Targets{});
    return send(std::move(loan), topic.number, targets, now, deadline_after(now, timeout));
  }

  /// The next message of a module, control lane first, then its queues in turn; empty if none.
  /// Requires that the delivery before is gone: a module has one message in hand.
  Delivery take(ModuleId module, LocalTime now);
  /// Releases it and notes for the trace when that was; the destructor only releases.
  void finish(Delivery&& delivery, LocalTime now);

  /// Starts recording into `trace`, which outlives the bus; null: stops.
  void set_trace(Trace* trace) { trace_.store(trace, std::memory_order_release); }

  /// What is left of `memory` for further modules and queues.
  std::size_t memory_left() const { return memory_.size(); }

  Pool& pool() const { return pool_; }
  /// Null if there never was such a module.
  const ModuleRecord* module(ModuleId id) const {
    return modules_[id].load(std::memory_order_acquire);
  }
  std::size_t queue_count() const { return queue_count_.load(std::memory_order_acquire); }
  /// Requires index < queue_count().
  const QueueRecord& queue(std::size_t index) const { return *queues_[index]; }
  std::span<const TopicRecord> topics() const { return topics_; }

 private:
  friend class Delivery;
  friend class Executor;

  using QueueSet = std::array<std::uint32_t, kMaxQueues / 32>;
  struct Item {
    Slot* slot = nullptr;  ///< Null: none.
    Handle handle;
  };
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
    Tally& tally = topics_[topic].tally;
    return tally.limit == 0 ? nullptr : &tally;
  }

  Status open_topic(std::uint8_t number, const char* name, const void* mark,
                    const TopicOptions& options);
  Status subscribe_to(QueueRecord& queue, std::uint8_t topic, const char* name, const void* mark,
                      std::uint32_t bytes);
  Status identify(std::uint8_t number, const char* name, const void* mark);
  std::uint32_t share_of(const QueueRecord& queue) const;
  bool quotas_fit(std::size_t size) const;
  ModuleRecord* free_module(ModuleId id, std::uint8_t keeps);
  QueueRecord* free_queue(std::uint32_t cells, bool shared_front);
  template <typename T>
  std::span<T> cut(std::size_t count);
  ModuleRecord& record_of(ModuleId id) { return *modules_[id].load(std::memory_order_acquire); }

  Broadcast send(LoanBase&& loan, std::uint8_t topic, Targets targets, LocalTime now,
                 LocalTime deadline);
  QueueSet queues_of(std::uint8_t topic, Targets targets) const;
  QueueSet queues_behind(Targets targets) const;
  Ring::Push push(QueueRecord& queue, Item item) {
    // Looked up first: after the locked instruction in push() every load would have to queue.
    Event* arrival = queue.arrival.load(std::memory_order_acquire);
    const Ring::Push outcome = queue.ring.push(item.handle);
    if (outcome == Ring::Push::kDone && arrival != nullptr) arrival->signal(pool_.waiter());
    return outcome;
  }
  Broadcast insist(const QueueSet& set, Item item, std::uint32_t addressed, LocalTime deadline);
  Offer offer_again(QueueRecord& queue, Item item, std::uint32_t& displaced);
  Offer wait_for_room(QueueRecord& queue, Item item, LocalTime deadline);
  bool is_wanted(const ModuleRecord& record, const QueueRecord& queue, const Slot& slot) const;
  static void discard(QueueRecord& queue, Slot* slot, Handle handle);
  Item pop(ModuleRecord& record, QueueRecord& queue, LocalTime now);
  Item pop_in_turn(ModuleRecord& record, LocalTime now);

  void unsubscribe(const QueueRecord& queue);
  void close(QueueRecord& queue);
  bool empty_queues(ModuleRecord& record);
  bool restart(ModuleId module);
  static bool pass(ModuleRecord& record, ModuleRecord::State from, ModuleRecord::State to);
  Trace* trace() const { return trace_.load(std::memory_order_acquire); }

  Pool& pool_;
  std::span<std::byte> memory_;
  std::atomic<std::size_t> queue_count_{0};
  std::array<bool, kMaxTasks> used_arrivals_{};
  std::atomic<Trace*> trace_{nullptr};
  std::array<TopicRecord, kMaxTopics> topics_{};
  std::array<std::atomic<std::uint8_t>, kMaxTargets> targets_{};  ///< Number of the queue.
  std::array<QueueRecord*, kMaxQueues> queues_{};
  std::array<std::atomic<ModuleRecord*>, kMaxModules + 1> modules_{};
  std::array<Event, kMaxTasks> arrivals_{};
};

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
  friend class Bus;
  Delivery(ModuleRecord& record, Slot& slot, Handle handle, ModuleId module)
      : record_(&record), slot_(&slot), handle_(handle), module_(module) {}
  void release();

  ModuleRecord* record_ = nullptr;
  Slot* slot_ = nullptr;
  Handle handle_;
  ModuleId module_ = kNobody;
};

// The straight path, inline: nothing is full, nobody waits, one queue per module.

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
    set[word] = topics_[topic].queues[word].load(std::memory_order_acquire);
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
  Trace* trace = this->trace();
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
      QueueRecord& queue = *queues_[32 * word + index];
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

inline Bus::Item Bus::pop(ModuleRecord& record, QueueRecord& queue, LocalTime now) {
  // Bounded: by the queue, as every round takes one out.
  for (;;) {
    const Handle handle = queue.ring.pop();
    if (!handle) return {};
    // Before anything else, so that recovery finds it whatever happens next.
    record.current.store(handle.word(), std::memory_order_relaxed);
    if (queue.has_waiters) queue.space.signal_after_store(pool_.waiter());
    Slot* slot = pool_.read_own(handle);
    if (slot == nullptr || (queue.second_hand && !is_wanted(record, queue, *slot))) [[unlikely]] {
      discard(queue, slot, handle);
      continue;
    }
    queue.lengths.add(1 + queue.ring.length());
    queue.age.add(now - slot->header.published);
    return {slot, handle};
  }
}

inline Delivery Bus::take(ModuleId module, LocalTime now) {
  ModuleRecord& record = record_of(module);
  TAKT_ASSERT(record.current.load(std::memory_order_relaxed) == 0);
  const Item item =
      record.queue_count == 1 ? pop(record, *record.queues[0], now) : pop_in_turn(record, now);
  if (item.slot == nullptr) {
    record.current.store(0, std::memory_order_relaxed);
    return {};
  }
  if (Trace* trace = this->trace(); trace != nullptr) [[unlikely]] {
    trace->record({Trace::Kind::kReceive, item.handle, module, item.slot->header.source, now});
  }
  return {record, *item.slot, item.handle, module};
}

inline void Bus::finish(Delivery&& delivery, LocalTime now) {
  if (!delivery) return;
  if (Trace* trace = this->trace(); trace != nullptr) [[unlikely]] {
    trace->record({Trace::Kind::kRelease, delivery.handle_, delivery.module_,
                   delivery.slot_->header.source, now});
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
