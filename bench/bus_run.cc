// SPDX-License-Identifier: Apache-2.0
#include "bench/bus_run.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <thread>

#include "bench/bus_mutex_rivals.h"
#include "bench/bus_ways.h"
#include "takt/core/bus/bus.h"
#include "takt/core/bus/registry.h"
#include "takt/ports/linux/clock.h"
#include "takt/ports/linux/futex_waiter.h"

namespace takt {
namespace {

using bench::CopyingQueue;
using bench::entries_for;
using bench::kDepth;
using bench::kTopic;
using bench::MutexPool;
using bench::PlainSection;
using bench::Spinlock;
using bench::TaktWay;
using bench::TimedMutex;
using std::chrono::steady_clock;

using CopiedWay = bench::CopiedWay<TimedMutex>;

class MutexPoolWay {
 public:
  MutexPoolWay(unsigned bytes, unsigned consumers)
      : MutexPoolWay(bytes, consumers, kDepth, entries_for(consumers)) {}
  MutexPoolWay(unsigned bytes, unsigned consumers, unsigned depth, unsigned entries)
      : bytes_(bytes), pool_(entries, bytes) {
    targets_.fill(MutexPool::kNoTarget);
    for (unsigned c = 0; c < consumers; ++c) {
      queues_.push_back(&storage_.emplace_back(sizeof(MutexPool::Message*), depth));
      targets_[c] = c;
    }
  }

  unsigned publish(std::uint32_t number) {
    MutexPool::Message* message = pool_.try_alloc();
    if (message == nullptr) return 0;
    bench::fill(message->data, bytes_, number);
    message->source = 0;
    message->targets = targets_;
    message->length = bytes_;
    return pool_.broadcast(*message, queues_);
  }
  bool consume(unsigned consumer, std::uint32_t /*number*/, std::uint32_t& seen) {
    MutexPool::Message* message = nullptr;
    if (!queues_[consumer]->receive(reinterpret_cast<std::byte*>(&message))) return false;
    seen += 1 + bench::look(message->data, bytes_);
    pool_.release(*message);
    return true;
  }
  double bytes_copied(unsigned consumers) const { return 2.0 * sizeof(void*) * consumers; }
  std::vector<TimedMutex*> locks() {
    std::vector<TimedMutex*> locks{&pool_.mutex()};
    for (CopyingQueue<TimedMutex>* queue : queues_) locks.push_back(&queue->lock());
    return locks;
  }
  MutexPool& pool() { return pool_; }

