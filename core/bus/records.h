// SPDX-License-Identifier: Apache-2.0
// What the bus keeps of each topic, queue and module: counters and the state that tasks share.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "takt/core/base/bits.h"
#include "takt/core/base/time.h"
#include "takt/core/bus/event.h"
#include "takt/core/bus/module.h"
#include "takt/core/bus/pool.h"
#include "takt/core/bus/ring.h"
#include "takt/core/bus/topic.h"
#include "takt/core/bus/trace.h"

namespace takt::bus {

inline constexpr std::size_t kMaxQueues = 64;
inline constexpr std::uint8_t kNoQueue = 0xFF;
inline constexpr std::size_t kQueuesPerModule = 4;
/// One bit each of Header::targets.
inline constexpr std::size_t kMaxTargets = 32;
/// Tasks that run modules.
inline constexpr std::size_t kMaxTasks = 16;

/// A counter that one task writes and all may read: no locked instruction.
class TaskCounter {
 public:
  void add(std::uint32_t n = 1) { set(get() + n); }
  void raise_to(std::uint32_t value) {
    if (value > get()) set(value);
  }
  void set(std::uint32_t value) { value_.store(value, std::memory_order_relaxed); }
  std::uint32_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint32_t> value_{0};
};

/// A counter that any context adds to. For what should not happen often: a locked instruction.
class RareCounter {
 public:
  void add(std::uint32_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  std::uint32_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint32_t> value_{0};
};

/// How long things took, in steps of a factor of four: bucket b counts durations below 4^b us, the
/// last one all others. Written by one task.
class Histogram {
 public:
  static constexpr std::size_t kBuckets = 12;
  using Counts = std::array<std::uint32_t, kBuckets>;

  /// Upper bound of a bucket; the last has none.
  static constexpr Micros bound(std::size_t bucket) {
    return Micros{std::int64_t{1} << (2 * bucket)};
  }

  static constexpr std::size_t bucket_of(Micros duration) {
    // A search, not a computation: a processor guesses its outcome and need not wait for the
    // duration, which would be a tenth of the cost of a delivery.
    std::size_t bucket = 0;
    // Bounded: by kBuckets.
    while (bucket + 1 < kBuckets && duration >= bound(bucket)) ++bucket;
    return bucket;
  }

  void add(Micros duration) { counts_[bucket_of(duration)].add(); }
  Counts counts() const {
    Counts counts{};
    for (std::size_t b = 0; b < kBuckets; ++b) counts[b] = counts_[b].get();
    return counts;
  }

 private:
  std::array<TaskCounter, kBuckets> counts_{};
};

/// How long a queue was when its consumer looked. Written by one task.
class Lengths {
 public:
  void add(std::uint32_t length) {
    peak_.raise_to(length);
    const std::uint32_t before = smooth_.get();
    smooth_.set(before + length - before / kMemory);
  }
  std::uint32_t peak() const { return peak_.get(); }
  /// Over about the last kMemory messages, in thousandths.
  std::uint32_t average_milli() const {
    return static_cast<std::uint32_t>(smooth_.get() * 1'000ULL / kMemory);
  }

 private:
  static constexpr std::uint32_t kMemory = 256;

  TaskCounter peak_;
  TaskCounter smooth_;  // kMemory times the average.
};

struct TopicRecord {
  std::array<std::atomic<std::uint32_t>, kMaxQueues / 32> queues{};  ///< Those that subscribed.
  Tally tally;
  const char* name = nullptr;
  const void* type_mark = nullptr;
  std::uint32_t max_bytes = 0;

  bool has(std::uint8_t queue) const {
    return takt::has(queues[queue / 32].load(std::memory_order_acquire), queue % 32);
  }
};

/// A queue of one module. Outlives every registration, so a late producer finds a closed ring,
/// never a lost one.
struct QueueRecord {
  [[no_unique_address]] Ring ring;

  // What the consumer writes fills up the line in which the ring's front lies.
  Lengths lengths;
  Histogram age;

