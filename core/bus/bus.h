// SPDX-License-Identifier: Apache-2.0
// The dispatcher: who gets which message.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "core/base/status.h"
#include "core/base/time.h"
#include "core/bus/module.h"
#include "core/bus/pool.h"
#include "core/bus/records.h"
#include "core/bus/reference.h"
#include "core/bus/topic.h"
#include "core/bus/trace.h"

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

/// What became of a message. The three add up to the number of distinct queues addressed, plus
/// `displaced`, whose newcomers were delivered.
struct [[nodiscard]] Broadcast {
  std::uint16_t delivered = 0;  ///< Queues that took it.
  std::uint16_t dropped = 0;    ///< Queues that were full or closed.
  std::uint16_t displaced = 0;  ///< Older messages that made room for it.
};

class Delivery;

/// Passes messages from publishers to the queues of modules, by reference.
///
/// Order.    The count of a message is raised for all its queues before the first one sees it,
///           and the publisher's own reference is dropped after the last: it cannot be freed
///           while it is being handed out. tests/models/broadcast.pml proves that order.
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
    return sizeof(QueueRecord) + alignof(QueueRecord) +
           Ring::cells_for(depth) * sizeof(Ring::Cell);
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
  ///   receive nothing any more; call again, later, to finish.
  Status remove(ModuleId module);

  /// Registry: takes the messages of a module whose handler hangs, and closes its queues until
  /// its task comes back and restarts it. What the handler itself holds stays valid.
  void evict(ModuleId module);

  /// Registry: evicts all modules that have been in a handler for longer than their stall limit,
  /// which is below 35 minutes. Returns how many.
  unsigned evict_stalled(LocalTime now);

  /// Registry: for a module whose task has ended without returning (killed by a watchdog): returns all it
  /// had queued, held, kept and borrowed, counts the restart, and opens its queues again.
  /// Requires that the task no longer runs.
  /// - kBusy: as remove(); the queues are still closed.
  Status recover(ModuleId module);

  /// A message to write. Never waits.
  /// - kTooLarge, kNoMemory: as Pool::try_alloc(); kNoMemory also when the topic's quota is used.
  template <Payload P>
  Result<Loan<P>> try_alloc(Topic<P> topic, ModuleId source) {
    return lend<P>(pool_.try_alloc(sizeof(P), source, tally(topic.number)));
  }
  Result<Loan<Bytes>> try_alloc(Topic<Bytes> topic, std::uint32_t length, ModuleId source) {
    return lend(pool_.try_alloc(length, source, tally(topic.number)), length);
  }

  /// The same, but waits up to `timeout` from `now`.
  /// - kTooLarge, kTimeout: as Pool::alloc_for().
  template <Payload P>
  Result<Loan<P>> alloc_for(Topic<P> topic, ModuleId source, LocalTime now, Micros timeout) {
    return lend<P>(pool_.alloc_for(sizeof(P), source, now, timeout, tally(topic.number)));
  }
  Result<Loan<Bytes>> alloc_for(Topic<Bytes> topic, std::uint32_t length, ModuleId source,
                                LocalTime now, Micros timeout) {
    return lend(pool_.alloc_for(length, source, now, timeout, tally(topic.number)), length);
  }

  /// To all queues that subscribed. Never waits; consumes the loan whatever the outcome.
  template <Payload P>
  Broadcast publish(Topic<P> topic, Loan<P>&& loan, LocalTime now) {
    return send(std::move(loan), topic.number, Targets{}, now, now);
  }
  /// To the queues behind these addresses, each once.
  template <Payload P>
  Broadcast publish_to(Targets targets, Topic<P> topic, Loan<P>&& loan, LocalTime now) {
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
    return send(std::move(loan), topic.number, targets, now, deadline_after(now, timeout));
  }

  /// The next message of a module, control lane first, then its queues in turn; empty if none.
  Delivery take(ModuleId module, LocalTime now);

  /// Starts recording into `trace`, which outlives the bus; null: stops.
  void set_trace(Trace* trace) { trace_.store(trace, std::memory_order_release); }

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
  struct Arrived {
    const Slot* slot = nullptr;
    Handle handle;
  };
  enum class Offer : std::uint8_t { kTaken, kFull, kClosed };

  template <Payload P>
  static Result<Loan<P>> lend(const Result<Grant>& grant) {
    if (!grant.ok()) return grant.status();
    return Loan<P>{grant.value()};
  }
  static Result<Loan<Bytes>> lend(const Result<Grant>& grant, std::uint32_t length) {
    if (!grant.ok()) return grant.status();
    return Loan<Bytes>{grant.value(), length};
  }
  Tally* tally(std::uint8_t topic) {
    TAKT_ASSERT(topic < kMaxTopics);
    return &topics_[topic].tally;
  }

  Status open_topic(std::uint8_t number, const char* name, const void* mark,
                    const TopicOptions& options);
  Status subscribe_to(QueueRecord& queue, std::uint8_t topic, const char* name, const void* mark,
                      std::uint32_t bytes);
  Status identify(std::uint8_t number, const char* name, const void* mark);
  std::uint32_t share_of(const QueueRecord& queue) const;
  bool quotas_fit(std::size_t size) const;
  ModuleRecord* free_module(ModuleId id, std::uint8_t keeps);
  QueueRecord* free_queue(std::uint32_t cells);
  template <typename T>
  std::span<T> cut(std::size_t count);
  ModuleRecord& record_of(ModuleId id) { return *modules_[id].load(std::memory_order_acquire); }

  Broadcast send(LoanBase&& loan, std::uint8_t topic, Targets targets, LocalTime now,
                 LocalTime deadline);
  QueueSet queues_of(std::uint8_t topic, Targets targets) const;
  Offer offer(QueueRecord& queue, Handle handle, Broadcast& result);
  Offer wait_for_room(QueueRecord& queue, Handle handle, LocalTime deadline, Broadcast& result);
  bool is_wanted(const ModuleRecord& record, std::uint8_t queue, const Header& header) const;
  Arrived pop(ModuleRecord& record, QueueRecord& queue, LocalTime now);
  Arrived pop_any(ModuleRecord& record, LocalTime now);

  void unsubscribe(const QueueRecord& queue);
  static bool empty_queues(ModuleRecord& record);
  bool restart(ModuleId module);
  static bool pass(ModuleRecord& record, ModuleRecord::State from, ModuleRecord::State to);
  void note(const Trace::Instant& instant) {
    if (Trace* trace = trace_.load(std::memory_order_acquire); trace != nullptr) {
      trace->record(instant);
    }
  }

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
      : bus_(std::exchange(other.bus_, nullptr)),
        slot_(other.slot_),
        handle_(other.handle_),
        module_(other.module_) {}
  Delivery& operator=(Delivery&& other) noexcept;
  Delivery(const Delivery&) = delete;
  ~Delivery();

  explicit operator bool() const { return bus_ != nullptr; }
  ModuleId module() const { return module_; }
  /// Says when the consumer was done, for the trace; then releases the message.
  void finish(LocalTime now);
  /// Requires a message. The view must not outlive this delivery.
  Message message() const {
    TAKT_ASSERT(bus_ != nullptr);
    return {handle_, *slot_, module_};
  }

 private:
  friend class Bus;
  void release();
  Delivery(Bus& bus, const Slot& slot, Handle handle, ModuleId module)
      : bus_(&bus), slot_(&slot), handle_(handle), module_(module) {}

  Bus* bus_ = nullptr;
  const Slot* slot_ = nullptr;
  Handle handle_;
  ModuleId module_ = kNobody;
};

}  // namespace takt::bus