 private:
  unsigned bytes_;
  MutexPool pool_;
  MutexPool::Targets targets_{};
  std::deque<CopyingQueue<TimedMutex>> storage_;
  std::vector<CopyingQueue<TimedMutex>*> queues_;
};

double nanos_since(steady_clock::time_point start) {
  return std::chrono::duration<double, std::nano>(steady_clock::now() - start).count();
}

// Keeps the compiler from proving that nobody looks at the payloads.
std::atomic<std::uint32_t> g_seen{0};

// Flattened, so that what the compiler would inline or not does not decide between the ways.
template <typename Way>
[[gnu::flatten]] double run_single(Way& way, unsigned consumers, unsigned broadcasts) {
  std::uint32_t seen = 0;
  const steady_clock::time_point start = steady_clock::now();
  for (unsigned i = 0; i < broadcasts; ++i) {
    const unsigned reached = way.publish(i);
    TAKT_ASSERT(reached == consumers);
    for (unsigned c = 0; c < consumers; ++c) {
      const bool came = way.consume(c, i, seen);
      TAKT_ASSERT(came);
    }
  }
  const double ns = nanos_since(start) / broadcasts;
  g_seen += seen;
  return ns;
}

// The publisher never runs further ahead than the queues are deep, so nothing is lost and every
// way does the same work.
template <typename Way>
double run_across(Way& way, unsigned consumers, unsigned broadcasts) {
  std::atomic<unsigned> rounds_done{0};
  const steady_clock::time_point start = steady_clock::now();
  std::thread reader([&] {
    std::uint32_t seen = 0;
    for (unsigned i = 0; i < broadcasts; ++i) {
      for (unsigned c = 0; c < consumers; ++c) {
        while (!way.consume(c, i, seen)) std::this_thread::yield();
      }
      rounds_done.store(i + 1, std::memory_order_release);
    }
    g_seen += seen;
  });
  for (unsigned i = 0; i < broadcasts; ++i) {
    while (i - rounds_done.load(std::memory_order_acquire) >= kDepth) std::this_thread::yield();
    const unsigned reached = way.publish(i);
    TAKT_ASSERT(reached == consumers);
  }
  reader.join();
  return nanos_since(start) / broadcasts;
}

// The lower quartile of many short runs: what else the machine does only ever adds.
double quartile(std::vector<double>& runs) {
  const auto place = runs.begin() + static_cast<std::ptrdiff_t>(runs.size() / 4);
  std::nth_element(runs.begin(), place, runs.end());
  return *place;
}

struct Measured {
  ThreeWays ns;
  DeviceRivals device_ns;
};

// All ways take turns, so that a slow moment of the machine hits them alike. A plain section keeps
// nobody out on a host, so what has one is measured in a single thread.
Measured measure(unsigned bytes, unsigned consumers, unsigned threads, double effort) {
  constexpr unsigned kRounds = 24;
  const auto broadcasts = static_cast<unsigned>(std::max(100.0, 24'000 * effort / (2 + consumers)));
  TaktWay takt(bytes, consumers);
  CopiedWay copied(bytes, consumers);
  MutexPoolWay mutex_pool(bytes, consumers);
  bench::CopiedWay<PlainSection> section(bytes, consumers);
  bench::CopiedWay<Spinlock> spinlock(bytes, consumers);
  bench::BarePoolWay<PlainSection> section_pool(bytes, consumers);
  bench::BarePoolWay<Spinlock> spinlock_pool(bytes, consumers);
  std::vector<double> runs[6];
  for (unsigned round = 0; round < kRounds; ++round) {
    const auto run = [&](auto& way) {
      return threads == 1 ? run_single(way, consumers, broadcasts)
                          : run_across(way, consumers, broadcasts);
    };
    runs[0].push_back(run(takt));
    runs[1].push_back(run(copied));
    runs[2].push_back(run(mutex_pool));
    runs[3].push_back(threads == 1 ? run(section) : 0);
    runs[4].push_back(run(spinlock));
    runs[5].push_back(threads == 1 ? run(section_pool) : run(spinlock_pool));
  }
  return {{quartile(runs[0]), quartile(runs[1]), quartile(runs[2])},
          {quartile(runs[3]), quartile(runs[4]), quartile(runs[5])}};
}

// Apart from the timing runs, because looking at a clock inside a lock makes it longer.
template <typename Way>
void measure_locks(Way& way, unsigned consumers, double& typical, double& longest) {
  constexpr unsigned kBroadcasts = 2'000;
  for (TimedMutex* lock : way.locks()) lock->watch(4 * kBroadcasts);
  run_single(way, consumers, kBroadcasts);
  std::vector<bench::Nanos> holds;
  for (TimedMutex* lock : way.locks()) {
    holds.insert(holds.end(), lock->holds().begin(), lock->holds().end());
  }
  if (holds.empty()) return;
  const auto middle = holds.begin() + static_cast<std::ptrdiff_t>(holds.size() / 2);
  std::nth_element(holds.begin(), middle, holds.end());
  typical = static_cast<double>(middle->count());
  longest = static_cast<double>(std::max_element(holds.begin(), holds.end())->count());
}

BusCase measure_case(unsigned bytes, unsigned consumers, unsigned threads, double effort) {
  const Measured measured = measure(bytes, consumers, threads, effort);
  BusCase result{bytes, consumers, threads, measured.ns, measured.device_ns, {}, {}, {}};
  TaktWay takt(bytes, consumers);
  CopiedWay copied(bytes, consumers);
  MutexPoolWay mutex_pool(bytes, consumers);
  result.bytes_copied = {takt.bytes_copied(consumers), copied.bytes_copied(consumers),
                         mutex_pool.bytes_copied(consumers)};
  ThreeWays& typical = result.typical_lock_hold_ns;
  ThreeWays& longest = result.longest_lock_hold_ns;
  measure_locks(copied, consumers, typical.copied, longest.copied);
  measure_locks(mutex_pool, consumers, typical.mutex_pool, longest.mutex_pool);
  return result;
}

BusMemory measure_memory() {
  constexpr unsigned kModules = 7;
  constexpr unsigned kPlaces = 10;  // On each: 70 in all.
  constexpr unsigned kValueBytes = 1'092;
  constexpr unsigned kQueueBytes = 84;  // Control block of a FreeRTOS queue.
  BusMemory memory;
  memory.copied_bytes = kModules * (kPlaces * kValueBytes + kQueueBytes);

  // The two pools that the design shipped with, as two sizes of one pool.
  std::vector<std::byte> control(bus::Pool::control_bytes(18 + 4));
  std::vector<std::byte> small(bus::Pool::memory_bytes(64, 18));
  std::vector<std::byte> large(bus::Pool::memory_bytes(256, 4));
  memory.takt_pool_bytes = static_cast<unsigned>(control.size() + small.size() + large.size());
  memory.takt_fixed_bytes = sizeof(bus::Pool) + sizeof(bus::Bus) + sizeof(bus::Registry) +
                            sizeof(bus::SlotDirectory::Blocks);
  bus::Pool pool(control);
  const Status added_small = pool.add(64, small);
  const Status added_large = pool.add(256, large);
  TAKT_ASSERT(added_small == Status::kOk && added_large == Status::kOk);

  alignas(bus::kCacheLine) std::array<std::byte, 16'384> records{};
  bus::Bus bus(pool);
  bus::Registry registry(bus, records);
  std::deque<bench::BusSink> sinks(kModules);
  for (bench::BusSink& sink : sinks) {
    const bus::ModuleId id = registry.attach(sink, {.name = "sink", .keeps = 1}).value();
    const bool added = registry.add_queue(id, {.depth = kPlaces}).ok();
    TAKT_ASSERT(added);
  }
  memory.takt_queue_bytes = static_cast<unsigned>(records.size() - registry.memory_left());
  return memory;
}

// Consumer 0 never takes; consumer 1 takes at once. Returns what consumer 1 missed.
template <typename Way>
double lost_beside_stalled(Way& way, unsigned broadcasts) {
  std::uint32_t seen = 0;
  unsigned lost = 0;
  for (unsigned i = 0; i < broadcasts; ++i) {
    way.publish(i);
    lost += !way.consume(1, i, seen);
  }
  return lost;
}

BusStalled measure_stalled() {
  constexpr unsigned kPool = 18;
  constexpr std::uint16_t kPlaces = 32;
  BusStalled stalled;
  stalled.broadcasts = 100;
  TaktWay takt(64, 2, kPlaces, kPool);
  CopiedWay copied(64, 2, kPlaces);
  MutexPoolWay mutex_pool(64, 2, kPlaces, kPool);
  stalled.healthy_lost = {lost_beside_stalled(takt, stalled.broadcasts),
                          lost_beside_stalled(copied, stalled.broadcasts),
                          lost_beside_stalled(mutex_pool, stalled.broadcasts)};
  const bus::Pool::ClassUsage usage = takt.pool().usage(0);
  stalled.entries_left.takt = usage.total - usage.in_use;
  while (mutex_pool.pool().try_alloc() != nullptr) ++stalled.entries_left.mutex_pool;
  return stalled;
}

BusExhausted measure_exhausted() {
  constexpr unsigned kAttempts = 20'000;
  const LinuxClock clock;
  FutexWaiter waiter{clock};
  TaktWay takt(64, 1, kDepth, 8, &waiter);
  std::deque<bus::Loan<bus::Bytes>> held;
  for (;;) {
    Result<bus::Loan<bus::Bytes>> loan = takt.bus().try_alloc(kTopic, 64, bus::kNobody);
    if (!loan.ok()) break;
    held.push_back(std::move(loan.value()));
  }
  BusExhausted exhausted;
  const steady_clock::time_point start = steady_clock::now();
  for (unsigned i = 0; i < kAttempts; ++i) {
    const bool lent = takt.bus().try_alloc(kTopic, 64, bus::kNobody).ok();
    TAKT_ASSERT(!lent);
  }
  exhausted.failing_try_alloc_ns = nanos_since(start) / kAttempts;
  exhausted.failures_counted = takt.pool().usage(0).failures;
  const steady_clock::time_point waiting = steady_clock::now();
  const Status status =
      takt.bus().alloc_for(kTopic, 64, bus::kNobody, clock.now(), Micros{2'000}).status();
  TAKT_ASSERT(status == Status::kTimeout);
  exhausted.alloc_for_waited_us = nanos_since(waiting) / 1'000;
  return exhausted;
}

BusCrossover find_crossover(unsigned consumers, double effort) {
  constexpr std::array<unsigned, 9> kSizes{16, 32, 64, 128, 256, 512, 1'024, 1'536, 2'048};
  BusCrossover crossover{consumers, 0, 0};
  bool beats_section = true;
  // From the largest down, so that one lucky small size does not pass for the crossover.
  for (auto size = kSizes.rbegin(); size != kSizes.rend(); ++size) {
    const Measured measured = measure(*size, consumers, 1, effort);
    if (measured.ns.takt > measured.ns.copied) break;
    crossover.payload_bytes = *size;
    beats_section = beats_section && measured.ns.takt <= measured.device_ns.copied_section;
    if (beats_section) crossover.section_payload_bytes = *size;
  }
  return crossover;
}

}  // namespace

BusBench bench_bus(double effort) {
  // From the first thread on the C library's locks are real ones.
  std::thread([] {}).join();
  BusBench bench;
  for (const unsigned threads : {1U, 2U}) {
    for (const unsigned bytes : {64U, 1'108U}) {
      for (const unsigned consumers : {1U, 4U, 16U}) {
        bench.cases.push_back(measure_case(bytes, consumers, threads, effort));
      }
    }
  }
  bench.memory = measure_memory();
  bench.stalled = measure_stalled();
  bench.exhausted = measure_exhausted();
  for (const unsigned consumers : {1U, 4U, 16U}) {
    bench.crossover.push_back(find_crossover(consumers, effort / 2));
  }
  return bench;
}

}  // namespace takt
