// SPDX-License-Identifier: Apache-2.0
// What is on the bus: topics, modules, queues, addresses, and each queue's share of the pool.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include "takt/core/base/status.h"
#include "takt/core/base/time.h"
#include "takt/core/bus/bus.h"
#include "takt/core/bus/consumer.h"
#include "takt/core/bus/module.h"
#include "takt/core/bus/records.h"
#include "takt/core/bus/topic.h"
#include "takt/core/bus/trace.h"

namespace takt::bus {

struct TopicOptions {
  std::uint16_t quota = 0;      ///< Most messages of it in existence at once; 0: no limit.
  std::uint32_t max_bytes = 0;  ///< For topics of bytes: the longest message.
};

/// Decides who gets which message; one for each bus. Publishers and consumers go on meanwhile.
///
/// Context.  One task at a time.
/// Memory.   Queues and ledgers are cut out of `memory` when they are first needed, and used
///           again after a module has gone. Internal memory, if the board has two kinds.
class Registry {
 public:
  /// `bus` and `memory` outlive the registry. Requires that the bus has no other.
  Registry(Bus& bus, std::span<std::byte> memory) : records_(bus.records_), memory_(memory) {}
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;
  /// Empties all queues. Requires that no task uses the bus any more.
  ~Registry();

  /// Bytes of memory that one queue of `depth` takes, alignment included.
  static constexpr std::size_t queue_bytes(std::uint16_t depth) {
    return sizeof(QueueRecord) + alignof(QueueRecord) + Ring::cells_for(depth) * sizeof(Ring::Cell);
  }
  /// Bytes of memory that a module and its ledger take, alignment included.
  static constexpr std::size_t module_bytes(std::uint8_t keeps) {
    return sizeof(ModuleRecord) + alignof(ModuleRecord) + keeps * sizeof(Ledger::Entry);
  }

  /// Makes a topic known. Not needed for topics without quota; required for bytes.
  /// - kOutOfRange: number not below kMaxTopics.
  /// - kBusy: the number belongs to a topic of another name or payload.
  /// - kTooLarge: no size of the pool holds its payload.
  template <Payload P>
  Status open(Topic<P> topic, TopicOptions options = {}) {
    if constexpr (!std::is_same_v<P, Bytes>) options.max_bytes = sizeof(P);
    return open_topic(topic.number, topic.name, &detail::kTypeMark<P>, options);
  }

  /// A new consumer. `module` stays until remove() has returned kOk.
  /// - kNoMemory: too many modules, or no memory for the ledger.
  Result<ModuleId> attach(Module& module, const ModuleOptions& options);

  /// A queue of that module; before its task runs it.
  /// - kNoMemory: too many queues, or no memory.
  /// - kOutOfRange: depth 0.
  Result<QueueRecord*> add_queue(ModuleId module, const QueueOptions& options);

  /// Messages of that topic go into this queue, too.
  /// - kOutOfRange, kBusy: as open().
  /// - kBusy: another queue of this module has the topic already.
  /// - kNoMemory: the quotas of the queues that use a size would take all of it.
  template <Payload P>
  Status subscribe(QueueRecord& queue, Topic<P> topic) {
    const std::uint32_t bytes = std::is_same_v<P, Bytes> ? 0 : sizeof(P);
    return subscribe_to(queue, topic.number, topic.name, &detail::kTypeMark<P>, bytes);
  }

  /// A new address for this queue. A queue with two addresses gets a message once.
  /// - kNoMemory: no address left.
  Result<Targets> add_target(QueueRecord& queue);

  /// Sets the limits of all queues without a quota of their own: an equal share of each size that
  /// their topics use, with one share left for publishers. Call it after the pool has grown or
  /// shrunk; attach, add and subscribe do it themselves.
  void share_out();

  /// Unsubscribes, closes and empties all queues of the module, and returns what it
  /// keeps, as one operation.
  /// - kBusy: its task has not confirmed yet, or a publisher was caught in the act. The queues
  ///   receive nothing any more; call again, later, to finish. (If the task hangs: evict() first.)
  /// Without a task, requires that nobody is in take() for it.
  Status remove(ModuleId module);

  /// Takes the messages of a module whose handler hangs, and closes its queues until
  /// its task comes back and restarts it. What the handler itself holds stays valid. Requires that
  /// the module has a stall limit.
  void evict(ModuleId module);

  /// Evicts all modules that have been in a handler for longer than their stall limit,
  /// which is below 35 minutes. Returns how many.
  unsigned evict_stalled(LocalTime now);

  /// For a module whose task has ended without returning (killed by a watchdog): returns
  /// all it had queued, held, kept and borrowed, counts the restart, and opens its queues again.
  /// Requires that the task no longer runs, and did not end inside a call of this class: such a
  /// call is a few instructions, or a wait that has a deadline.
  /// - kBusy: as remove(); the queues are still closed.
  Status recover(ModuleId module);

  /// The source of the module's messages, for its task. Requires that it is attached.
  Consumer consumer(ModuleId module) const { return {records_, module}; }

  /// Starts recording into `trace`, which outlives the bus; null: stops.
  void set_trace(Trace* trace) { records_.trace.store(trace, std::memory_order_release); }

  /// What is left of `memory` for further modules and queues.
  std::size_t memory_left() const { return memory_.size(); }

  Pool& pool() const { return records_.pool; }
  /// Null if there never was such a module.
  const ModuleRecord* module(ModuleId id) const {
    return records_.modules[id].load(std::memory_order_acquire);
  }
  std::size_t queue_count() const { return records_.queue_count.load(std::memory_order_acquire); }
  /// Requires index < queue_count().
  const QueueRecord& queue(std::size_t index) const { return *records_.queues[index]; }
  std::span<const TopicRecord> topics() const { return records_.topics; }

 private:
  friend class Executor;

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
  void unsubscribe(const QueueRecord& queue);
  void close(QueueRecord& queue) { queue.close(pool().waiter()); }

  Event& claim_arrival();
  void release_arrival(const Event& arrival);

  Records& records_;
  std::span<std::byte> memory_;
  std::array<bool, kMaxTasks> used_arrivals_{};
};

}  // namespace takt::bus