  alignas(kCacheLine) std::atomic<Event*> arrival{nullptr};  ///< Of the module's task.
  Event space;                                               ///< For publishers that wait.
  RareCounter dropped;
  RareCounter displaced;
  RareCounter returned;
  QueueOptions options;
  std::uint8_t number = 0;
  std::uint8_t classes = 0;  ///< Size classes of its topics, one bit each; 0: all.
  std::atomic<ModuleId> module{kNobody};
  std::atomic<Policy> policy{Policy::kDropNewest};
  bool has_waiters = false;  ///< Publishers may wait for room.
  /// It served another module before, so late publishers may still take it for that module's.
  bool second_hand = false;

  bool uses(std::size_t size) const { return classes == 0 || takt::has(classes, size); }

  /// From now on nothing enters. Publishers that wait for room are woken and find it closed.
  void close(Waiter* waiter);
  /// Gives back what was popped and has no owner: a message for the queue's former module; or,
  /// without a slot, one that a double release elsewhere took away.
  void discard(Slot* slot, Handle handle);
};
static_assert(sizeof(void*) != 8 || sizeof(QueueRecord) == 3 * kCacheLine);

struct ModuleRecord {
  enum class State : std::uint8_t {
    kFree,
    kReady,
    kEvicting,  ///< Its queues are being closed and emptied.
    kEvicted,   ///< That is done; its task restarts it when it gets to it.
    kLeaving,   ///< Being removed; its task has yet to confirm.
    kLeft,      ///< Its task no longer touches it.
  };

  std::atomic<State> state{State::kFree};
  std::atomic<Module*> module{nullptr};
  ModuleOptions options;
  std::array<QueueRecord*, kQueuesPerModule> queues{};  ///< Control lane first.
  unsigned queue_count = 0;
  unsigned control_count = 0;
  unsigned next_queue = 0;                ///< Fairness among the queues of the normal lane.
  std::atomic<std::uint32_t> targets{0};  ///< Addresses that lead here.
  std::atomic<Event*> arrival{nullptr};   ///< Of its task; null: none, take() is called directly.
  std::atomic<std::uint32_t> current{0};  ///< Handle of the message being processed.
  std::atomic<std::uint32_t> busy_since{0};  ///< Low word of microseconds; valid while busy.
  std::atomic<bool> busy{false};

  TaskCounter handled;
  TaskCounter longest_hold_us;
  Histogram hold;
  RareCounter crashes;
  RareCounter stalls;
  RareCounter restarts;
  RareCounter returned;

  /// False: the state was another one than `from`, and stays.
  bool pass(State from, State to) { return state.compare_exchange_strong(from, to); }
};

/// A message that somebody holds.
struct Item {
  Slot* slot = nullptr;  ///< Null: none.
  Handle handle;
};

/// All that the sides of a bus share: the registry writes it, publishers and consumers read it at
/// any time.
struct Records {
  explicit Records(Pool& slots) : pool(slots) {
    for (std::atomic<std::uint8_t>& target : targets) target.store(kNoQueue);
  }

  /// Requires that there was such a module once.
  ModuleRecord& of(ModuleId id) { return *modules[id].load(std::memory_order_acquire); }
  Trace* tracing() const { return trace.load(std::memory_order_acquire); }

  /// Closes all queues of the module and gives back what is in them. False if a publisher was
  /// caught between claiming a cell and filling it: closed all the same.
  bool empty_queues(ModuleRecord& record);

  Pool& pool;
  std::atomic<std::size_t> queue_count{0};
  std::atomic<Trace*> trace{nullptr};
  std::array<TopicRecord, kMaxTopics> topics{};
  std::array<std::atomic<std::uint8_t>, kMaxTargets> targets{};  ///< Number of the queue.
  std::array<QueueRecord*, kMaxQueues> queues{};
  std::array<std::atomic<ModuleRecord*>, kMaxModules + 1> modules{};
  std::array<Event, kMaxTasks> arrivals{};  ///< One for each task that runs modules.
};

}  // namespace takt::bus
